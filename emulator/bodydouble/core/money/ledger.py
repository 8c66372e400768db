"""Money that is neither made nor lost: accounts, and the double entries that are their history.

Every movement is an entry whose postings sum to zero; an account's balance is the fold of its
entries, kept beside it only for speed and checked by a law. A charge is refunded at most once,
because the refund's id is the charge's. Amounts are integers of the vendor's smallest unit.
What is worth refunding is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from bodydouble.core.records import changed, record
from bodydouble.core.slots import SlotUse

VENDOR = "vendor"
BANK = "bank"


class EntryKind(StrEnum):
    """Why money moved."""

    TOP_UP = "top_up"
    CHARGE = "charge"
    REFUND = "refund"


@record
class Account:
    """One customer of one vendor: who pays, and from which buckets, in the order they are spent."""

    id: str
    provider: str
    user_id: str
    number: int
    opened_at_us: int
    buckets: tuple[tuple[str, int], ...]
    running: int = 0
    waiting: int = 0
    slots: SlotUse = ()
    group: str = ""
    order: int = 0

    @property
    def balance(self) -> int:
        """What can be spent, all buckets together."""
        total = 0
        for _, amount in self.buckets:
            total += amount
        return total

    def bucket(self, name: str) -> int:
        """What one bucket holds; 0 where the account has no such bucket."""
        return dict(self.buckets).get(name, 0)


@record
class Entry:
    """One movement. ``postings`` are (place, amount) pairs that sum to 0; a bucket is a place."""

    id: str
    group: str
    order: int
    kind: EntryKind
    postings: tuple[tuple[str, int], ...]
    job: str
    at_us: int
    balance_after: int

    @property
    def amount(self) -> int:
        """How the wallet changed: negative for a charge."""
        return sum([amount for place, amount in self.postings if place not in (VENDOR, BANK)])


class Short(Exception):
    """The wallet does not hold what the submission costs."""

    def __init__(self, required: int, balance: int) -> None:
        super().__init__(f"{required} needed, {balance} there")
        self.required = required
        self.balance = balance


def _booked(account: Account, moves: Iterable[tuple[str, int]]) -> Account:
    held = dict(account.buckets)
    for name, amount in moves:
        held[name] = held.get(name, 0) + amount
    return changed(account, buckets=tuple(held.items()))


def top_up(
    account: Account, bucket: str, amount: int, *, serial: int, at_us: int
) -> tuple[Account, Entry]:
    """Money comes in from outside (or, negative, leaves: a tester who sets a balance)."""
    after = _booked(account, [(bucket, amount)])
    postings = ((bucket, amount), (BANK, -amount))
    return after, Entry(
        f"top_up:{account.id}:{serial}",
        account.id,
        serial,
        EntryKind.TOP_UP,
        postings,
        "",
        at_us,
        after.balance,
    )


def opened(
    account: Account, shares: Sequence[tuple[str, int]], wanted: int | None
) -> tuple[Account, list[Entry]]:
    """A new account and what it starts with: the ``shares``, or ``wanted`` spread likewise."""
    account = changed(account, buckets=tuple([(bucket, 0) for bucket, _ in shares]))
    total = sum([amount for _, amount in shares])
    left = wanted = total if wanted is None else wanted
    entries = []
    for position, (bucket, share) in enumerate(shares):
        last = position == len(shares) - 1
        amount = left if last else min(left, wanted * share // total if total else 0)
        left -= amount
        if amount:
            # Before every other entry, and without taking a number from those.
            account, entry = top_up(
                account, bucket, amount, serial=position - len(shares), at_us=account.opened_at_us
            )
            entries.append(entry)
    return account, entries


def charge(
    account: Account, price: int, *, job: str, serial: int, at_us: int
) -> tuple[Account, Entry]:
    """``price`` is taken, bucket by bucket in spending order. `Short`: then nothing moved."""
    moves, buckets, left, balance = [], [], price, account.balance
    if price > balance:
        raise Short(price, balance)
    for name, held in account.buckets:
        part = max(0, min(left, held))
        if part:
            moves.append((name, -part))
            left -= part
        buckets.append((name, held - part))
    after = changed(account, buckets=tuple(buckets))
    postings = (*moves, (VENDOR, price))
    return after, Entry(
        f"charge:{job}",
        account.id,
        serial,
        EntryKind.CHARGE,
        postings,
        job,
        at_us,
        balance - price,
    )


def refund(account: Account, charged: Entry, *, serial: int, at_us: int) -> tuple[Account, Entry]:
    """A charge goes back, in full, to the buckets it came from."""
    moves = [(place, -amount) for place, amount in charged.postings if place != VENDOR]
    after = _booked(account, moves)
    postings = tuple((place, -amount) for place, amount in charged.postings)
    return after, Entry(
        f"refund:{charged.job}",
        account.id,
        serial,
        EntryKind.REFUND,
        postings,
        charged.job,
        at_us,
        after.balance,
    )


def balance_of(entries: Iterable[Entry]) -> int:
    """The fold: what a wallet with this history holds."""
    return sum(entry.amount for entry in entries)
