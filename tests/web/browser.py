"""A Chromium with one page of our own, served from another port than the emulator's.

The page's scripts ask what a test tells them to; its origin is this machine's, or that of a site
somewhere, whose name leads here as a rebound name does.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
ELSEWHERE = "page.example"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1",
]  # fmt: skip
PAGE = b"""<!doctype html><meta charset="utf-8"><title>Page</title><body><script>
// What an address answers; where the browser keeps that from the page, that it was kept.
async function ask(method, url, headers, body) {
  try {
    const answer = await fetch(url, {method, headers, body});
    const text = await answer.text();
    return {status: answer.status, text};
  } catch (error) {
    return {kept: String(error)};
  }
}
async function upload(url, fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xd9])]), "a.jpg");
  return ask("POST", url, {}, form);
}
// The size and length of a film, once a frame of it is there to be looked at.
function play(url, crossorigin) {
  return new Promise((resolve) => {
    const video = document.createElement("video");
    if (crossorigin) video.crossOrigin = crossorigin;
    video.muted = true;
    video.onloadeddata = () => resolve([video.videoWidth, video.videoHeight, video.duration]);
    video.onerror = () => resolve(null);
    video.src = url;
    document.body.append(video);
    video.play().catch(() => {});
  });
}
</script>"""

needed = pytest.mark.skipif(
    not (CHROMIUM or "CI" in os.environ), reason="chromium is not installed"
)


class _Served(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *words: Any) -> None:
        """Nothing."""


@contextmanager
def chromium() -> Iterator[Any]:
    """A Chromium, with nothing open."""
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "chromium is not installed, and CI must not skip what needs it"
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@contextmanager
def browser() -> Iterator[Any]:
    """Gives ``page(host)``, which opens the page under a host's name."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Served)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with chromium() as running:

            def page(host: str) -> Any:
                opened = running.new_page()
                opened.goto(f"http://{host}:{server.server_address[1]}/")
                return opened

            yield page
    finally:
        server.shutdown()
        server.server_close()
