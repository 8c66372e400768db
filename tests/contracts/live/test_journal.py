"""The journal is on disk before anything is sent, and can only say too much."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bodydouble_contracts.live.journal import Journal, JournalError, default_journal

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


BEFORE = "under" + "study"
SPENT = '{"at": "2026-08-01", "run": "r", "account": "a", "event": "reserved", "amount": "0.7"}\n'


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's state folder, and no journal named by a variable."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name in ("BODYDOUBLE", BEFORE.upper()):
        monkeypatch.delenv(f"{name}_JOURNAL", raising=False)
    return tmp_path


def kept(state: Path, program: str, text: str = SPENT) -> Path:
    path = state / program / "live-journal.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_money_spent_under_the_earlier_name_is_carried_over(state: Path) -> None:
    old = kept(state, BEFORE)
    for _ in range(2):
        path = default_journal()
        assert path == state / "bodydouble" / "live-journal.jsonl"
        assert Journal(path, "two", lambda: NOON).spent("a") == Decimal("0.7")
        assert not old.exists()


def test_nothing_is_made_where_nothing_was_kept(state: Path) -> None:
    default_journal()
    assert list(state.iterdir()) == []


def test_two_journals_that_both_hold_money_are_refused(state: Path) -> None:
    old, new = kept(state, BEFORE), kept(state, "bodydouble", "")
    with pytest.raises(JournalError) as refused:
        default_journal()
    assert str(refused.value) == (
        f"{old} and {new} both hold money spent: append the first to the second and remove it"
    )
    assert (old.read_text(), new.read_text()) == (SPENT, "")


def test_a_journal_that_a_run_holds_is_not_moved(state: Path) -> None:
    old = kept(state, BEFORE)
    holder = Journal(old, "one", lambda: NOON)
    with pytest.raises(JournalError, match="another live run holds"):
        default_journal()
    holder.close()
    assert old.read_text() == SPENT
    assert default_journal().read_text() == SPENT


def test_a_journal_that_cannot_be_moved_is_said_in_one_sentence(state: Path) -> None:
    kept(state, BEFORE)
    (state / "bodydouble").write_text("a file where the folder would be")
    with pytest.raises(JournalError, match=r"cannot be moved to .*: move it by hand"):
        default_journal()


def test_the_earlier_variable_is_refused_and_the_new_one_is_heard(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = kept(state, BEFORE)
    monkeypatch.setenv(f"{BEFORE.upper()}_JOURNAL", str(old))
    with pytest.raises(JournalError, match="set BODYDOUBLE_JOURNAL to that file"):
        default_journal()
    monkeypatch.setenv("BODYDOUBLE_JOURNAL", str(old))
    assert default_journal() == old
