"""Traces: replayed on any target, and shrunk to what is needed."""

from collections.abc import Sequence
from pathlib import Path

from bodydouble_contracts.cli.replay import MAX_REQUESTS
from bodydouble_contracts.drivers.directed import play, scenarios
from bodydouble_contracts.history.cassettes import read_cassette
from bodydouble_contracts.history.exchanges import Exchange
from bodydouble_contracts.mutants.matrix import own_mutants
from bodydouble_contracts.recording.minimise import ddmin, shrink
from bodydouble_contracts.recording.replay import Player, broken_by, write_trace
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.vendors.reader import load
from tests.contracts.toy import PROFILE, Toy

TOY = load(PROFILE)


def sabotaged(id: str) -> InProcess:
    mutant = next(m for m in own_mutants() if m.id == id)
    return InProcess(mutant(TOY).wrap(Toy()), id)


def script(name: str):  # type: ignore[no-untyped-def]
    return next(s for s in scenarios() if s.name == name)


def test_an_innocent_trace_breaks_nothing_in_another_session() -> None:
    history = play(script("to_the_end"), InProcess(Toy()), TOY)
    player = Player(InProcess(Toy()), TOY)
    player.play(history.steps)
    again = player.play(history.steps)
    assert [e.reply.status for e in again.exchanges if e.reply] == [
        e.reply.status for e in history.exchanges if e.reply
    ]
    assert not broken_by(again, TOY).evidence


def test_a_trace_of_a_breach_breaks_the_same_contract_again_and_shrinks(tmp_path: Path) -> None:
    for scenario in ("replay", "two_of_each", "to_the_end", "cancel_queued"):
        for mutant in [m.id for m in own_mutants() if "BIL-04" in m.convicts]:
            target = sabotaged(mutant)
            history = play(script(scenario), target, TOY)
            evidence = broken_by(history, TOY, "BIL-04").evidence
            if not evidence:
                continue
            last = max(evidence["BIL-04"][0].breach.steps)
            write_trace(history, last, "BIL-04", tmp_path / "t.jsonl")
            header, trace = read_cassette(tmp_path / "t.jsonl")
            assert header.notes["contract"] == "BIL-04"
            player = Player(sabotaged(mutant), TOY)
            assert "BIL-04" in broken_by(player.play(trace.steps), TOY, "BIL-04").evidence
            small = shrink(player, trace.steps, "BIL-04", MAX_REQUESTS)
            requests = [s for s in small if isinstance(s, Exchange)]
            assert 2 <= len(requests) <= 4
            assert "BIL-04" in broken_by(player.play(small), TOY, "BIL-04").evidence
            assert not broken_by(Player(InProcess(Toy()), TOY).play(small), TOY).evidence
            return
    raise AssertionError("no mutant was convicted under BIL-04")


def test_shrinking_stops_at_its_number_of_requests() -> None:
    history = play(script("two_of_each"), InProcess(Toy()), TOY)
    player = Player(InProcess(Toy()), TOY)
    steps = shrink(player, history.steps, "BIL-04", 30)
    assert player.sent <= 30
    assert len(steps) == len(history.steps)


def test_delta_debugging_finds_the_items_that_matter() -> None:
    asked: list[Sequence[int]] = []

    def breaks(part: Sequence[int]) -> bool:
        asked.append(part)
        return {3, 17, 40} <= set(part)

    assert ddmin(list(range(64)), breaks) == [3, 17, 40]
    assert len(asked) < 200
