"""A server that is killed while clients order loses nothing it acknowledged; a soak kills more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.kills import kills


def test_a_file_survives_the_kills_of_its_server(tmp_path: Path) -> None:
    trial = kills(f"sqlite:{tmp_path}/killed.db", 4, 7, to_the_last_webhook=False)
    assert len(trial.jobs) > 20


@pytest.mark.slow  # whoever was killed holds its lease for ten seconds
@pytest.mark.redis
def test_a_redis_survives_the_kills_of_its_workers(redis_url: str) -> None:
    trial = kills(redis_url, 2, 7, to_the_last_webhook=False)
    assert len(trial.jobs) > 5
