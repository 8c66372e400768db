"""The video that a demonstration asks of OpenAI: the least that there is."""

from __future__ import annotations

from bodydouble.core.samples import Sample

SAMPLE = Sample(
    create="/v1/videos",
    body={
        "model": "sora-2",
        "prompt": "a paper boat crosses a puddle at dawn",
        "seconds": "4",
        "size": "1280x720",
    },
    seconds=4,
    width=1280,
    height=720,
    job=lambda reply: str(reply["id"]),
    poll="/v1/videos/{job}",
    link=lambda reply: f"/v1/videos/{reply['id']}/content",
)
