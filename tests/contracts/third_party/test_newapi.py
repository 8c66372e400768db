"""The profile of the stock program new-api, which no provider has, at what speaks its wire.

Twice: at the emulator's own wire, and at the small gateway beside this file, which somebody wrote
from what was observed alone. Both are asked from outside as any gateway is: keys from the
environment, time that passes by itself, a body that makes a job fail, a host of files. The tables
are the gateway's verdicts in full; whatever comes or goes is a judge that has changed its mind.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.responses import Response
from typer.testing import CliRunner, Result

from bodydouble.testing import Emulator, Sandbox
from bodydouble_contracts import runs
from bodydouble_contracts.cli.app import app as commands
from bodydouble_contracts.data import program_files
from bodydouble_contracts.drivers import outside
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.judging.traces import breach_text
from bodydouble_contracts.judging.verdicts import Judgement
from bodydouble_contracts.targets.http import Hosted
from bodydouble_contracts.vendors.reader import load, names, programs
from tests.contracts.third_party.gateway import Gateway
from tests.contracts.third_party.gateway.internet import Outgoing, cdn

Json = Any
WIRE = "infinityblue"
FAILING = '{"model": "kling-v2-5-turbo", "prompt": "[[bodydouble: fail=provider_error after=1s]]"}'


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Emulator, Sandbox]]:
    quirks = {f"{WIRE}.wire": "newapi", f"{WIRE}.poller_pass_seconds": 0}
    emulator = Emulator(seed=1, only=WIRE, strict_keys=True, frozen=False, quirks=quirks)
    with emulator, emulator.sandbox(speed=60) as box:
        keys = {"main": box.keys[WIRE]}
        roles: dict[str, dict[str, Any]] = {
            "other": {"account": "other", "balance": "100"},
            "empty": {"account": "empty", "balance": "0"},
            "revoked": {"revoked": True},
            "expired": {"expired": True},
        }
        for role, fields in roles.items():
            keys[role] = str(box.add_key(WIRE, **fields)["key"])
        for role, key in keys.items():
            monkeypatch.setenv(f"BODYDOUBLE_NEWAPI_{role.upper()}", key)
        yield emulator, box


def judged(emulator: Emulator, *more: str) -> Result:
    words = ["run", emulator.url, "-p", "newapi", "--outside", "--wait-s", "20", *more]
    return CliRunner().invoke(commands, words)


def test_a_program_is_judged_by_name_and_is_not_among_all_vendors() -> None:
    assert "newapi" in programs()
    assert "newapi" not in names()
    assert load("newapi").title == "new-api"
    told = CliRunner().invoke(commands, ["run", "-p", "newapy"])
    assert told.exit_code != 0
    assert "newapi" in told.output


def test_a_gateway_that_does_as_observed_breaks_nothing_and_every_silence_is_explained(
    gateway: tuple[Emulator, Sandbox], tmp_path_factory: pytest.TempPathFactory
) -> None:
    report = tmp_path_factory.mktemp("report") / "report.json"
    told = judged(gateway[0], "--json", str(report), "--failing-body", FAILING)
    assert told.exit_code == 0, told.output
    cells = json.loads(report.read_text())["cells"]
    silent = [c["reason"] for c in cells if c["verdict"] == "inconclusive"]
    assert not [c["contract"] for c in cells if c["verdict"] in ("broken", "vacuous", "error")]
    assert sum(c["verdict"] == "held" for c in cells) > 40
    assert all(silent)
    assert "refused for too many requests" in told.output, "its usage has a limiter of its own"
    assert "ACC-07" in [c["contract"] for c in cells if c["verdict"] == "held"], "dead keys by env"
    assert "JOB-28" in [c["contract"] for c in cells if c["verdict"] == "held"], "the failing body"


def test_what_only_a_run_from_outside_can_use_is_refused_elsewhere(tmp_path: object) -> None:
    for words, why in (
        (["--failing-body", "{}"], "belong to --outside"),
        (["--media-host", "cdn.example"], "belong to --outside"),
        (["--outside", "--failing-body", "nope"], "is no JSON"),
        (["--outside", "--failing-body", "[1]"], "is no JSON object"),
    ):
        told = CliRunner().invoke(commands, ["run", "-p", "newapi", *words])
        assert told.exit_code == 2
        assert why in " ".join(told.output.split())


ROLES = ("main", "other", "empty", "revoked", "expired")
KLING, VEO, DOUBAO, SORA = "kling-v2-5-turbo", "veo_3_1-fast", "seedance-1-pro", "sora-2"
INSTANT = "two looks at one instant want a clock"
NO_DOCUMENT = "the profile names no OpenAPI document"
TIER_E = "it is of tier E, which wants a control plane"
THROTTLED = "replies of `balance` were throttled"
SOCKETS = "links are opened over sockets only"
SILENT = {
    "JOB-06": INSTANT,
    "BIL-13": "no order's price is known twice",  # the operator's own, and every job may fail
    "BIL-16": "no order's price is known",
    "RES-02": NO_DOCUMENT, "RES-03": NO_DOCUMENT, "RES-07": NO_DOCUMENT, "RES-11": NO_DOCUMENT,
    "RES-15": TIER_E, "LIM-13": TIER_E, "JOB-21": TIER_E, "JOB-25": TIER_E, "BIL-08": TIER_E,
}  # fmt: skip
"""What a run with everything that a caller can give leaves open, and why."""
NO_PAGE = "no page promises anything of the kind"
NOT_PROMISED = {
    NO_PAGE: "RES-13 RES-14 VAL-04 VAL-10 VAL-14 JOB-26 JOB-29 BIL-17 BIL-18 BIL-19",
    "limit_headers": "LIM-01 LIM-02 LIM-03 LIM-04 LIM-05 LIM-11 LIM-12",
    "limits": "LIM-06 LIM-07 LIM-08 LIM-09 LIM-10",
    "list": "ACC-04 JOB-04 JOB-15 PAG-*", "scopes": "ACC-02", "cancel|remove": "ACC-09",
    "idempotency": "ACC-06 BIL-10 IDM-01 IDM-02 IDM-03 IDM-04 IDM-05 IDM-06 IDM-07 IDM-08 IDM-10 "
                   "IDM-11",
    "webhooks": "ACC-10 HOK-*", "cancel": "VAL-13 JOB-07 JOB-08 JOB-14 BIL-09", "echo": "JOB-16",
    "twin": "JOB-17", "remove": "JOB-18", "job_updated": "JOB-22", "prices": "BIL-02",
    "remaining": "BIL-03", "ledger": "BIL-05", "buckets": "BIL-11", "estimate": "BIL-15",
}  # fmt: skip
"""What does not apply: by the capability that was seen to be absent."""
COST = {"JOB-06": INSTANT, "BIL-02": "the profile names no place for `cost` in `submit`"}
KINDS: dict[str, Json] = {
    KLING: {"price": "175000", "broken": {}, "silent": COST},
    VEO: {
        "price": "600000",  # eight seconds, where none are asked for
        "silent": COST,
        "broken": {
            "JOB-05": "expected: a error while failed",  # a failed Veo task shows none
            "BIL-04": "in outside failing_bodies",  # the same money, seen by any pair of readings
            "BIL-08": "in outside failing_bodies",  # a failure that a client sees first: no refund
        },
    },
    DOUBAO: {
        "price": "250000",
        "broken": {"JOB-05": "expected: a error while failed"},  # nor does a failed Doubao task
        "silent": COST,
    },
    SORA: {"price": "200000", "broken": {}, "silent": COST},
}
"""By model, and so by kind of channel: what its operator would add to the profile, and what of the
program's own behaviour breaks a promise then, with what shows it."""


