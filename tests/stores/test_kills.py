"""A server that is killed while clients order loses nothing it acknowledged; a soak kills more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.kills import kills


# Fifty kills, in parts that test workers can share.
@pytest.mark.parametrize("seed", range(5))
def test_a_file_survives_the_kills_of_its_server(tmp_path: Path, seed: int) -> None:
    store = f"sqlite:{tmp_path}/killed.db"
    trial = kills(store, 10, seed, orders_max=8, to_the_last_webhook=False)
    assert trial.kills == 10
    assert len(trial.jobs) > 10


@pytest.mark.slow
@pytest.mark.redis
@pytest.mark.parametrize("store", ["redis_url", "cluster_url"])
def test_a_redis_survives_the_kills_of_its_workers(
    store: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(store)
    trial = kills(url, 2, 7, workers=2, to_the_last_webhook=False)
    assert trial.kills == 2
    assert len(trial.jobs) > 5
