"""A replayer of fixtures judged: CopilotKit's aimock, asked for OpenAI's videos.

It answers what a file says, whoever asks and whatever is wrong with the request; the table says
which contracts that breaks, and why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bodydouble_contracts import runs
from bodydouble_contracts.vendors.reader import load
from tests.contracts.third_party.programs import free_port, program, started

PROFILE = str(Path(__file__).with_name("aimock.yaml"))
ANSWER = {"id": "video_1", "url": "https://cdn.example.com/v.mp4", "status": "completed"}
FIXTURE = {"match": {"userMessage": "boat", "endpoint": "video"}, "response": {"video": ANSWER}}
WHY = {
    "ACC-01": "as nobody -> 200",  # keys are not looked at
    "ACC-03": "as other -> 200",  # and nobody owns a job
    "ACC-11": "200",
    "VAL-01": "200",  # any length, any model
    "VAL-03": "nothing there",  # what it refuses it refuses without naming the field
    "VAL-08": "no_fixture_match",  # a text that is no text matches no file, so there is no route
    "VAL-12": "none",  # whose list does not have it
    "IDM-09": "video_1",  # two orders are one job
    "JOB-11": "video_1",
    "JOB-13": "completed",  # that has ended before it was queued
}
"""Contract broken: a part of what was seen."""
LATER = {"JOB-02": "created_at", "JOB-10": "000000"}
"""Broken, too, where a second passed between two orders: the one job has another beginning then."""


@pytest.fixture
def mock(tmp_path: Path) -> Iterator[str]:
    """The URL of an aimock with one fixture, on a free port."""
    port, path = free_port(), tmp_path / "fixtures.json"
    path.write_text(json.dumps({"fixtures": [FIXTURE]}), encoding="utf-8")
    cli = program("@copilotkit/aimock", "1.43.0")
    words = [cli[0], cli[1].replace("aimock-cli.js", "cli.js"), "-p", str(port), "-f", str(path)]
    with started(words, port, str(port).encode()) as url:
        yield url


def test_a_replayer_breaks_what_takes_more_than_a_file(
    mock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MAIN", "OTHER"):
        monkeypatch.setenv(f"BODYDOUBLE_AIMOCK_{name}", f"sk-{name.lower()}-1")
    effort = replace(runs.EFFORTS["quick"], outside=True, wait_s=0)
    docket = runs.run(mock, [load(PROFILE)], effort=effort).dockets["aimock"]
    found = docket.judgements()
    broken = {j.contract: [e.breach.seen for e in j.evidence] for j in found if j.evidence}
    assert set(broken) in (set(WHY), WHY.keys() | LATER.keys())
    told = WHY | LATER
    assert not [id for id, seen in broken.items() if not any(told[id] in one for one in seen)]
    assert not [j for j in found if j.verdict in ("error", "vacuous", "untestable")]
    assert all(j.reason for j in found if j.verdict == "inconclusive")