class Clock:
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


async def files(scope: Json, receive: Json, send: Json) -> None:
    """The host of the providers' files."""
    if scope["type"] == "http":
        told = cdn(Outgoing("GET", f"http://files.example{scope['path']}"), 0)
        await Response(told.body, told.status, dict(told.headers))(scope, receive, send)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(outside, "sleep", clock.sleep)
    for role in ROLES:
        monkeypatch.setenv(f"BODYDOUBLE_NEWAPI_{role.upper()}", f"sk-{role}")
    return clock


def stranger(clock: Clock, address: str) -> Gateway:
    """Return the gateway; its files lie at an address."""
    owners = {"main": ("alice", 50_000_000), "other": ("bob", 50_000_000), "empty": ("carol", 0),
              "revoked": ("alice", 5000), "expired": ("alice", 5000)}  # fmt: skip
    made = Gateway(owners, address)
    made.now = lambda: clock.now
    made.keys["revoked"].enabled, made.keys["expired"].expires = False, 1
    return made


def from_outside(clock: Clock, profile: str = "newapi", model: str = KLING) -> Docket:
    """Judge the gateway over sockets, with everything that a caller can give."""
    with Hosted(files) as media:
        made = stranger(clock, media.url)
        with Hosted(made) as served:
            effort = replace(
                runs.EFFORTS["quick"], outside=True, wait_s=30_000,
                media_hosts=(media.url.removeprefix("http://"),),
                failing={"model": model, "prompt": "make this job fail"},
            )  # fmt: skip
            return runs.run(served.url, [load(profile)], effort=effort).dockets["newapi"]


