"""A history survives its JSON form, and refuses what is none."""

import pytest

from bodydouble_contracts.history.exchanges import (
    ClockMove,
    Control,
    Delivery,
    Exchange,
    History,
    Mark,
    Reply,
    Request,
    dumps,
    from_json,
    loads,
)


def sample() -> History:
    asked = Request("POST", "/v1/x?a=1", "other", (("X-Key", "k"),), b'{"p":"\xf0\x9f\x8e\xac"}')
    told = Reply(200, (("Content-Type", "video/mp4"),), b"\xff\x00\x01")
    return History(
        "toy",
        driver="directed",
        seed=7,
        steps=(
            Mark("begin", {"n": 1}),
            Control("scenario", {"name": "failed"}, {"status": 200}),
            Exchange(asked, told, 0, 1, 1_000_000, 5, 6, intent={"violates": "p"}),
            Exchange(asked, None, 2, 3, 1_000_000, lost="reset"),
            ClockMove(61_000_000, 60_000_000),
            Delivery((("A", "b"),), b"{}", 204, 61_000_000, "hook", "whsec"),
        ),
    )


def test_a_history_comes_back_unchanged_from_json() -> None:
    assert loads(dumps(sample())) == sample()


def test_a_lost_reply_is_indefinite_and_a_whole_one_definite() -> None:
    outcomes = [e.outcome for e in sample().exchanges]
    assert outcomes == ["definite", "indefinite"]


@pytest.mark.parametrize(
    "data", [{}, {"format": 99}, {"format": 1}, {"format": 1, "steps": [{"step": "dance"}]}]
)
def test_what_is_no_history_is_refused_with_a_sentence(data: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(data)
