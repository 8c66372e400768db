"""The video that a demonstration asks of UniAll: square, with sound."""

from __future__ import annotations

from bodydouble.core.samples import Sample
from bodydouble.providers.newapi.conventions import usd_available

SAMPLE = Sample(
    create="/v1/video/generations",
    body={
        "model": "kling-v3-std-audio",
        "prompt": "a paper boat crosses a puddle at dawn",
        "aspect_ratio": "1:1",
        "duration": 3,
    },
    seconds=3,
    width=720,
    height=720,
    job=lambda reply: str(reply["id"]),
    poll="/v1/videos/{job}",
    link=lambda reply: str(reply["video_url"]),
    wallet="/api/usage/token/",
    balance=usd_available,
    usual=True,
)