def by_verdict(docket: Docket) -> dict[str, dict[str, Judgement]]:
    found: dict[str, dict[str, Judgement]] = {}
    for judgement in docket.judgements():
        found.setdefault(judgement.verdict, {})[judgement.contract] = judgement
    return found


def unexplained(silent: dict[str, Judgement], why: dict[str, str]) -> dict[str, str]:
    """Return verdicts whose reason a table has not, or has and nobody gave."""
    wrong = {
        c: j.reason for c, j in silent.items() if why.get(c, "not in the table") not in j.reason
    }
    return wrong | {c: "no longer silent" for c in why if c not in silent}


def test_every_verdict_on_the_stranger_is_held_or_explained(clock: Clock) -> None:
    found = by_verdict(from_outside(clock))
    assert set(found) == {"held", "inconclusive", "not run", "not applicable"}
    silent = found["inconclusive"] | found["not run"]
    assert {
        c: j.reason for c, j in silent.items() if not j.reason.startswith(SILENT.get(c, "!"))
    } == {}
    assert set(silent) == set(SILENT)
    assert len(found["held"]) == 49
    absent = {c: j.reason for c, j in found["not applicable"].items()}
    for need, listed in NOT_PROMISED.items():
        told = need if need == NO_PAGE else f"new-api has no {need} ("
        mine = {c for c, reason in absent.items() if reason.startswith(told)}
        wanted = {w for w in listed.split() if not w.endswith("*")}
        whole = tuple(w[:-1] for w in listed.split() if w.endswith("*"))
        assert {c for c in mine if not c.startswith(whole or "!")} == wanted
        absent = {c: reason for c, reason in absent.items() if c not in mine}
    assert not absent


@pytest.mark.parametrize("model", KINDS)
def test_a_profile_with_prices_finds_what_the_program_keeps(
    clock: Clock, tmp_path: Path, model: str
) -> None:
    told = KINDS[model]
    docket = from_outside(clock, adapted(tmp_path, model, told["price"]), model)
    broken = by_verdict(docket).get("broken", {})
    assert set(broken) == set(told["broken"])
    for contract, shown in told["broken"].items():
        assert shown in breach_text(broken[contract], docket.profile)
    found = by_verdict(docket)
    assert unexplained(found["inconclusive"], told["silent"]) == {}
    assert {"BIL-08", "BIL-16"} <= found["held"].keys() | broken.keys()


def adapted(folder: Path, model: str, price: str) -> str:
    """Return a copy of the profile, as the operator of another kind of channel would make it."""
    text = program_files()["newapi"].read_text("utf-8").replace(KLING, model)
    data = yaml.safe_load(text)
    per_second = {"per": "duration", "default": 8, "cost": str(int(price) // 8)}
    if model == SORA:
        per_second = {"per": "duration", "default": 4, "cost": str(int(price) // 4)}
    row = {"cost": price} if model in (KLING, DOUBAO) else per_second
    data["prices"] = {"rows": [{"when": {"model": model}, **row}]}
    data["capabilities"]["prices"] = ["yes", "the operator's own"]
    if model in (VEO, SORA):  # no link stands in their bodies: the file is behind the key
        del data["operations"]["read"]["at"]["result"]
    made = folder / "copy.yaml"
    made.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    return str(made)


def test_what_a_caller_does_not_give_is_named_by_the_verdict_that_lacks_it(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("other", "revoked", "expired"):
        monkeypatch.delenv(f"BODYDOUBLE_NEWAPI_{role.upper()}")
    monkeypatch.setattr(f"{__name__}.app", stranger(clock, "https://cdn.example"))
    effort = replace(runs.EFFORTS["quick"], outside=True, wait_s=100)
    docket = runs.run(f"{__name__}:app", [load("newapi")], effort=effort).dockets["newapi"]
    found = by_verdict(docket)
    assert "broken" not in found
    lacking = {
        "ACC-03": "no other key was given: set BODYDOUBLE_NEWAPI_OTHER",
        "ACC-07": "no dead key was given: set BODYDOUBLE_NEWAPI_REVOKED",
        "ACC-11": "no other key was given",
        "JOB-23": SOCKETS, "JOB-24": SOCKETS, "JOB-30": SOCKETS, "JOB-06": INSTANT,
        "BIL-13": THROTTLED, "BIL-16": THROTTLED,
    }  # fmt: skip
    assert unexplained(found["inconclusive"], lacking) == {}
    assert THROTTLED in found["held"]["BIL-04"].reason
    assert any(n.startswith("refused for too many requests: ") for n in docket.notes)


app: Json = None
