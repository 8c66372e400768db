"""A monitor of one test: its sandbox, its spending, its orphans and its tries of real hosts.

The pytest plugin starts one with the fixture and asks it for a verdict when the test is over.
It knows nothing of pytest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bodydouble.client import ControlError
from bodydouble.testing.emulator import Emulator
from bodydouble.testing.network_guard import NetworkGuard
from bodydouble.testing.spending import Limit, Spend, bad_limit, spend_of

USUAL = {"seed": 1, "hints": True}
OWN = ("max_spend", "orphans", "live")
FIELDS = (
    *("seed", "start", "rate", "speed", "scenario", "parameters"),
    *("balance", "quirks", "label", "hints", "cues", "media"),
)
ORPHANS = ("warn", "error", "ignore")
LABEL_MAX = 200


@dataclass(frozen=True, slots=True)
class MarkerOptions:
    """What a test's markers ask for."""

    sandbox: dict[str, Any] = field(default_factory=dict)
    max_spend: Limit | None = None
    orphans: str = "warn"
    live: bool = False


def read_marker(given: Mapping[str, Any], label: str, orphans: str) -> MarkerOptions:
    """The markers' arguments over the defaults; ValueError says what is wrong with them."""
    unknown = sorted(set(given) - {*FIELDS, *OWN})
    if unknown:
        known = ", ".join((*FIELDS, *OWN))
        raise ValueError(f"there is no argument {unknown[0]!r}: there are {known}")
    orphans = given.get("orphans", orphans)
    if orphans not in ORPHANS:
        raise ValueError(f"orphans is one of {', '.join(ORPHANS)}, not {orphans!r}")
    max_spend = given.get("max_spend")
    if max_spend is not None and (wrong := bad_limit(max_spend)):
        raise ValueError(f"max_spend: {wrong}")
    own = {name: value for name, value in given.items() if name in FIELDS}
    sandbox = {**USUAL, "label": label[-LABEL_MAX:], **own}
    return MarkerOptions(sandbox, max_spend, orphans, bool(given.get("live", False)))


class Monitor:
    """Watches one test, from `start` to `end`, in its own sandbox, or raises ControlError."""

    def __init__(self, emulator: Emulator, options: MarkerOptions) -> None:
        self.sandbox = emulator.sandbox(**options.sandbox)
        self.options = options
        hosts = [host for one in emulator.app.providers.values() for host in one.hosts]
        self.network_guard = NetworkGuard(() if options.live else hosts)

    def start(self) -> None:
        """Refuses real hosts from here on."""
        if not self.options.live:
            self.network_guard.install()

    def end(self) -> Spend:
        """Lets real hosts be, forgets the sandbox and gives what it would have cost."""
        self.network_guard.remove()
        try:
            return self.sandbox.spend_in_all
        except ControlError:
            return Spend()  # the test has closed its sandbox itself
        finally:
            self.sandbox.close()
            self.sandbox.forget_self_opened()

    def verdict(self) -> tuple[list[str], list[str]]:
        """(why the test fails, what is only worth a warning), a sentence each."""
        failures = self.network_guard.messages()
        try:
            receipt = self.sandbox.control.receipt(self.sandbox.id)
        except ControlError:
            return failures, []  # the test has closed its sandbox itself
        if self.options.max_spend is not None:
            spend = (
                self.sandbox.spend_in_all if self.sandbox.forked else spend_of(receipt["vendors"])
            )
            failures += spend.over(self.options.max_spend)
        orphans = [_orphan(one) for one in receipt["orphans"]]
        if self.options.orphans == "error":
            return failures + orphans, []
        return failures, orphans if self.options.orphans == "warn" else []

    def transcript(self) -> str:
        """What happened in the sandbox, for a failed test's report."""
        return "\n".join([*self.network_guard.messages(), self.sandbox.transcript()])


def _orphan(one: Mapping[str, Any]) -> str:
    paid = f"{one['price']} {one['currency']}"
    return f"orphan: {one['provider']} job {one['job']} was charged {paid}, and {one['why']}"


def receipt_of(tests: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole session's receipt as JSON: the vendors' bills, and each test's."""
    total = spend_of(row for test in tests for row in test["vendors"])
    return {"vendors": total.rows(), "tests": sorted(tests, key=lambda test: str(test["test"]))}


def sentence_of(tests: list[dict[str, Any]]) -> str:
    """``this suite would have cost 1.40 USD at NAME (5 charges)``."""
    total = spend_of(row for test in tests for row in test["vendors"])
    parts = []
    for name, bill in sorted(total.items()):
        back = f", {bill.refunded} of it refunded" if bill.refunded else ""
        parts.append(
            f"{bill.net} {bill.currency} at {name} ({bill.charges} charges of {bill.charged}{back})"
        )
    return f"this suite would have cost {', '.join(parts)}"
