"""Every documented exchange, performed: the emulator answers what the vendors' pages say.

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

from bodydouble.providers import load as load_provider
from bodydouble.providers import names
from bodydouble.web.webhooks.transport import WebhookRequest
from tests.exchanges.comparison import Leeway, body_differences, header_differences
from tests.exchanges.stage import Stage, filled

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = sorted(FIXTURES.glob("*/*.json"))
LEFT_OUT = {"recharges", "other-models"}
DELIVERIES = sorted(FIXTURES.glob("*/deliveries/*.json"))


def load(path: Path) -> dict[str, Any]:
    exchange: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return exchange


def ids(paths: list[Path]) -> list[str]:
    """`served:smartlyq/me`, so that a report shows what each file is worth."""
    return [f"{load(path)['status']}:{path.parts[-2]}/{path.stem}" for path in paths]


def absent(exchange: dict[str, Any]) -> bool:
    """Whether it is about a part that this bodydouble leaves out on purpose."""
    return not LEFT_OUT.isdisjoint(exchange.get("needs", ()))


async def replayed(exchange: dict[str, Any]) -> list[str]:
    """What the emulator's answer has against the file; empty where they agree."""
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
    return body_differences(expected, json.loads(content or b"null"), Leeway.of(exchange))


def _delivery_differences(
    exchange: dict[str, Any], stage: Stage, posted: list[WebhookRequest]
) -> list[str]:
    if len(posted) != 1:
        return [f"{len(posted)} deliveries were posted, not 1"]
    request = posted[0]
    stage.saved["id"] = json.loads(request.body).get("id")
    promised = filled(exchange["delivery"], stage.saved)
    found = header_differences(promised["headers"], dict(request.headers))
    if exchange["status"] == "no-evidence":
        return found
    return found + body_differences(promised["body"], json.loads(request.body), Leeway.of(exchange))


OURS = [path for path in (*FILES, *DELIVERIES) if not absent(load(path))]
OTHERS = [path for path in (*FILES, *DELIVERIES) if absent(load(path))]


@pytest.mark.parametrize("path", OURS, ids=ids(OURS))
async def test_the_bodydouble_says_what_the_page_says(path: Path) -> None:
    assert await replayed(load(path)) == []


@pytest.mark.parametrize("path", OTHERS, ids=ids(OTHERS))
async def test_what_is_left_out_on_purpose_is_really_not_there(path: Path) -> None:
    assert await replayed(load(path)) != []


def tampered(exchange: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with one place changed, added, or (REMOVED) taken away."""
    copy = deepcopy(exchange)
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split("/")]
    place: Any = copy
    for part in parents:
        place = place[part]
    if value is REMOVED:
        del place[last]
    else:
        place[last] = value
    return copy


REMOVED = object()
TAMPERINGS = [
    ("smartlyq/me-balance", "response/status", 201, "status is 200, not 201"),
    ("smartlyq/me-balance", "response/body/data/currency", "EUR", '$.data.currency is "USD"'),
    ("smartlyq/me-balance", "response/body/data/balance", 15, "$.data.balance is string"),
    ("smartlyq/me-balance", "response/body/data/bonus", "1", "$.data.bonus is missing"),
    ("smartlyq/me-balance", "response/body/meta", REMOVED, "$.meta is not in the example"),
    ("smartlyq/me-balance", "response/headers/X-Request-ID", None, "should be absent"),
    ("smartlyq/me-balance", "response/headers/X-Else", "*", "header X-Else is missing"),
    ("smartlyq/models", "subset", [], "$.data has"),
    ("smartlyq/video-delete", "response/body", {}, "$ is null"),
    ("smartlyq/error-402-guides", "quirks", {}, "INSUFFICIENT_BALANCE"),
    ("smartlyq/generate-text-to-video", "volatile", [], "$.data.job_uid is"),
    (
        "smartlyq/deliveries/delivery-job-failed",
        "setup/0/name",
        "normal",
        "header X-SmartlyQ-Event",
    ),
    (
        "smartlyq/deliveries/delivery-job-failed",
        "setup/1",
        {"do": "advance", "seconds": 1},
        "0 del",
    ),
]


@pytest.mark.parametrize(("name", "place", "value", "complaint"), TAMPERINGS)
async def test_a_tampered_file_is_convicted(
    name: str, place: str, value: Any, complaint: str
) -> None:
    exchange = load(FIXTURES / f"{name}.json")
    assert await replayed(exchange) == []
    found = await replayed(tampered(exchange, place, value))
    assert any(complaint in sentence for sentence in found), found


def test_no_part_of_the_census_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    census = Counter(
        "left out" if absent(load(path)) else load(path)["status"] for path in (*FILES, *DELIVERIES)
    )
    with capsys.disabled():
        print("\nexchanges:", dict(sorted(census.items())))  # noqa: T201 - for people to see
    assert set(census) == {"served", "overruled", "assumption", "no-evidence", "left out"}
    assert sum(census.values()) == len(OURS) + len(OTHERS) > 250


def test_every_quirk_a_file_names_is_a_reading_the_provider_has() -> None:
    known = {quirk.name: quirk for name in names() for quirk in load_provider(name).quirks}
    used = [(path, *pair) for path in FILES for pair in load(path).get("quirks", {}).items()]
    assert len(used) > 15
    wrong = [
        f"{path}: {name}={value}"
        for path, name, value in used
        if name not in known or value not in (known[name].choices or (value,))
    ]
    assert wrong == []
