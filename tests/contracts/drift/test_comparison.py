"""Three witnesses: a doctored one raises the alarm, an unlooked-at one never agrees."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bodydouble_contracts.cli import exit_codes as codes
from bodydouble_contracts.cli.drift import code_of, lines
from bodydouble_contracts.drift.comparison import witness
from bodydouble_contracts.drift.diagnosis import Row
from bodydouble_contracts.drift.shapes import Shape, differences
from bodydouble_contracts.history.cassettes import header_of, read_cassette, write_cassette
from bodydouble_contracts.history.exchanges import Exchange, History
from bodydouble_contracts.history.masking import Masker
from bodydouble_contracts.live.plan import Plan
from bodydouble_contracts.live.run import run_live
from bodydouble_contracts.live.tiers import make_plan
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.vendors.reader import load
from tests.contracts.live.toy_vendor import Vendor, guarded, profile
from tests.contracts.toy import PROFILE, Toy

Json = Any
DOCUMENTED = replace(load(PROFILE), document="toy.openapi.yaml")
PLAN: Plan = make_plan(DOCUMENTED, "2", pace_ms=0, poll_ms=1000)


def recorded(folder: Path, doctor: Callable[[Json, str, int], Json] | None = None) -> Path:
    vendor = Vendor()
    guard = guarded(vendor, folder, 5000)
    history = run_live(guard, PLAN, dict(vendor.keys), lambda text: None).history
    guard.journal.close()
    if doctor:
        history = replace(history, steps=tuple(doctored(s, doctor) for s in history.steps))
    return written(folder, history)


def written(folder: Path, history: History, age_days: int = 1) -> Path:
    when = datetime.now(UTC) - timedelta(days=age_days)
    header = header_of(history, recorded=when.isoformat())
    write_cassette(folder / "v.jsonl", history, header, Masker())
    return folder / "v.jsonl"


def doctored(step: Any, doctor: Callable[[Json, str, int], Json]) -> Any:
    if not isinstance(step, Exchange) or step.reply is None or not step.reply.body:
        return step
    doc = json.loads(step.reply.body)
    doc = doctor(doc, step.request.path, step.reply.status)
    return replace(step, reply=replace(step.reply, body=json.dumps(doc).encode()))


def heard(path: Path | None, app: Any = None) -> tuple[list[Row], list[str], list[Path]]:
    return witness(DOCUMENTED, [path] if path else [], InProcess(app or Toy()), PLAN)


def test_an_honest_emulator_agrees_with_vendor_and_document(tmp_path: Path) -> None:
    rows, verdicts, _paths = heard(recorded(tmp_path))
    looked = [r for r in rows if r.vendor_replies]
    assert len(looked) > 15
    assert [r.marks for r in looked if r.marks != ("=", "=", "=")] == []
    # The toy vendor's keys have a wider limit than the profile documents: runs need not wait.
    assert verdicts == ["LIM-03: broken by the vendor, held by the emulator"]
    assert code_of(rows, verdicts) == codes.HELD


def rename(doc: Json, path: str, status: int) -> Json:
    if "price" in doc:
        doc["cost"] = doc.pop("price")
    return doc


def retype(doc: Json, path: str, status: int) -> Json:
    if "cents" in doc:
        doc["cents"] = str(doc["cents"])
    return doc


def extra(doc: Json, path: str, status: int) -> Json:
    if "file" in doc:
        doc["watermark"] = True
    return doc


@pytest.mark.parametrize("doctor", [rename, retype, extra])
def test_a_doctored_cassette_raises_the_alarm(tmp_path: Path, doctor: Any) -> None:
    rows, verdicts, _paths = heard(recorded(tmp_path, doctor))
    worst = [r for r in rows if r.severity == "critical"]
    assert {r.diagnosis for r in worst} == {"emulator and document share an error"}
    assert {r.marks for r in worst} == {("!=", "!=", "=")}
    assert code_of(rows, verdicts) == codes.BROKEN


def test_an_emulator_that_drifted_is_told_from_a_stale_document(tmp_path: Path) -> None:
    class Drifted(Toy):
        def show(self, job: Json) -> Json:
            return {**super().show(job), "text": 7}

    rows, _, _ = heard(recorded(tmp_path), Drifted())
    assert {r.diagnosis for r in rows if r.severity == "critical"} == {"the emulator drifted"}

    class Follows(Toy):
        def show(self, job: Json) -> Json:
            return {**super().show(job), "watermark": True}

    rows, _, _ = heard(recorded(tmp_path, extra), Follows())
    stale = [r for r in rows if r.marks == ("!=", "=", "!=")]
    assert {r.severity for r in stale} == {"warning"}
    assert stale


def test_a_witness_nobody_looked_at_never_agrees() -> None:
    rows, verdicts, paths = heard(None)
    assert rows
    assert not [r for r in rows if r.diagnosis.startswith("agree")]
    assert all("not looked" in r.diagnosis for r in rows)
    assert code_of(rows, verdicts) == codes.INCONCLUSIVE
    text = "\n".join(lines(DOCUMENTED, rows, verdicts, paths, False))
    assert "NOT LOOKED AT" in text
    assert "0 agree" in text


def altered(change: Callable[[Json], Json]) -> Any:
    """The toy with the beginning of every reply changed."""
    toy = Toy()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def changed(message: Any) -> None:
            begins = message["type"] == "http.response.start" and scope["path"].startswith("/api")
            await send(change(message) if begins else message)

        await toy(scope, receive, changed)

    return app


def told_200(message: Json) -> Json:
    return {**message, "status": 200 if message["status"] == 201 else message["status"]}


def one_trace(message: Json) -> Json:
    kept = [h for h in message["headers"] if h[0] != b"x-trace"]
    return {**message, "headers": [*kept, (b"x-trace", b"same")]}


def test_a_reply_the_emulator_never_gave_is_critical(tmp_path: Path) -> None:
    rows, _, _ = heard(recorded(tmp_path), altered(told_200))
    row = next(r for r in rows if r.kind.operation == "submit" and r.kind.status == 201)
    assert (row.severity, row.diagnosis) == (
        "critical", "the vendor answers so, the emulator never did"
    )  # fmt: skip


def test_evidence_shows_its_age_and_turns_grey(tmp_path: Path) -> None:
    path = recorded(tmp_path)

    rows, _, _ = heard(written(tmp_path, read_cassette(path)[1], age_days=45))
    looked = [r for r in rows if r.vendor_replies]
    assert {r.age_days for r in looked} == {45}
    assert all(r.old for r in looked)
    assert "grey: older than 30 days" in "\n".join(lines(DOCUMENTED, rows, [], [path], True))


def test_a_contract_only_the_vendor_keeps_is_named(tmp_path: Path) -> None:
    rows, verdicts, _paths = heard(recorded(tmp_path), altered(one_trace))
    assert "RES-06: held by the vendor, broken by the emulator" in verdicts
    assert code_of(rows, verdicts) == codes.BROKEN


def test_words_are_compared_only_where_enough_was_seen() -> None:
    few, many, other = Shape(), Shape(), Shape()
    for number in range(40):
        many.add({"mood": ("good", "bad")[number % 2]})
        other.add({"mood": ("good", "sad")[number % 2]})
    few.add({"mood": "odd"})
    assert differences(few, many, ("a", "b")) == []
    assert "bad, sad" in differences(many, other, ("a", "b"))[0]


def test_formats_are_compared_by_class_and_never_by_value() -> None:
    a, b, c = Shape(), Shape(), Shape()
    a.add({"cost": "0.2800", "at": "2026-01-01T00:00:00Z"})
    b.add({"cost": "0.1400", "at": "2026-02-02T10:00:00Z"})
    c.add({"cost": "0.28", "at": "1767225600"})
    assert differences(a, b, ("a", "b")) == []
    assert len(differences(a, c, ("a", "b"))) == 2


def test_the_rig_records_what_the_documented_profile_reads() -> None:
    assert profile().operations == DOCUMENTED.operations


def test_a_cassette_of_other_requests_is_no_witness(tmp_path: Path) -> None:
    history = read_cassette(recorded(tmp_path))[1]
    foreign = replace(history, steps=tuple(elsewhere(step) for step in history.steps))
    rows, verdicts, paths = heard(written(tmp_path, foreign))
    assert code_of(rows, verdicts) == codes.INCONCLUSIVE
    text = "\n".join(lines(DOCUMENTED, rows, verdicts, paths, False))
    assert "no exchange of these is one of the vendor's operations" in text


def elsewhere(step: Any) -> Any:
    if not isinstance(step, Exchange):
        return step
    return replace(step, request=replace(step.request, target="/nobody" + step.request.target))
