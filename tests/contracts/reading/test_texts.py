"""A text is found and replaced where the profile says it is, within lists and members, too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bodydouble_contracts.reading import texts
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load

TOY = load(str(Path(__file__).parents[1] / "toy.yaml"))
PARTS = [{"type": "text", "text": "a song"}, {"type": "picture", "url": "x"}]


def toy(member: Any) -> Profile:
    """The toy's profile with its texts somewhere else."""
    return replace(TOY, extra={**TOY.extra, "text": {"member": member}})


@pytest.mark.parametrize(
    ("member", "body", "after"),
    [
        ("text", {"text": "a song", "n": 1}, {"text": "new", "n": 1}),
        ("text", {"n": 1}, {"text": "new", "n": 1}),
        ("/input/text", {"input": {"text": "a song"}}, {"input": {"text": "new"}}),
        ("/input/text", {"input": {"n": 1}}, {"input": {"n": 1}}),
        ("/parts/0/text", {"parts": PARTS}, {"parts": [{"type": "text", "text": "new"}, PARTS[1]]}),
        ("/parts/0/text", {"parts": PARTS[1:]}, {"parts": PARTS[1:]}),
        ("/parts/0/text", {"parts": []}, {"parts": []}),
        (["text", "/in/text"], {"in": {"text": "a song"}}, {"in": {"text": "new"}}),
        (["text", "/in/text"], {"text": "a song"}, {"text": "new"}),
    ],
)
def test_a_text_is_replaced_where_it_stands(
    member: Any, body: dict[str, Any], after: dict[str, Any]
) -> None:
    profile, before = toy(member), repr(body)
    had = texts.said(profile, body)
    changed = texts.saying(profile, body, "new")
    assert changed == after
    assert (had == "a song") == ("a song" in before)
    assert repr(body) == before, "the body that was given is changed, too"


def test_what_is_no_text_is_none() -> None:
    bodies: list[Any] = [None, [], "text", {"text": 5}, {"text": ["a"]}]
    for body in bodies:
        assert texts.said(toy("text"), body) is None


def test_the_limit_of_a_text_in_a_list_is_found() -> None:
    def order(letters: int) -> dict[str, Any]:
        return {"parts": [{"text": "x" * letters}]}

    sample = replace(TOY.samples[0], body=order(9), tags=("limit",))
    refusal = replace(TOY.refusals[0], kind="beyond", op=sample.op, body=order(10))
    profile = replace(toy("/parts/0/text"), samples=(sample,), refusals=(refusal,))
    assert texts.longest(profile) == [(sample, 9)]
    assert texts.beyond(profile, sample.op) == refusal
    assert texts.longest(replace(profile, extra={**profile.extra, "text": {"member": "x"}})) == []
