"""What a live run spends, account by account: what is promised, what is gone, and who says so.

An account has lost at least what its jobs cost, and at least what its balance fell by: the larger
of the two counts, because a price list, a reply and a balance can each be wrong. Refunds give
nothing back. Integers in the profile's smallest unit; it refuses to send anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.submissions import price_of
from bodydouble_contracts.vendors.profile import Profile


@dataclass(slots=True)
class BoughtJob:
    """One job that a live run made."""

    id: str
    role: str
    op: str
    cost: int = 0
    word: str = "queued"
    final: bool = False
    known: bool = True


@dataclass(slots=True)
class Spending:
    """What one account has spent. `fresh` says that no write happened since the last reading."""

    name: str
    opening: int | None = None
    latest: int | None = None
    fallen: int = 0
    fresh: bool = False
    entries: dict[str, int] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    @property
    def booked(self) -> int:
        """What the requests cost, or are feared to have cost."""
        return sum(self.entries.values())

    @property
    def feared(self) -> int:
        """The part of what was booked whose outcome is unknown."""
        return sum(self.entries[ref] for ref in self.unknown if ref in self.entries)

    @property
    def gone(self) -> int:
        """What counts against the budget; the unknown counts on top of what the balance shows."""
        return max(self.booked - self.feared, self.fallen) + self.feared

    @property
    def spent(self) -> int:
        """What a report says was spent: a fall nothing else explains is the unknown's own."""
        settled = self.booked - self.feared
        unexplained = max(0, self.fallen - settled)
        return max(settled, self.fallen) + max(0, self.feared - unexplained)

    def saw(self, balance: int) -> None:
        """Take a reading; every fall counts, no rise does."""
        self.opening = balance if self.opening is None else self.opening
        self.fallen += max(0, self.latest - balance) if self.latest is not None else 0
        self.latest, self.fresh = balance, True


@dataclass(frozen=True, slots=True)
class Purchase:
    """A request that may cost money, as reserved. `price` is the published one, where it is."""

    request: Request
    role: str
    account: Spending
    ref: str
    price: int | None
    worst: int
    before: int | None


def dearest(profile: Profile) -> int | None:
    """Return the highest price the profile knows, per-second prices at their longest sample."""
    found = []
    for row in profile.section("prices").get("rows", []):
        times = row.get("times", 1)
        factor = longest(profile, row["per"], row) if row.get("per") else 1
        units = profile.units(row["cost"], times=Decimal(str(times)) * factor)
        if units is not None:
            found.append(units)
    found += [u for s in profile.samples if s.price and (u := profile.units(s.price)) is not None]
    return max(found, default=None)


def longest(profile: Profile, member: str, row: dict[str, object]) -> int:
    """Return the largest value of a priced member among the profile's samples."""
    values = [s.body.get(member) for s in profile.samples]
    numbers = [int(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    given = row.get("default", 1)
    return max([*numbers, int(given) if isinstance(given, int) else 1])


def listed_price(profile: Profile, call: Call) -> int | None:
    """Return the published price of a request: the price table's, else its sample's."""
    found = price_of(profile, call)
    if found is not None:
        return found
    for sample in profile.samples:
        if sample.price and sample.body == call.body:
            return profile.units(sample.price)
    return None
