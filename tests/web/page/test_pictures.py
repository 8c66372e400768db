"""The pictures of the documentation: taken anew where BODYDOUBLE_PICTURES is set, always there."""

from __future__ import annotations

import os

import pytest

from bodydouble.testing import Emulator
from tests.architecture.tree import ROOT
from tests.web.browser import needed
from tests.web.page.furnished import furnished
from tests.web.page.opening import opened, ui

pytestmark = [pytest.mark.browser, needed]
DOCS = ROOT / "docs"
NAMES = (
    "page-start",
    "page-jobs",
    "page-jobs-dark",
    "page-jobs-phone",
    "page-request",
    "page-film",
)


def test_the_pictures_of_the_documentation_are_there() -> None:
    for name in NAMES:
        assert (DOCS / f"{name}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif("BODYDOUBLE_PICTURES" not in os.environ, reason="taken on demand")
def test_pictures_are_taken() -> None:
    with (
        Emulator(seed=1, port=8750) as emulator,
        emulator.sandbox(seed=7, start="2026-07-26T09:41:22Z", label="my first film") as sandbox,
    ):
        furnished(emulator, sandbox)
        with opened(emulator) as page:
            page.set_viewport_size({"width": 1280, "height": 860})
            page.screenshot(path=DOCS / "page-start.png")
            page.goto(emulator.url + ui(sandbox, "jobs"))
            for name, theme, width in (
                ("page-jobs", "light", 1280),
                ("page-jobs-dark", "dark", 1280),
                ("page-jobs-phone", "light", 360),
            ):
                page.emulate_media(color_scheme=theme)
                page.set_viewport_size({"width": width, "height": 760})
                page.wait_for_selector("#stream[data-state=live]")
                page.evaluate(
                    "fetch(document.querySelector('video').poster).then(answer => answer.blob())"
                )
                # Its controls turn a ring until it has settled for loading nothing.
                page.wait_for_function("document.querySelector('video').networkState === 1")
                page.wait_for_timeout(500)
                page.screenshot(path=DOCS / f"{name}.png")
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": 1280, "height": 860})
            page.goto(emulator.url + ui(sandbox, "requests/2"))
            page.screenshot(path=DOCS / "page-request.png")
            film = next(job["id"] for job in sandbox.jobs.all(state="succeeded"))
            page.goto(emulator.url + ui(sandbox, f"jobs/{film}"))
            page.set_viewport_size({"width": 1280, "height": 640})
            page.evaluate(
                "new Promise(done => { const film = document.querySelector('video');"
                " film.ontimeupdate = () => film.currentTime > 1.5 && done(); film.play(); })"
            )
            page.screenshot(path=DOCS / "page-film.png")
