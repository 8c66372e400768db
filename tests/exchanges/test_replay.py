"""Every documented exchange, performed: the understudy answers what the vendors' pages say.

An overruled example runs under the quirk it names; one without evidence is sent and held to its
status only. That a replay can fail is shown on files that were tampered with.
"""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.exchanges.comparison import Leeway, body_differences, header_differences
from tests.exchanges.stage import Stage, filled
from understudy.web.courier import Parcel

EXCHANGES = Path(__file__).parents[2] / "fixtures" / "exchanges"
FILES = sorted(EXCHANGES.glob("*/*.json"))
DELIVERIES = sorted(EXCHANGES.glob("*/deliveries/*.json"))


def load(path: Path) -> dict[str, Any]:
    exchange: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return exchange


def ids(paths: list[Path]) -> list[str]:
    """`served:smartlyq/me`, so that a report shows what each file is worth."""
    return [f"{load(path)['status']}:{path.parts[-2]}/{path.stem}" for path in paths]


async def replayed(exchange: dict[str, Any]) -> list[str]:
    """What the understudy's answer has against the file; empty where they agree."""
    stage = await Stage.open(exchange)
    try:
        for step in exchange.get("setup", []):
            await stage.play(step)
        if "delivery" in exchange:
            return _delivery_differences(exchange, stage, await stage.deliveries())
        answer = await stage.send(exchange["request"])
    finally:
        await stage.close()
    promised = exchange["response"]
    if answer.status_code != promised["status"]:
        said = answer.text[:500]
        return [f"status is {answer.status_code}, not {promised['status']}: {said}"]
    if exchange["status"] == "no-evidence":
        return []
    found = header_differences(promised.get("headers", {}), answer.headers)
    if "body" not in promised:
        return found
    return found + _body_differences(exchange, promised["body"], answer.content, stage)


def _body_differences(
    exchange: dict[str, Any], promised: Any, content: bytes, stage: Stage
) -> list[str]:
    if promised is None:
        return [f"there is a body: {content[:200]!r}"] if content else []
    expected = filled(promised, stage.saved)
    return body_differences(expected, json.loads(content), Leeway.of(exchange))


def _delivery_differences(
    exchange: dict[str, Any], stage: Stage, parcels: list[Parcel]
) -> list[str]:
    if len(parcels) != 1:
        return [f"{len(parcels)} deliveries were posted, not 1"]
    parcel = parcels[0]
    stage.saved["id"] = json.loads(parcel.body).get("id")
    promised = filled(exchange["delivery"], stage.saved)
    found = header_differences(promised["headers"], dict(parcel.headers))
    if exchange["status"] == "no-evidence":
        return found
    return found + body_differences(promised["body"], json.loads(parcel.body), Leeway.of(exchange))


@pytest.mark.parametrize("path", FILES, ids=ids(FILES))
async def test_the_understudy_answers_as_documented(path: Path) -> None:
    assert await replayed(load(path)) == []


PLAYABLE = [path for path in DELIVERIES if load(path).get("setup")]


@pytest.mark.parametrize("path", PLAYABLE, ids=ids(PLAYABLE))
async def test_a_receiver_is_told_as_documented(path: Path) -> None:
    assert await replayed(load(path)) == []
