"""The video that a demonstration asks of InfinityBlue."""

from __future__ import annotations

from bodydouble.core.samples import Sample
from bodydouble.providers.newapi.conventions import usd_available

SAMPLE = Sample(
    create="/v1/video/generations",
    body={
        "model": "kling-v2-5-turbo",
        "prompt": "a paper boat crosses a puddle at dawn",
        "duration": 5,
        "width": 1280,
        "height": 720,
        "fps": 30,
    },
    seconds=5,
    width=1280,
    height=720,
    job=lambda reply: str(reply["task_id"]),
    poll="/v1/video/generations/{job}",
    link=lambda reply: str(reply["url"]),
    wallet="/api/usage/token/",
    balance=usd_available,
    usual=True,
)
