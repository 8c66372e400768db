"""What the judge does not hold against a vendor with a limit for each model and lists both ways."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from bodydouble_contracts.history.exchanges import Exchange
from bodydouble_contracts.reading.forms import URLENCODED
from bodydouble_contracts.vendors.reader import load
from tests.contracts.contracts.story import Story

BY_MODEL = load("openai-videos")
JSON = "application/json"


def limited(left: int, model: str, kind: str, filler: str = "") -> Exchange:
    fields = {"model": model, "prompt": "a boat"}
    names = {"limit": "99", "remaining": str(left)}
    heads = {f"x-ratelimit-{name}-requests": value for name, value in names.items()}
    story = Story(BY_MODEL).then("POST", "/v1/videos", 400, {}, body=fields, headers=heads)
    made: Exchange = story.steps[0]
    if kind == JSON:
        return made
    body = urlencode(fields).encode() + filler.encode()
    typed = (("Content-Type", kind),)
    return replace(made, request=replace(made.request, headers=typed, body=body))


def two_of(model: str, kind: str, filler: str = "") -> set[str]:
    story = Story(BY_MODEL, controlled=True)
    told = (limited(90, "sora-2", JSON), limited(98, model, kind, filler))
    story.steps = [replace(one, began=2 * n, ended=2 * n + 1) for n, one in enumerate(told)]
    return story.broken()


@pytest.mark.parametrize("kind", [JSON, URLENCODED])
def test_a_limit_of_each_model_counts_what_a_form_names_too(kind: str) -> None:
    assert "LIM-04" not in two_of("sora-2-pro", kind)
    assert "LIM-04" in two_of("sora-2", kind)


@pytest.mark.parametrize(("kind", "filler"), [(URLENCODED, "&image=%ff"), ("text/plain", "")])
def test_nobody_knows_what_counts_in_what_is_no_text_or_of_another_type(
    kind: str, filler: str
) -> None:
    assert "LIM-04" not in two_of("sora-2", kind, filler)


def test_a_list_asked_for_in_another_order_need_not_show_the_newest_first() -> None:
    def broken(query: str) -> set[str]:
        story, ids = Story(BY_MODEL), [f"video_{n:048}" for n in range(2)]
        videos = [{"id": id, "object": "video", "status": "queued"} for id in ids]
        order = {"model": "sora-2", "prompt": "a boat"}
        for video in videos:
            story.then("POST", "/v1/videos", 200, video, body=order)
        rows = {"object": "list", "data": videos, "has_more": False}
        return story.then("GET", f"/v1/videos{query}", 200, rows).broken()

    assert "PAG-07" in broken("")
    assert "PAG-07" in broken("?limit=2")
    assert "PAG-07" not in broken("?limit=2&order=asc")
