"""LiteLLM at OpenAI's videos, unmodified; prints what it got as JSON.

Started by the Python that has the client installed. Arguments: the API's base URL, a key, and the
address of a sandbox whose clock it moves. LiteLLM has no verifier of webhooks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import httpx

# By name: no checker of types knows this client, which has an environment of its own.
litellm: Any = import_module("litellm")
litellm.suppress_debug_info = True
ORDER = {"model": "sora-2", "seconds": "4", "size": "1280x720"}


def read(call: Callable[[], Any]) -> Any:
    """What a call gives, or the exception it ends in, as plain data."""
    try:
        answer = call()
    except Exception as error:
        kind = type(error).__name__
        return {
            "raised": kind,
            "status": getattr(error, "status_code", 0),
            "text": str(error)[:500],
        }
    return json.loads(answer.model_dump_json()) if hasattr(answer, "model_dump_json") else answer


def main(url: str, key: str, sandbox: str) -> None:
    """Walks and prints."""
    at: dict[str, Any] = {"api_base": url, "custom_llm_provider": "openai"}
    mine = {**at, "api_key": key}

    def order(prompt: str) -> Any:
        return litellm.video_generation(prompt=prompt, **ORDER, **mine)

    def pass_time() -> None:
        httpx.patch(f"{sandbox}/clock", json={"until": "idle"}).raise_for_status()

    made = order("a paper boat")
    failing = order("x [[bodydouble: fail=moderated after=1s]]")
    said: dict[str, Any] = {"made": read(lambda: made)}
    said["seen"] = read(lambda: litellm.video_status(video_id=made.id, **mine))
    pass_time()
    said["done"] = read(lambda: litellm.video_status(video_id=made.id, **mine))
    said["failed"] = read(lambda: litellm.video_status(video_id=failing.id, **mine))
    said["film"] = litellm.video_content(video_id=made.id, **mine)[4:8].decode("latin-1")
    thumbnail = litellm.video_content(video_id=made.id, variant="thumbnail", **mine)
    said["thumbnail"] = thumbnail[8:12].decode("latin-1")
    said["remix"] = read(lambda: litellm.video_remix(video_id=made.id, prompt="again", **mine))
    said["edit"] = read(lambda: litellm.video_edit(video_id=made.id, prompt="rain", **mine))
    said["extension"] = read(
        lambda: litellm.video_extension(video_id=made.id, prompt="on", seconds="8", **mine)
    )
    said["list"] = read(lambda: litellm.video_list(limit=2, **mine))
    for word in ("moderated", "funds", "rate"):
        said[word] = read(partial(order, f"x [[bodydouble: refuse={word}]]"))
    said["stranger"] = read(
        lambda: litellm.video_generation(prompt="x", **ORDER, **at, api_key="sk-" + "nobody" * 5)
    )
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
