"""Money moves in entries that balance, from and to the buckets it belongs to."""

from dataclasses import replace

import pytest

from bodydouble.core.money.ledger import (
    BANK,
    VENDOR,
    Account,
    Entry,
    EntryKind,
    Short,
    balance_of,
    charge,
    opened,
    refund,
    top_up,
)

EMPTY = Account("p/main", "p", "u", 1, 0, (("monthly", 0), ("purchased", 0)))
FULL = replace(EMPTY, buckets=(("monthly", 50), ("purchased", 100)))


def charged(price: int) -> tuple[Account, Entry]:
    return charge(FULL, price, job="j", serial=1, at_us=5)


@pytest.mark.parametrize(
    ("price", "left"),
    [(0, (50, 100)), (30, (20, 100)), (50, (0, 100)), (70, (0, 80)), (150, (0, 0))],
)
def test_a_charge_empties_the_buckets_in_their_order(price: int, left: tuple[int, int]) -> None:
    account, entry = charged(price)
    assert tuple(amount for _, amount in account.buckets) == left
    assert entry.amount == -price
    assert entry.balance_after == account.balance == 150 - price


def test_a_wallet_that_is_one_short_is_not_charged_at_all() -> None:
    with pytest.raises(Short) as short:
        charged(151)
    assert (short.value.required, short.value.balance) == (151, 150)


@pytest.mark.parametrize("price", [1, 50, 70, 150])
def test_a_refund_puts_every_unit_back_where_it_came_from(price: int) -> None:
    account, entry = charged(price)
    after, back = refund(account, entry, serial=2, at_us=9)
    assert after.buckets == FULL.buckets
    assert back.amount == price
    assert (back.kind, back.job, back.at_us) == (EntryKind.REFUND, "j", 9)


def test_a_charge_and_its_refund_are_named_after_the_job_so_that_neither_happens_twice() -> None:
    account, entry = charged(10)
    first = refund(account, entry, serial=2, at_us=0)[1]
    second = refund(account, entry, serial=3, at_us=1)[1]
    assert entry.id == "charge:j"
    assert first.id == second.id == "refund:j"


def test_every_entry_sums_to_zero_and_names_the_other_side() -> None:
    account, out = charged(70)
    entries = [top_up(EMPTY, "monthly", 5, serial=1, at_us=0)[1], out]
    entries.append(refund(account, out, serial=2, at_us=0)[1])
    for entry in entries:
        assert sum(amount for _, amount in entry.postings) == 0
    assert [dict(entry.postings).keys() & {BANK, VENDOR} for entry in entries] == [
        {BANK},
        {VENDOR},
        {VENDOR},
    ]


def test_the_balance_is_the_fold_of_the_entries() -> None:
    account, entries = EMPTY, []
    for serial, (bucket, amount) in enumerate([("monthly", 7), ("purchased", 9), ("monthly", -2)]):
        account, entry = top_up(account, bucket, amount, serial=serial, at_us=0)
        entries.append(entry)
    account, entry = charge(account, 11, job="j", serial=9, at_us=0)
    entries.append(entry)
    assert balance_of(entries) == account.balance == 3


def test_top_ups_of_two_accounts_have_names_of_their_own() -> None:
    other = replace(EMPTY, id="q/main")
    ids = {top_up(one, "monthly", 1, serial=1, at_us=0)[1].id for one in (EMPTY, other)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("wanted", "buckets"),
    [(None, (50, 100)), (150, (50, 100)), (1, (0, 1)), (13, (4, 9)), (0, (0, 0))],
)
def test_an_account_opens_with_what_was_wanted_to_the_last_unit(
    wanted: int | None, buckets: tuple[int, int]
) -> None:
    account, entries = opened(EMPTY, FULL.buckets, wanted)
    assert tuple(amount for _, amount in account.buckets) == buckets
    assert balance_of(entries) == sum(buckets)
    assert all(entry.order < 0 and entry.at_us == 0 for entry in entries)


def test_a_bucket_an_account_does_not_have_holds_nothing() -> None:
    assert FULL.bucket("purchased") == 100
    assert FULL.bucket("bonus") == 0
