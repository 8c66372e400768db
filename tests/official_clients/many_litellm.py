"""LiteLLM's `video_generation` at one vendor after the other; prints what it got as JSON.

Started by the Python that has the client installed. Argument: a JSON list of calls, each with a
name, LiteLLM's own name of the provider, the API's base URL, a key, a model and its options.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import litellm

litellm.suppress_debug_info = True
TRIES = 400


def film(call: dict[str, Any]) -> dict[str, Any]:
    """One video from its order to its bytes, and what the client says of a wrong key."""
    where: dict[str, Any] = {"api_base": call["base"], "custom_llm_provider": call["provider"]}
    mine = {**where, "api_key": call["key"]}
    order = {"model": call["model"], "prompt": "a paper boat", **call["options"]}
    made = litellm.video_generation(**order, **mine)
    seen = made
    for _ in range(TRIES):
        seen = litellm.video_status(video_id=made.id, **mine)
        if seen.status in ("completed", "failed"):
            break
        time.sleep(0.05)
    data = litellm.video_content(video_id=made.id, **mine)
    said = {"made": made.status, "seen": seen.status, "brand": data[4:8].decode("latin-1")}
    try:
        litellm.video_generation(**order, **where, api_key="nobody")
    except Exception as error:
        said["stranger"] = getattr(error, "status_code", repr(error))
    return said


def main() -> None:
    """Walks and prints."""
    said: dict[str, Any] = {}
    for call in json.loads(sys.argv[1]):
        try:
            said[call["name"]] = film(call)
        except Exception as error:
            said[call["name"]] = {"raised": f"{type(error).__name__}: {error}"[:2000]}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
