"""The video that a demonstration asks of Leonardo: upright, from text."""

from __future__ import annotations

from typing import Any

from bodydouble.core.samples import Sample

_PARTS = ("apiPaidTokens", "apiSubscriptionTokens")


def _credits(reply: Any) -> str:
    return f"{sum(reply['user_details'][0][name] or 0 for name in _PARTS)} credits"


SAMPLE = Sample(
    create="/api/rest/v1/generations-text-to-video",
    body={
        "prompt": "a paper boat crosses a puddle at dawn",
        "model": "KLING2_5",
        "resolution": "RESOLUTION_1080",
        "duration": 5,
        "width": 1080,
        "height": 1920,
    },
    seconds=5,
    width=1080,
    height=1920,
    job=lambda reply: str(reply["motionVideoGenerationJob"]["generationId"]),
    poll="/api/rest/v1/generations/{job}",
    link=lambda reply: str(reply["generations_by_pk"]["generated_images"][0]["motionMP4URL"]),
    wallet="/api/rest/v1/me",
    balance=_credits,
    usual=True,
)
