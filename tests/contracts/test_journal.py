"""The journal is on disk before anything is sent, and can only say too much."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bodydouble_contracts.live.journal import Journal, JournalError

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def journal(path: Path, run: str = "one", day: int = 1) -> Journal:
    return Journal(path / "j.jsonl", run, lambda: NOON.replace(day=day))


def test_a_reservation_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    book = journal(tmp_path)
    book.write("reserved", "a", "r1", "0.7000")
    lines = (tmp_path / "j.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["amount"] == "0.7000"


def test_a_reservation_nobody_settled_counts_in_full_in_the_next_run(tmp_path: Path) -> None:
    first = journal(tmp_path)
    first.write("reserved", "a", "r1", "0.7000")
    first.write("reserved", "a", "r2", "0.7000")
    first.write("settled", "a", "r2", "0.0700")
    first.close()
    assert journal(tmp_path, "two").spent("a", besides_run="two") == Decimal("0.7700")


def test_a_day_counts_its_own_reservations_only(tmp_path: Path) -> None:
    first = journal(tmp_path, day=1)
    first.write("reserved", "a", "r1", "1")
    first.close()
    second = journal(tmp_path, "two", day=2)
    second.write("reserved", "a", "r1", "2")
    assert second.spent("a", day=second.today()) == Decimal(2)
    assert second.spent("a") == Decimal(3)


def test_two_runs_cannot_hold_the_journal_at_once(tmp_path: Path) -> None:
    journal(tmp_path)
    held = journal
    first = held(tmp_path / "b")
    with pytest.raises(JournalError, match="another live run"):
        journal(tmp_path / "b", "two")
    first.close()


def test_a_line_cut_by_a_crash_is_dropped_and_a_damaged_one_refused(tmp_path: Path) -> None:
    first = journal(tmp_path)
    first.write("reserved", "a", "r1", "1")
    first.close()
    path = tmp_path / "j.jsonl"
    path.write_text(path.read_text() + '{"at": "2026')
    second = journal(tmp_path, "two")
    assert second.spent("a") == 1
    second.write("reserved", "a", "r1", "2")
    second.close()
    path.write_text("nonsense\n" + path.read_text())
    with pytest.raises(JournalError, match="line 1"):
        journal(tmp_path)


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be written"):
        Journal(tmp_path / "file" / "j.jsonl", "one")
