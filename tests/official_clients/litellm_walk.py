"""LiteLLM's `video_generation`, unmodified, as far as a film; prints what it got as JSON.

Started by the Python that has the client installed. Arguments: the API's base URL, a key, a model.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import litellm

TRIES = 200


def main() -> None:
    """Walks and prints."""
    url, key, model = sys.argv[1:4]
    where: dict[str, Any] = {"api_base": url, "api_key": key, "custom_llm_provider": "openai"}
    made = litellm.video_generation(
        model=model, prompt="a paper boat", seconds="4", size="1280x720", **where
    )
    seen = made
    for _ in range(TRIES):
        seen = litellm.video_status(video_id=made.id, **where)
        if seen.status in ("completed", "failed"):
            break
        time.sleep(0.05)
    film = litellm.video_content(video_id=made.id, **where)
    said = {"made": made.status, "seen": seen.status, "brand": film[4:8].decode("latin-1")}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
