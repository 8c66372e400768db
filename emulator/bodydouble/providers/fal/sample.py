"""The video that a demonstration asks of fal: from text, through the queue."""

from __future__ import annotations

from typing import Any

from bodydouble.core.samples import Sample


def _credits(reply: Any) -> str:
    return f"{reply['credits']['current_balance']} USD"


SAMPLE = Sample(
    create="/fal-ai/wan-25-preview/text-to-video",
    body={
        "prompt": "a paper boat crosses a puddle at dawn",
        "resolution": "720p",
        "aspect_ratio": "9:16",
        "duration": "5",
    },
    seconds=5,
    width=720,
    height=1280,
    job=lambda reply: str(reply["request_id"]),
    poll="/fal-ai/wan-25-preview/requests/{job}/status",
    result="/fal-ai/wan-25-preview/requests/{job}",
    link=lambda reply: str(reply["video"]["url"]),
    wallet="/v1/account/billing?expand=credits",
    balance=_credits,
)
