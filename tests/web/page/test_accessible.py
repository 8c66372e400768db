"""axe-core finds nothing on any page, full or empty, light or dark, with the keys shown or not."""

from __future__ import annotations

import pytest

from bodydouble.testing import Emulator
from bodydouble.testing.sandbox import Sandbox
from tests.vendors.clients import Client, made
from tests.web.browser import needed
from tests.web.page.furnished import TABS, furnished
from tests.web.page.opening import opened, ui

pytestmark = [pytest.mark.browser, pytest.mark.registry, needed]
AXE = Client("", "node", "axe-core", "4.14.1")
NOWHERE = "/_bodydouble/ui/nobody/jobs"
FINDS = (
    "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.flatMap("
    "one => one.nodes.map(node => one.id + ': ' + node.html.slice(0, 200))))"
)


def test_axe_finds_nothing_on_any_page(emulator: Emulator, sandbox: Sandbox) -> None:
    axe = (made(AXE) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    with emulator.sandbox() as empty:
        paths = [*furnished(emulator, sandbox), *(ui(empty, tab) for tab in TABS)]
        with opened(emulator) as page:
            page.evaluate(axe + ";0")
            page.set_content("<img src=''><button></button>")
            assert len(page.evaluate(axe + ";0") or page.evaluate(FINDS)) >= 2, "axe sees nothing"
            page.troubles.clear()
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                for path in (*paths, NOWHERE):
                    page.goto(emulator.url + path)
                    page.evaluate(axe + ";0")
                    assert page.evaluate(FINDS) == [], f"{theme} {path}"
                page.troubles.clear()  # the browser notes the 404 itself
                page.keyboard.press("?")
                assert page.locator("dialog[open]").count() == 1
                assert page.evaluate(FINDS) == [], f"{theme} keys"
                page.goto(emulator.url + "/_bodydouble/")
                page.get_by_role("button", name="make a sandbox").click()
                page.evaluate(axe + ";0")
                assert page.locator("h1").text_content() == "Your sandbox is ready"
                assert page.evaluate(FINDS) == [], f"{theme} made"


def test_axe_finds_nothing_on_the_form_for_the_token() -> None:
    axe = (made(AXE) / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    with Emulator(control_token="hush") as emulator, opened(emulator, "/_bodydouble/") as page:
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.evaluate(axe + ";0")
            assert page.locator("[name=token]").count() == 1
            assert page.evaluate(FINDS) == [], theme
        page.troubles.clear()  # the browser notes the 401 itself
