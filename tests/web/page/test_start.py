"""The start page in a Chromium, at a real server: what is pasted runs, and is seen at once."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bodydouble.providers import load, names
from bodydouble.testing import Emulator
from tests.vendors.clients import node
from tests.web.browser import needed
from tests.web.page.opening import opened

pytestmark = [pytest.mark.browser, needed]
SAMPLED = [name for name in names() if load(name).sample is not None]
ENDINGS = {"curl": "sh", "Python": "py", "TypeScript": "mts"}


@pytest.fixture
def page(emulator: Emulator) -> Iterator[Any]:
    with opened(emulator) as page:
        yield page


def snippet(page: Any, vendor: str, language: str) -> str:
    return str(page.locator(f"#snippet-{vendor}-{language}").text_content())


def run(text: str, language: str, folder: Path) -> str:
    path = folder / f"snippet.{ENDINGS[language]}"
    path.write_text(text)
    starts = {"curl": ["bash"], "Python": [sys.executable], "TypeScript": node("node")}
    done = subprocess.run(
        [*starts[language], str(path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_pasted_runs_and_its_sandbox_appears(page: Any, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    page.wait_for_selector("#stream[data-state=live]")
    assert page.locator("#live .empty").count() == 1
    for seen, vendor in enumerate(SAMPLED, 1):
        for language in ENDINGS:
            said = run(snippet(page, vendor, language), language, tmp_path)
            assert "error" not in said.lower().replace('"error":null', ""), said
        expect(page.locator("#live tbody tr")).to_have_count(seen)
    jobs = page.locator("#live tbody tr").first.locator("td").nth(4)
    expect(jobs).to_have_text(re.compile("[23]"))


def test_the_start_is_readable_on_a_phone_and_by_keyboard(page: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("#theme").focus()
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.keyboard.press("Enter")
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after


def test_the_page_goes_live_however_late_its_scripts_come(page: Any, emulator: Emulator) -> None:
    held: list[Any] = []
    # The driver cannot mark a method that is written in C.
    page.route("**/hx-sse*", lambda route: held.append(route))  # noqa: PLW0108
    page.goto(f"{emulator.url}/_bodydouble/", wait_until="commit")
    # The first script is there, and had its turn, before the second comes.
    page.evaluate(
        "new Promise(done => { const look = () => window.htmx"
        " ? setTimeout(() => setTimeout(done)) : setTimeout(look); look(); })"
    )
    for route in held:
        route.continue_()
    page.wait_for_selector("#stream[data-state=live]")
