"""The video that a demonstration asks of SmartlyQ: the create page's own example."""

from __future__ import annotations

from bodydouble.core.samples import Sample

SAMPLE = Sample(
    create="/v1/videos/generate",
    body={
        "model": "kling-v2-1",
        "type": "text_to_video",
        "prompt": "a paper boat crosses a puddle at dawn",
        "duration": 10,
        "mode": "Professional",
        "aspect_ratio": "16:9",
    },
    seconds=10,
    width=1280,
    height=720,
    job=lambda reply: str(reply["data"]["job_uid"]),
    poll="/v1/jobs/{job}",
    link=lambda reply: str(reply["data"]["result"]["url"]),
    wallet="/v1/me/balance",
    balance=lambda reply: f"{reply['data']['balance']} USD",
    usual=True,
)
