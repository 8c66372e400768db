"""The video that a demonstration asks of Kling: upright, from words, on the newer API."""

from __future__ import annotations

from bodydouble.core.samples import Sample

SAMPLE = Sample(
    create="/text-to-video/kling-3.0-turbo",
    body={
        "prompt": "a paper boat crosses a puddle at dawn",
        "settings": {"resolution": "720p", "aspect_ratio": "9:16", "duration": 3},
    },
    seconds=3,
    width=720,
    height=1280,
    job=lambda reply: str(reply["data"]["id"]),
    poll="/tasks?task_ids={job}",
    link=lambda reply: str((reply["data"][0]["outputs"] or [{"url": ""}])[0]["url"]),
    wallet="/account/costs?start_time=0&end_time=4102444800000",
    balance=lambda reply: "{:.2f}".format(
        reply["data"]["resource_pack_subscribe_infos"][0]["remaining_quantity"]
    ),
)
