"""The video that a demonstration asks of Ark: square and small."""

from __future__ import annotations

from bodydouble.core.samples import Sample

SAMPLE = Sample(
    create="/api/v3/contents/generations/tasks",
    body={
        "model": "doubao-seedance-2-0-fast-260128",
        "content": [{"type": "text", "text": "a paper boat crosses a puddle at dawn"}],
        "resolution": "480p",
        "ratio": "1:1",
        "duration": 4,
    },
    seconds=4,
    width=640,
    height=640,
    job=lambda reply: str(reply["id"]),
    poll="/api/v3/contents/generations/tasks/{job}",
    link=lambda reply: str(reply["content"]["video_url"]),
)
