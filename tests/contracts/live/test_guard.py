"""The budget guard: what never leaves, what is promised first, and what stops a run."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from bodydouble_contracts.history.exchanges import Reply, Request
from bodydouble_contracts.live.guard import Guard
from bodydouble_contracts.live.journal import JournalError
from bodydouble_contracts.live.passage import Refused
from bodydouble_contracts.live.settlement import settle_up
from bodydouble_contracts.targets.target import Lost
from tests.contracts.live import toy_vendor
from tests.contracts.live.toy_vendor import Vendor, guarded

SHORT = {"text": "a song", "voice": "reed", "seconds": 4}


def ask(vendor: Vendor, body: object = SHORT, role: str = "main", key: str = "") -> Request:
    heads = [("Authorization", f"Token {vendor.keys[role]}"), ("Content-Type", "application/json")]
    heads += [("Request-Key", key)] if key else []
    return Request("POST", "/api/clips", role, tuple(heads), json.dumps(body).encode())


def get(vendor: Vendor, path: str) -> Request:
    return Request("GET", path, "main", (("Authorization", f"Token {vendor.keys['main']}"),))


def events(guard: Guard) -> list[str]:
    return [e.event for e in guard.journal.entries]


def test_a_job_is_reserved_at_ten_times_its_price_and_settled_at_its_price(tmp_path: Path) -> None:
    vendor = Vendor()
    guard = guarded(vendor, tmp_path, 2000)
    assert guard.send(ask(vendor)).status == 201
    assert [(e.event, e.amount) for e in guard.journal.entries] == [
        ("reserved", "12.00"),
        ("settled", "1.20"),
    ]
    assert guard.gone == 120


def test_the_reservation_is_on_disk_before_the_request_is_on_the_wire(tmp_path: Path) -> None:
    seen = []

    def look(vendor: Vendor, request: Request, go: object) -> Reply:
        if toy_vendor.is_submit(request):
            seen.append((tmp_path / "journal.jsonl").read_text())
            raise Lost("gone")
        return vendor.inside.send(request)

    vendor = Vendor(twists=(look,))
    with pytest.raises(Lost):
        guarded(vendor, tmp_path, 2000).send(ask(vendor))
    assert '"reserved"' in seen[0]


def test_nothing_is_sent_when_the_journal_cannot_be_written(tmp_path: Path) -> None:
    vendor = Vendor()
    guard = guarded(vendor, tmp_path, 2000)

    class Full:
        def write(self, text: str) -> None:
            raise OSError(28, "No space left on device")

    guard.journal._file = Full()  # type: ignore[assignment]
    with pytest.raises(JournalError, match="No space"):
        guard.send(ask(vendor))
    assert not [r for r in vendor.sent if toy_vendor.is_submit(r)]


def test_a_worst_case_above_the_budget_is_refused_before_sending(tmp_path: Path) -> None:
    vendor = Vendor()
    guard = guarded(vendor, tmp_path, 1199)
    with pytest.raises(Refused, match=r"at worst 12.00 would be gone, and the run may cost 11.99"):
        guard.send(ask(vendor))
    assert not [r for r in vendor.sent if toy_vendor.is_submit(r)]


@pytest.mark.parametrize("cap", ["request", "day", "account"])
def test_every_ceiling_refuses(tmp_path: Path, cap: str) -> None:
    vendor = Vendor()
    guard = guarded(vendor, tmp_path, 5000, **{cap: 1100})
    with pytest.raises(Refused, match=f"the {cap} may cost"):
        guard.send(ask(vendor))


def test_what_an_earlier_run_spent_counts_against_the_day(tmp_path: Path) -> None:
    vendor = Vendor()
    first = guarded(vendor, tmp_path, 5000)
    first.send(ask(vendor))
    first.journal.close()
    second = guarded(vendor, tmp_path, 5000, day=1300)
    second.journal.run = "second"
    with pytest.raises(Refused, match=r"at worst 13.20"):
        second.send(ask(vendor))


@pytest.mark.parametrize(
    "request_",
    [
        Request("POST", "/api/clips/", "main"),
        Request("POST", "/api//clips", "main"),
        Request("post", "/api/clips", "main"),
        Request("POST", "/api/clips/../clips", "main"),
        Request("PUT", "/api/clips", "main"),
        Request("DELETE", "/api/wallet", "main"),
        Request("GET", "@elsewhere.example/api", "main"),
        Request("GET", "/api/wallet", "main", (("X-HTTP-Method-Override", "POST"),)),
    ],
)
def test_what_the_profile_does_not_list_never_leaves(tmp_path: Path, request_: Request) -> None:
    vendor = Vendor()
    with pytest.raises(Refused):
        guarded(vendor, tmp_path, 5000).send(request_)
    assert vendor.sent == []


def test_a_key_in_any_place_makes_a_request_its_account_s(tmp_path: Path) -> None:
    vendor = Vendor()
    guard = guarded(vendor, tmp_path, 100)
    sneaky = Request("POST", f"/api/clips?key={vendor.keys['main']}", "nobody", (), b"{}")
    with pytest.raises(Refused, match="at worst"):
        guard.send(sneaky)


def test_a_lost_reply_keeps_its_reservation(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.loses_replies,))
    guard = guarded(vendor, tmp_path, 2000)
    with pytest.raises(Lost):
        guard.send(ask(vendor))
    assert events(guard) == ["reserved", "kept"]
    assert guard.gone == 1200


def test_an_interruption_while_sending_keeps_its_reservation(tmp_path: Path) -> None:
    def interrupted(vendor: Vendor, request: Request, go: object) -> Reply:
        if toy_vendor.is_submit(request):
            raise KeyboardInterrupt
        return vendor.inside.send(request)

    vendor = Vendor(twists=(interrupted,))
    guard = guarded(vendor, tmp_path, 2000)
    with pytest.raises(KeyboardInterrupt):
        guard.send(ask(vendor))
    assert guard.gone == 1200


def test_a_server_error_keeps_its_reservation(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.fails_after,))
    guard = guarded(vendor, tmp_path, 2000)
    assert guard.send(ask(vendor)).status == 500
    assert events(guard) == ["reserved", "kept"]


def test_an_unreadable_balance_keeps_every_reservation(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.hides_the_balance,))
    guard = guarded(vendor, tmp_path, 2000)
    guard.send(ask(vendor))
    assert guard.gone == 1200


def test_a_price_above_the_published_one_stops_the_run(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.ten_times_dearer,))
    guard = guarded(vendor, tmp_path, 2000)
    guard.send(ask(vendor))
    assert guard.gone == 1200
    assert "cost 12.00, and the published price is 1.20" in guard.stopped
    with pytest.raises(Refused, match="stopped"):
        guard.send(ask(vendor))


def test_only_one_job_runs_at_a_time(tmp_path: Path) -> None:
    vendor = Vendor()
    guard = guarded(vendor, tmp_path, 5000)
    guard.send(ask(vendor))
    with pytest.raises(Refused, match="only one runs at a time"):
        guard.send(ask(vendor))


def test_a_replay_under_the_same_key_costs_nothing(tmp_path: Path) -> None:
    vendor = Vendor()
    guard = guarded(vendor, tmp_path, 5000)
    guard.send(ask(vendor, key="k"))
    guard.send(ask(vendor, key="k"))
    assert (guard.gone, len(guard.jobs)) == (120, 1)


def test_a_success_where_a_refusal_was_expected_stops_the_run_and_cancels(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.accepts_anything,))
    guard = guarded(vendor, tmp_path, 9000)
    guard.expecting_refusal = True
    guard.send(ask(vendor, {"text": "a song", "voice": "kazoo"}))
    assert "where a refusal was expected" in guard.stopped
    assert [j.word for j in guard.jobs.values()] == ["canceled"]
    assert vendor.cents() == 10_000


def test_a_refusal_that_costs_stops_the_run(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.charges_refusals,))
    guard = guarded(vendor, tmp_path, 9000)
    guard.expecting_refusal = True
    guard.send(ask(vendor, {"text": "a song", "voice": "kazoo"}))
    assert guard.gone == 500
    assert "all the same" in guard.stopped


def test_without_any_price_the_whole_wallet_is_the_worst_case(tmp_path: Path) -> None:
    vendor = Vendor(balance="3.00")
    guard = guarded(vendor, tmp_path, 299)
    samples = tuple(replace(s, price="") for s in guard.profile.samples)
    extra = {k: v for k, v in guard.profile.extra.items() if k != "prices"}
    guard.profile = replace(guard.profile, samples=samples, extra=extra)
    with pytest.raises(Refused, match=r"at worst 3.00"):
        guard.send(ask(vendor))


def test_requests_keep_their_distance(tmp_path: Path) -> None:
    vendor = Vendor()
    waits: list[float] = []
    guard = guarded(vendor, tmp_path, 100)
    ticks: Iterator[int] = count()
    guard.pace_s, guard.sleep = 5.0, waits.append
    guard.clock = lambda: float(next(ticks))
    for _ in range(3):
        guard.send(get(vendor, "/api/wallet"))
    assert len(waits) == 2
    assert all(0 < w <= 5 for w in waits)


def test_at_the_end_jobs_are_cancelled_and_the_account_and_the_balance_agree(
    tmp_path: Path,
) -> None:
    vendor = Vendor()
    guard = guarded(vendor, tmp_path, 5000)
    guard.send(ask(vendor))
    left, (statement,) = settle_up(guard, set())
    assert left == []
    assert statement.agrees
    assert (statement.booked, statement.fell) == (120, 0)


def test_what_cannot_be_cancelled_is_named(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.never_cancels,))
    guard = guarded(vendor, tmp_path, 5000)
    guard.send(ask(vendor))
    left, _ = settle_up(guard, set())
    assert left == list(guard.jobs)


def test_a_job_behind_a_lost_reply_is_found_and_cancelled(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.loses_replies,))
    guard = guarded(vendor, tmp_path, 5000)
    with pytest.raises(Lost):
        guard.send(ask(vendor))
    left, _ = settle_up(guard, set())
    assert left == []
    assert vendor.cents() == 10_000


def test_a_vendor_that_took_more_than_was_booked_is_told_apart(tmp_path: Path) -> None:
    vendor = Vendor()
    guard = guarded(vendor, tmp_path, 5000)
    guard.send(ask(vendor))
    vendor.take(500)
    _, (statement,) = settle_up(guard, set())
    assert statement.agrees is False
    assert "adjusted" in events(guard)
    assert guard.gone == 500


def test_an_unread_balance_is_never_called_agreement(tmp_path: Path) -> None:
    vendor = Vendor(twists=(toy_vendor.hides_the_balance,))
    guard = guarded(vendor, tmp_path, 5000)
    guard.send(ask(vendor))
    _, (statement,) = settle_up(guard, set())
    assert statement.agrees is None


def test_nothing_is_bought_while_a_run_is_being_ended(tmp_path: Path) -> None:
    vendor = Vendor()
    guard = guarded(vendor, tmp_path, 5000)
    guard.cleaning = True
    with pytest.raises(Refused, match="being ended"):
        guard.send(ask(vendor))
