"""A server that is told to stop while somebody watches it ends its streams, and stops at once."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from bodydouble.web.app import Application
from bodydouble.web.http.streams import OPEN_MAX
from bodydouble.web.settings import Settings
from tests.cli.shell import BODYDOUBLE, serving
from tests.web.browser import chromium, needed


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_open_streams_end_when_the_server_is_told_to_stop(told: int) -> None:
    words = [BODYDOUBLE, "serve", "--port", "0", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = json.loads(server.stdout.readline())["url"]
            made = httpx.post(f"{url}/_bodydouble/sandboxes").json()["id"]
            streams = [
                _opened(url, path)
                for path in ("/_bodydouble/ui/changes", f"/_bodydouble/ui/{made}/changes")
            ]
            server.send_signal(told)
            for stream in streams:
                rest = b""
                while chunk := stream.recv(4096):
                    rest += chunk
                # The last chunk of a whole answer: it ended, and was not cut off.
                assert rest.endswith(b"0\r\n\r\n")
                stream.close()
            server.wait(20)
        finally:
            server.kill()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_who_waits_for_a_request_is_answered_when_the_server_is_told_to_stop(told: int) -> None:
    words = [BODYDOUBLE, "serve", "--port", "0", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = json.loads(server.stdout.readline())["url"]
            made = httpx.post(f"{url}/_bodydouble/sandboxes").json()["id"]
            path = f"/_bodydouble/sandboxes/{made}/requests"
            waiting = _asked(url, f"{path}?wait_s=30")
            # What comes later is answered, so the first one is waiting by now.
            assert httpx.get(f"{url}{path}?wait_s=0").json()["total"] == 0
            server.send_signal(told)
            heard = b""
            while chunk := waiting.recv(4096):
                heard += chunk
            assert heard.startswith(b"HTTP/1.1 200")
            assert heard.endswith(b'{"requests":[],"total":0}')
            server.wait(20)
        finally:
            server.kill()


async def test_as_many_as_a_server_keeps_wait_and_no_more() -> None:
    app = Application(Settings(frozen=True, seed=1))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        made = (await client.post("/_bodydouble/sandboxes", json={})).json()["id"]
        path = f"/_bodydouble/sandboxes/{made}/requests"
        app.streams.open = OPEN_MAX
        assert (await client.get(f"{path}?wait_s=30")).status_code == 503
        assert (await client.get(f"{path}?wait_s=0")).status_code == 200
        app.streams.open, app.streams.closing = 0, True
        assert (await client.get(f"{path}?wait_s=30")).status_code == 503
    assert app.streams.open == 0


def _asked(url: str, path: str) -> socket.socket:
    there = urlsplit(url)
    opened = socket.create_connection((there.hostname, there.port), timeout=20)
    asked = f"GET {path} HTTP/1.1\r\nhost: {there.netloc}\r\nconnection: close\r\n\r\n"
    opened.sendall(asked.encode())
    return opened


def _opened(url: str, path: str) -> socket.socket:
    """A stream that has said its first word."""
    there = urlsplit(url)
    stream = socket.create_connection((there.hostname, there.port), timeout=20)
    stream.sendall(f"GET {path} HTTP/1.1\r\nhost: {there.netloc}\r\n\r\n".encode())
    heard = b""
    while b"event: hello" not in heard:
        heard += stream.recv(4096)
    return stream


@pytest.mark.browser
@needed
def test_a_server_that_is_gone_is_said_to_be_and_what_was_seen_stays() -> None:
    from playwright.sync_api import expect

    with ExitStack() as server, chromium() as running:
        url = server.enter_context(serving())["url"]
        made = httpx.post(f"{url}/_bodydouble/sandboxes", json={"label": "mine"}).json()["id"]
        page = running.new_page()
        page.goto(f"{url}/_bodydouble/ui/{made}/jobs")
        page.wait_for_selector("#stream[data-state=live]")
        server.close()
        expect(page.locator("#live-word")).to_contain_text("lost")
        expect(page.locator("#live .empty")).to_contain_text("No job yet.")
        expect(page.locator("#state")).to_contain_text("mine")
