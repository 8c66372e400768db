"""A Chromium at a real server of ours, which must not complain of anything while it is open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from bodydouble.testing import Emulator
from bodydouble.testing.sandbox import Sandbox
from tests.vendors.asking import asking
from tests.web.browser import chromium

# Generous, because a film may be drawn meanwhile, and machines of CI are slow.
WAIT_MS = 30_000


@contextmanager
def opened(emulator: Emulator, path: str = "/") -> Iterator[Any]:
    """A page of the server; an error in its console, a refusal by its policy included, fails."""
    from playwright.sync_api import expect

    expect.set_options(timeout=WAIT_MS)
    with chromium() as running:
        page = running.new_page()
        troubles: list[str] = []

        def said(message: Any) -> None:
            if message.type in ("error", "warning"):
                troubles.append(message.text)

        page.on("console", said)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.troubles = troubles
        page.goto(emulator.url + path)
        yield page
        assert not troubles, troubles


def order(sandbox: Sandbox, prompt: str = "a fox", vendor: str = "smartlyq", **more: Any) -> str:
    """A job, ordered over a socket as any client would; its id, or the status of a refusal."""
    known = asking(vendor)
    answer = httpx.post(
        sandbox.emulator.url + known.submit_path,
        json=known.body(prompt, **more),
        headers=known.headers(sandbox.keys[vendor]),
    )
    return known.job(answer) if answer.is_success else str(answer.status_code)


def ui(sandbox: Sandbox, tab: str) -> str:
    return f"/_bodydouble/ui/{sandbox.id}/{tab}"
