"""The page's frame over HTTP: who is let in, what may run in it, and links that hold anywhere."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from bodydouble.web.app import Application
from bodydouble.web.http import streams
from bodydouble.web.http.streams import Streams, TooMany
from bodydouble.web.page.guard import COOKIE
from bodydouble.web.settings import Settings

HOME, UI = "/_bodydouble/", "/_bodydouble/ui"
OWN = {"origin": "http://localhost"}
LINK = re.compile(r'(?:href|src|action|hx-get|poster)="([^"]*)"')
TOKEN = {"control_token": "hush"}


@asynccontextmanager
async def client(base: str = "http://localhost", **settings: Any) -> AsyncIterator[Any]:
    app = Application(Settings(seed=1, **settings))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=base) as opened:
        yield opened


async def test_a_browser_is_led_from_the_root_to_the_page_and_a_program_is_not() -> None:
    async with client() as http:
        led = await http.get("/", headers={"accept": "text/html,*/*"})
        assert (led.status_code, led.headers["location"]) == (303, "./_bodydouble/")
        assert (await http.get("/")).json()["bodydouble"]
        assert (await http.get("/_bodydouble")).headers["location"] == "./_bodydouble/"
        assert (await http.get(HOME)).status_code == 200


async def test_where_a_vendor_has_the_root_it_keeps_it() -> None:
    async with client(only="smartlyq") as http:
        kept = await http.get("/", headers={"accept": "text/html"})
        assert kept.status_code == 404
        assert kept.json()["error"]["code"] == "RESOURCE_NOT_FOUND"
        assert "http://localhost/v1" in (await http.get(HOME)).text


async def test_looking_at_the_start_makes_nothing() -> None:
    async with client() as http:
        first = (await http.get(HOME)).text
        assert first == (await http.get(HOME)).text
        assert (await http.get("/_bodydouble/sandboxes")).json()["total"] == 0


async def test_every_page_forbids_what_is_not_its_own_and_holds_no_inline_code() -> None:
    async with client() as http:
        for path in (HOME, f"{UI}/nowhere", f"{UI}/static/none.js"):
            answer = await http.get(path)
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; ")
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", answer.text)
            assert not re.search(r'(?:href|src)="(?:https?:)?//', answer.text)


async def test_every_link_is_relative_and_leads_somewhere() -> None:
    async with client() as http:
        text = (await http.get(HOME)).text
        links = set(LINK.findall(text))
        assert len(links) > 8
        for link in links:
            assert not link.startswith("/"), link
            if link.endswith("/new") or link.startswith("#"):
                continue
            below = urljoin(f"http://localhost/some/prefix{HOME}", link)
            assert below.startswith("http://localhost/some/prefix/"), link
            found = await http.get(urljoin(f"http://localhost{HOME}", link))
            assert found.status_code == 200, link


async def test_files_of_the_page_are_kept_by_the_browser_and_no_others_are_served() -> None:
    async with client() as http:
        text = (await http.get(HOME)).text
        script = re.search(r'src="[./]*([^"]*page\.js\?v=\w+)"', text)
        assert script
        answer = await http.get("/" + script[1])
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].startswith("text/javascript")
        for name in ("htmx-LICENSE", "..%2f__init__.py", "%2e%2e"):
            assert (await http.get(f"{UI}/static/{name}")).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "null"},
        {**OWN, "sec-fetch-site": "cross-site"},
        {**OWN, "sec-fetch-site": "same-site"},
    ],
    ids=str,
)
async def test_a_form_counts_only_where_it_was_sent_from_this_page(headers: Any) -> None:
    async with client() as http:
        for path in (f"{UI}/new", f"{UI}/sign-in"):
            assert (await http.post(path, headers=headers)).status_code == 403
        assert (await http.get("/_bodydouble/sandboxes")).json()["total"] == 0


async def test_a_form_of_this_page_counts_and_its_keys_are_told() -> None:
    async with client() as http:
        form = {"label": "<b>mine</b>", "frozen": "1"}
        made = await http.post(f"{UI}/new", data=form, headers=OWN)
        assert made.status_code == 201
        assert "&lt;b&gt;mine" in made.text
        assert "<b>mine" not in made.text
        (row,) = (await http.get("/_bodydouble/sandboxes")).json()["sandboxes"]
        assert (row["label"], row["clock"]["rate"]) == ("<b>mine</b>", 0)
        assert row["id"] in (await http.get(HOME)).text


async def test_behind_a_proxy_its_address_is_this_page_and_a_forged_one_is_not() -> None:
    async with client(**TOKEN) as http:
        seen = {"x-forwarded-proto": "https", "x-forwarded-host": "video.test"}
        seen["x-bodydouble-token"] = "hush"
        for origin, status in (("https://video.test", 201), ("https://other.test", 403)):
            answer = await http.post(f"{UI}/new", headers={**seen, "origin": origin})
            assert answer.status_code == status


async def test_a_name_that_was_rebound_shows_nothing() -> None:
    async with client("http://evil.example") as http:
        answer = await http.get(HOME)
        assert answer.status_code == 403
        assert "sk-" not in answer.text


async def test_where_the_server_listens_to_others_without_a_token_it_says_what_to_do() -> None:
    async with client(host="0.0.0.0") as http:
        answer = await http.get(HOME)
        assert answer.status_code == 403
        assert "--control-token" in answer.text


async def test_behind_a_token_there_is_a_form_and_a_cookie_that_does_not_hold_it() -> None:
    async with client(**TOKEN, host="0.0.0.0") as http:
        asked = await http.get(HOME)
        assert asked.status_code == 401
        assert 'type="password"' in asked.text
        wrong = await http.post(f"{UI}/sign-in", data={"token": "hash"}, headers=OWN)
        assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
        right = await http.post(f"{UI}/sign-in", data={"token": "hush"}, headers=OWN)
        cookie = right.headers["set-cookie"].lower()
        assert right.status_code == 303
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "hush" not in cookie
        assert (await http.get(HOME)).status_code == 200
        assert (await http.post(f"{UI}/new", headers=OWN)).status_code == 201
        assert (await http.post(f"{UI}/new")).status_code == 403
        # The cookie opens the page and nothing else.
        assert (await http.get("/_bodydouble/sandboxes")).status_code == 401
        http.cookies.set(COOKIE, "0" * 64)
        assert (await http.get(HOME)).status_code == 401


async def test_a_form_too_long_or_too_wide_is_refused() -> None:
    async with client() as http:
        long = await http.post(f"{UI}/new", data={"label": "x" * 70_000}, headers=OWN)
        assert long.status_code == 413
        wide = await http.post(f"{UI}/new", data={f"f{n}": "1" for n in range(200)}, headers=OWN)
        assert wide.status_code == 400
        assert (await http.get("/_bodydouble/sandboxes")).json()["total"] == 0


def test_nothing_of_the_page_is_loaded_before_it_is_opened() -> None:
    code = (
        "import asyncio, sys, httpx\n"
        "from bodydouble.web.app import Application\n"
        "async def main():\n"
        "    http = httpx.AsyncClient(transport=httpx.ASGITransport(Application()),"
        " base_url='http://localhost')\n"
        "    assert (await http.post('/_bodydouble/sandboxes')).status_code == 201\n"
        "asyncio.run(main())\n"
        "print('jinja2' in sys.modules, 'bodydouble.web.page.routes' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


class Reader:
    """A client of one stream: what was sent to it, and the moment at which it leaves."""

    def __init__(self) -> None:
        self.sent = b""
        self.leaves = asyncio.Event()
        self.news = asyncio.Event()

    async def receive(self) -> Any:
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent += message.get("body", b"")
        self.news.set()


async def test_a_stream_ends_when_its_reader_leaves_and_when_the_server_is_told_to_stop() -> None:
    many = Streams()
    counted = iter(range(1_000))

    async def marks() -> dict[str, str]:
        return {"jobs": str(next(counted)), "wallet": "same"}

    async with asyncio.timeout(10):
        for stop in ("leaves", "closes"):
            reader = Reader()
            scope = {"type": "http", "method": "GET"}
            running = asyncio.create_task(many.of(marks)(scope, reader.receive, reader.send))
            while b"event: jobs" not in reader.sent:
                reader.news.clear()
                await reader.news.wait()
            assert reader.sent.startswith(b"event: hello\ndata: jobs=")
            assert b"event: wallet" not in reader.sent
            assert many.open == 1
            reader.leaves.set() if stop == "leaves" else many.close()
            await running
            assert many.open == 0
    with pytest.raises(TooMany):
        many.of(marks)


async def test_streams_are_bounded_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    async def marks() -> dict[str, str]:
        return {}

    many = Streams()
    monkeypatch.setattr(streams, "OPEN_MAX", 2)
    many.open = 2
    with pytest.raises(TooMany, match="2 requests wait for changes"):
        many.of(marks)
