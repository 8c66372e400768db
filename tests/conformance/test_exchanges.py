"""Golden exchanges of ours: what is left out is not there, and tampered files are convicted.

That each is answered as its file says is `check_provider`'s to find, in `test_providers.py`.
"""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from bodydouble.conformance.exchanges import LEFT_OUT
from bodydouble.conformance.session import differences
from bodydouble.providers import load as load_provider
from bodydouble.providers import names
from tests.conformance.toy import BODY, CREATE, GOLDEN, MADE, TOYCO, complaint

FIXTURES = Path(__file__).parents[2] / "fixtures"
FILES = sorted((*FIXTURES.glob("*/*.json"), *FIXTURES.glob("*/deliveries/*.json")))


def load(path: Path) -> dict[str, Any]:
    exchange: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return exchange


def absent(exchange: dict[str, Any]) -> bool:
    """Whether it is about a part that this bodydouble leaves out on purpose."""
    return not LEFT_OUT.isdisjoint(exchange.get("needs", ()))


async def replayed(exchange: dict[str, Any]) -> list[str]:
    """What the emulator's answer has against the file; empty where they agree."""
    return await differences(load_provider(exchange["vendor"]), exchange)


OTHERS = [path for path in FILES if absent(load(path))]


@pytest.mark.parametrize("path", OTHERS, ids=[path.stem for path in OTHERS])
async def test_what_is_left_out_on_purpose_is_really_not_there(path: Path) -> None:
    assert await replayed(load(path)) != []


def golden(name: str, **changes: Any) -> dict[str, Any]:
    """One of Toyco's exchanges, with changes to what it says of the answer."""
    told = GOLDEN[name]
    response = {**told["response"], **changes.pop("response", {})}
    return {**told, "response": response, **changes}


WRONG_FILES: dict[str, tuple[str, Any, str]] = {
    "status": ("create", golden("create", response={"status": 200}), "status is 201, not 200: {"),
    "value": (
        "create",
        golden("create", response={"body": {**BODY, "state": "queued"}}),
        '$.state is "waiting", not "queued"',
    ),
    "type": (
        "read",
        golden("read", response={"body": {**BODY, "style": 1}}),
        "$.style is string, not integer",
    ),
    "missing member": (
        "read",
        golden("read", response={"body": {**BODY, "cost": 1}}),
        "$.cost is missing",
    ),
    "member too many": (
        "form",
        golden("form", response={"body": {"id": "job_0"}}),
        "$.state is not in the example",
    ),
    "value that is not volatile": ("create", golden("create", volatile=[]), "$.id is "),
    "empty body": ("create", golden("create", response={"body": None}), "$ is no empty body"),
    "missing header": (
        "create",
        golden("create", response={"headers": {"Toyco-Trace": "*"}}),
        "header Toyco-Trace is missing",
    ),
    "header": (
        "create",
        golden("create", response={"headers": {"Toyco-Cost": "1"}}),
        "header Toyco-Cost is '25', not '1'",
    ),
    "header that should be absent": (
        "create",
        golden("create", response={"headers": {"Toyco-Cost": None}}),
        "header Toyco-Cost should be absent",
    ),
    "request without its header": (
        "create",
        {**CREATE, "request": {**CREATE["request"], "headers": {}}},
        "status is 400, not 201",
    ),
    "setup that is refused": (
        "read",
        {**GOLDEN["read"], "setup": [{"do": "balance", "value": "0"}, MADE]},
        "setup[1] (request): it must succeed, and is answered with 400",
    ),
    "saved value": (
        "read",
        {**GOLDEN["read"], "setup": [{**MADE, "save": {"job": "$.data.id"}}]},
        "setup[0] (request): there is nothing at $.data.id",
    ),
    "quirk": (
        "create",
        {**CREATE, "quirks": {"toyco.mood": "gay"}},
        "the quirk toyco.mood is one of",
    ),
    "step": ("read", {**GOLDEN["read"], "setup": [{"do": "dance"}]}, "setup[0].do is 'dance'"),
    "vendor": ("create", {**CREATE, "vendor": "acne"}, "vendor is 'acne', not 'toyco'"),
    "name": ("create", {**CREATE, "name": "made"}, "name is 'made', not 'create'"),
    "misspelt key": ("create", {**CREATE, "volatil": []}, "volatil is not known: there are name,"),
    "misspelt key of a request": (
        "create",
        {**CREATE, "request": {**CREATE["request"], "header": {}}},
        "request.header is not known: there are method,",
    ),
    "missing key": (
        "create",
        {key: value for key, value in CREATE.items() if key != "source"},
        "source is missing",
    ),
    "text that is no JSON": ("create", "{\n 1", "it is no JSON: Expecting property name"),
    "JSON that is no object": ("create", [], "it is no JSON object"),
    "no answer": (
        "create",
        {key: value for key, value in CREATE.items() if key != "response"},
        "it has either request and response, or delivery",
    ),
}


@pytest.mark.parametrize("flaw", WRONG_FILES)
def test_a_golden_exchange_is_convicted_by_file_and_place_for_its(
    flaw: str, tmp_path: Path
) -> None:
    name, content, sentence = WRONG_FILES[flaw]
    told = complaint(TOYCO, tmp_path, **{name: content})
    assert f"{name}.json: {sentence}" in told


def test_a_path_is_told_from_where_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "fixtures" / "toyco"
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    told = complaint(TOYCO, folder, create=WRONG_FILES["value"][1])
    assert told.splitlines() == [
        "Every golden exchange is answered as its file says: ",
        '  fixtures/toyco/create.json: $.state is "waiting", not "queued"',
    ]


def tampered(exchange: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with one place changed or added."""
    copy = deepcopy(exchange)
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split("/")]
    place: Any = copy
    for part in parents:
        place = place[part]
    place[last] = value
    return copy


TAMPERINGS = [
    ("smartlyq/models", "subset", [], "$.data has"),
    ("smartlyq/video-delete", "response/body", {}, "$ is no JSON"),
    ("smartlyq/error-402-guides", "quirks", {}, "INSUFFICIENT_BALANCE"),
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
    census = Counter("left out" if absent(load(path)) else load(path)["status"] for path in FILES)
    with capsys.disabled():
        print("\nexchanges:", dict(sorted(census.items())))  # noqa: T201 - for people to see
    assert set(census) == {"served", "overruled", "assumption", "no-evidence", "left out"}
    assert sum(census.values()) > 250


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
