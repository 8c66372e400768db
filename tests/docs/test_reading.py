"""The site in a browser: each page asks its own server and no other, and so does the search."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.web.browser import chromium, needed

pytestmark = [pytest.mark.browser, pytest.mark.slow, needed]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: Any) -> None:
        """Nothing."""


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


# At a landing every fifth page, since all are made alike; at night each of them.
@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.nightly)])
def test_a_reader_fetches_nothing_from_elsewhere_and_finds_what_is_searched_for(
    address: str, site: Path, step: int
) -> None:
    asked: list[str] = []
    wrong: list[str] = []
    found = (path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html")))
    # Of the contracts' pages, which are all alike, the index and a first one.
    listed = [one for one in found if not re.match(r"reference/contracts/(?!ACC-01|index)", one)]
    with chromium() as running:
        page = running.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        for place in listed[::step]:
            page.goto(f"{address}/{place}")
        page.goto(f"{address}/index.html")
        page.keyboard.press("Control+k")
        page.keyboard.type("idempotency")
        page.get_by_text("Lose a reply").last.wait_for()
    assert [one for one in asked if not one.startswith((address, "data:", "blob:"))] == []
    assert wrong == []
