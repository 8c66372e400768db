"""The profile of the stock program new-api, which no provider has, at what speaks its wire.

The program is the emulator's own wire, asked from outside as any gateway is: keys from the
environment, time that passes by itself, and a body that makes a job fail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bodydouble.testing import Emulator, Sandbox
from bodydouble_contracts.cli.app import app as commands
from bodydouble_contracts.vendors.reader import load, names, programs

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
