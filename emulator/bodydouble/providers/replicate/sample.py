"""The video that a demonstration asks of Replicate."""

from __future__ import annotations

from bodydouble.core.samples import Sample

SAMPLE = Sample(
    create="/v1/models/bytedance/seedance-1-pro/predictions",
    body={
        "input": {
            "prompt": "a paper boat crosses a puddle at dawn",
            "duration": 5,
            "resolution": "480p",
            "aspect_ratio": "1:1",
        }
    },
    seconds=5,
    width=480,
    height=480,
    job=lambda reply: str(reply["id"]),
    poll="/v1/predictions/{job}",
    link=lambda reply: str(reply["output"]),
)
