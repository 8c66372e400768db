"""OpenAI's official Python client, unmodified, ordering videos; prints what it got as JSON.

Started by the Python that has the client installed. Arguments: the API's base URL, a key, a model
that is refreshed live and one that is not. It asserts nothing and knows nothing of the emulator.
"""

from __future__ import annotations

import io
import json
import struct
import sys
import zlib
from collections.abc import Callable
from typing import Any

import openai


def picture() -> bytes:
    """A red PNG of 64 by 36 pixels."""
    rows = (b"\0" + b"\xff\0\0" * 64) * 36
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 64, 36, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def read(call: Callable[[], Any]) -> Any:
    """What a call gives, or the exception it ends in, as plain data."""
    try:
        answer = call()
    except openai.APIStatusError as error:
        return {
            "raised": type(error).__name__,
            "status": error.status_code,
            "body": error.response.text,
            "hint": error.response.headers.get("x-bodydouble-hint", ""),
        }
    return answer.to_dict(mode="json") if hasattr(answer, "to_dict") else answer


def main() -> None:
    """Walks and prints."""
    url, key, live, polled = sys.argv[1:]
    client = openai.OpenAI(api_key=key, base_url=url, max_retries=0)
    videos = client.videos
    said: dict[str, Any] = {"version": openai.__version__}
    prompt = "a paper boat"
    said["create"] = read(
        lambda: videos.create(model=polled, prompt=prompt, seconds="4", size="1280x720")
    )
    done = read(
        lambda: videos.create_and_poll(
            model=live, prompt=prompt, seconds="4", size="1280x720", poll_interval_ms=50
        )
    )
    said["create_and_poll"] = done
    if "id" in done:
        said["retrieve"] = read(lambda: videos.retrieve(done["id"]))
        film = videos.download_content(done["id"]).read()
        said["film"] = {"bytes": len(film), "brand": film[4:8].decode("latin-1")}
        said["remix"] = read(lambda: videos.remix(done["id"], prompt="again"))
        said["delete"] = read(lambda: videos.delete(done["id"]))
    file = ("boat.png", io.BytesIO(picture()), "image/png")
    said["with_picture"] = read(
        lambda: videos.create_and_poll(
            model=live, prompt=prompt, seconds="4", input_reference=file, poll_interval_ms=50
        )
    )
    said["list"] = read(videos.list)
    said["remix_unknown"] = read(lambda: videos.remix("task_none", prompt="again"))
    said["no_prompt"] = read(lambda: videos.create(model=live, prompt=""))
    said["no_model"] = read(lambda: videos.create(model="sora-99", prompt=prompt))
    stranger = openai.OpenAI(api_key="sk-nobody-issued-this", base_url=url, max_retries=0)
    said["stranger"] = read(lambda: stranger.videos.create(model=live, prompt=prompt))
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
