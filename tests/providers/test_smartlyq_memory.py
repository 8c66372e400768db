"""What SmartlyQ's idempotency leaves behind: nothing that no longer counts."""

from __future__ import annotations

from tests.providers.stage import Stage
from tests.providers.test_smartlyq import BODY
from understudy.core.idempotency import Remembered


async def test_answers_that_no_longer_count_are_not_kept() -> None:
    play = Stage(
        "/smartlyq/v1",
        "sqk_live_abc",
        balance="1000.0000",
        quirks={"smartlyq.requests_per_minute": 1_000},
    )
    for day in range(4):
        for number in range(5):
            headers = {**play.headers, "X-Idempotency-Key": f"{day}-{number}"}
            assert (await play.post("/videos/generate", BODY, headers=headers)).is_success
        await play.advance(24 * 3600)

    assert await play.count(Remembered) == 5
