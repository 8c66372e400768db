"""The video that a demonstration asks of Gemini: an interaction in the background."""

from __future__ import annotations

from typing import Any

from bodydouble.core.samples import Sample


def _link(reply: Any) -> str:
    content = [one for step in reply["steps"] for one in step["content"]]
    return "/v1beta/files/" + str(content[-1]["uri"]).rpartition("/files/")[2]


SAMPLE = Sample(
    create="/v1beta/interactions",
    body={
        "model": "gemini-omni-1.2-flash",
        "input": "a paper boat crosses a puddle at dawn",
        "background": True,
        "response_format": [
            {
                "type": "video",
                "duration": "4s",
                "resolution": "720p",
                "aspect_ratio": "16:9",
                "delivery": "uri",
            }
        ],
    },
    seconds=4,
    width=1280,
    height=720,
    job=lambda reply: str(reply["id"]),
    poll="/v1beta/interactions/{job}",
    link=_link,
)
