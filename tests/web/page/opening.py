"""A Chromium at a real server of ours, which must not complain of anything while it is open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bodydouble.testing import Emulator
from tests.web.browser import chromium


@contextmanager
def opened(emulator: Emulator, path: str = "/") -> Iterator[Any]:
    """A page of the server; an error in its console, a refusal by its policy included, fails."""
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
