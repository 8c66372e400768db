"""OpenAI's official Python client, unmodified, at its videos; prints what it got as JSON.

Started by the Python that has the client installed. Arguments: the API's base URL, a key, and the
address of a sandbox whose clock it moves. It asserts nothing, and knows the client and HTTP alone.
"""

from __future__ import annotations

import json
import struct
import sys
import threading
import urllib.request
import warnings
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from typing import Any

# By name: no checker of types knows this client, which has an environment of its own.
openai: Any = import_module("openai")
warnings.simplefilter("ignore")  # every method of videos says that it is deprecated
FILM = ("boat.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video/mp4")
ORDER = {"model": "sora-2", "seconds": "4", "size": "1280x720"}


def picture(width: int, height: int) -> bytes:
    """A red PNG."""
    rows = (b"\0" + b"\xff\0\0" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def read(call: Callable[[], Any]) -> Any:
    """What a call gives, or the exception it ends in, as plain data."""
    try:
        answer = call()
    except openai.APIStatusError as error:
        raised = {"raised": type(error).__name__, "status": error.status_code}
        return {**raised, "code": error.code, "param": error.param, "message": error.message}
    return answer.to_dict(mode="json") if hasattr(answer, "to_dict") else answer


class Receiver(BaseHTTPRequestHandler):
    """Keeps what is posted."""

    def do_POST(self) -> None:
        """Takes one delivery."""
        size = int(self.headers["content-length"])
        got: list[Any] = self.server.got  # type: ignore[attr-defined]
        got.append((dict(self.headers.items()), self.rfile.read(size)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


class Walk:
    """One client, one key, and the sandbox whose clock is moved."""

    def __init__(self, url: str, key: str, sandbox: str) -> None:
        self.url, self.key, self.sandbox = url, key, sandbox
        self.asked: list[dict[str, str]] = []
        self.pauses: list[str | None] = []
        http = httpx_client(self)
        self.client = openai.OpenAI(api_key=key, base_url=url, max_retries=0, http_client=http)

    def pass_time(self) -> None:
        """Lets everything that was begun come to its end."""
        body, kind = json.dumps({"until": "idle"}).encode(), {"content-type": "application/json"}
        asked = urllib.request.Request(f"{self.sandbox}/clock", body, kind, method="PATCH")
        urllib.request.urlopen(asked, timeout=60).close()

    def story(self) -> dict[str, Any]:
        """From an order to its film, pictures, and the end of it."""
        videos: Any = self.client.videos
        said: dict[str, Any] = {}
        said["create"] = read(lambda: videos.create(prompt="a paper boat", **ORDER))
        said["retrieve"] = read(lambda: videos.retrieve(said["create"]["id"]))
        said["delete_running"] = read(lambda: videos.delete(said["create"]["id"]))
        self.asked.clear()
        self.pauses.clear()
        done = videos.create_and_poll(prompt="a boat [[bodydouble: finish after=1s]]", **ORDER)
        said["create_and_poll"] = read(lambda: done)
        said["poll_helpers"] = sorted(
            {one.get("x-stainless-poll-helper", "") for one in self.asked}
        )
        said["pauses"] = sorted({pause or "" for pause in self.pauses})
        self.pass_time()
        for variant in ("video", "thumbnail", "spritesheet"):
            file = videos.download_content(done.id, variant=variant)
            kind = file.response.headers["content-type"]
            said[variant] = {
                "type": kind,
                "head": file.content[:12].hex(),
                "bytes": len(file.content),
            }
        said["remix"] = read(lambda: videos.remix(done.id, prompt="again"))
        said["edit"] = read(lambda: videos.edit(prompt="rain", video=FILM))
        said["extend"] = read(lambda: videos.extend(prompt="on", seconds="8", video=FILM))
        made = videos.create_character(name="Mossy", video=FILM)
        said["character"] = read(lambda: videos.get_character(made.id))
        body = {"characters": [{"id": made.id}]}
        json_order = {"model": "sora-2", "prompt": "Mossy runs", **body}
        said["with_character"] = read(
            lambda: self.client.post("/videos", body=json_order, cast_to=object)
        )
        frame = ("boat.png", picture(1280, 720), "image/png")
        said["with_picture"] = read(
            lambda: videos.create(prompt="it moves", input_reference=frame, **ORDER)
        )
        self.pass_time()
        said["with_picture_done"] = read(lambda: videos.retrieve(said["with_picture"]["id"]))
        said["listed"] = [one.id for one in videos.list(limit=2)]
        said["oldest"] = [one.id for one in videos.list(limit=100, order="asc")]
        said["delete"] = read(lambda: videos.delete(done.id))
        said["after_delete"] = read(lambda: videos.retrieve(done.id))
        return said

    def refusals(self) -> dict[str, Any]:
        """One exception of each kind."""
        create = self.client.videos.create
        small = ("boat.png", picture(64, 36), "image/png")
        stranger = openai.OpenAI(
            api_key="sk-nobody-issued-this-key", base_url=self.url, max_retries=0
        )
        failing = read(lambda: create(prompt="x [[bodydouble: fail=moderated after=1s]]", **ORDER))
        self.pass_time()
        return {
            "funds": read(lambda: create(prompt="x [[bodydouble: refuse=funds]]", **ORDER)),
            "rate": read(lambda: create(prompt="x [[bodydouble: refuse=rate]]", **ORDER)),
            "moderated": read(lambda: create(prompt="x [[bodydouble: refuse=moderated]]", **ORDER)),
            "failed": read(lambda: self.client.videos.retrieve(failing["id"])),
            "seconds": read(lambda: create(prompt="x", seconds="5")),
            "size": read(lambda: create(prompt="x", model="sora-2", size="1792x1024")),
            "picture": read(lambda: create(prompt="x", input_reference=small, **ORDER)),
            "prompt": read(lambda: create(prompt="")),
            "unknown": read(lambda: self.client.videos.retrieve("video_000")),
            "content": read(lambda: self.client.videos.download_content(create(prompt="x").id)),
            "stranger": read(stranger.videos.list),
        }

    def retried(self) -> dict[str, Any]:
        """How often the client asks, with its own two retries, before it gives a 429 back."""
        self.asked.clear()
        client = openai.OpenAI(api_key=self.key, base_url=self.url, http_client=httpx_client(self))
        prompt = "x [[bodydouble: refuse=rate]]"
        last = read(lambda: client.videos.create(prompt=prompt, extra_headers={}))
        counts = [one["x-stainless-retry-count"] for one in self.asked]
        return {"raised": last["raised"], "attempts": counts}

    def webhooks(self) -> dict[str, Any]:
        """An endpoint of its own, told of two ends, each verified by the client."""
        server = HTTPServer(("127.0.0.1", 0), Receiver)
        server.got = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hooks: Any = self.client.webhooks
        said: dict[str, Any] = {}
        url = f"http://127.0.0.1:{server.server_port}/"
        made = hooks.create(event_types=["video.completed", "video.failed"], name="mine", url=url)
        secret = made.signing_secret
        said["listed"] = [one.to_dict(mode="json") for one in hooks.list()]
        said["tried"] = read(lambda: hooks.test(made.id, event_type="video.completed"))
        good = self.client.videos.create(prompt="x", **ORDER)
        bad = self.client.videos.create(prompt="x [[bodydouble: fail=moderated]]", **ORDER)
        self.pass_time()
        got: list[Any] = server.got  # type: ignore[attr-defined]
        events = [hooks.unwrap(body, headers, secret=secret) for headers, body in got]
        said["events"] = [(one.type, one.data.id) for one in events]
        said["ids"] = [good.id, bad.id]
        headers, body = got[-1]
        said["altered"] = refused(hooks, body.replace(b"video", b"vide0"), headers, secret)
        other = "whsec_" + "AAAA" * 8
        said["other_secret"] = refused(hooks, body, headers, other)
        stale = {**headers, "webhook-timestamp": "1700000000"}
        said["stale"] = refused(hooks, body, stale, secret)
        newer = hooks.rotate_secret(
            made.id, keep_old_secret_active_for_24_hours=True
        ).signing_secret
        self.client.videos.create(prompt="x", **ORDER)
        self.pass_time()
        headers, body = got[-1]
        said["both"] = [refused(hooks, body, headers, one) for one in (secret, newer)]
        said["changed"] = read(lambda: hooks.update(made.id, event_types=["video.failed"]))
        said["deleted"] = read(lambda: hooks.delete(made.id))
        said["gone"] = read(lambda: hooks.retrieve(made.id))
        said["types"] = self.client.webhooks.event_types.list().data
        server.shutdown()
        return said


def refused(hooks: Any, body: bytes, headers: dict[str, str], secret: str) -> str:
    """Why the client's verifier takes no delivery; empty where it does."""
    try:
        hooks.verify_signature(payload=body, headers=headers, secret=secret)
    except openai.InvalidWebhookSignatureError as error:
        return str(error)
    return ""


def httpx_client(walk: Walk) -> Any:
    """The client's own HTTP, which notes what was asked and how long it was told to wait."""

    def note(request: Any) -> None:
        walk.asked.append(dict(request.headers))

    def noted(response: Any) -> None:
        walk.pauses.append(response.headers.get("openai-poll-after-ms"))

    hooks: dict[str, Any] = {"request": [note], "response": [noted]}
    return openai.DefaultHttpxClient(event_hooks=hooks)


def main(url: str, key: str, sandbox: str) -> None:
    """Prints everything as one JSON object."""
    walk = Walk(url, key, sandbox)
    report = {
        "version": openai.__version__,
        # First: the verifier asks this machine's clock, and the sandbox's is moved ahead of it.
        "webhooks": walk.webhooks(),
        "story": walk.story(),
        "refusals": walk.refusals(),
        "retried": walk.retried(),
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
