"""What is watched while one test runs: its sandbox, its spending, its orphans and real hosts.

The pytest plugin starts a watch with the fixture and asks it for a verdict when the test is over.
It knows nothing of pytest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bodydouble.client import ControlError
from bodydouble.testing.emulator import Emulator
from bodydouble.testing.sandbox import Sandbox
from bodydouble.testing.spending import Limit, Spend, bad_limit, spend_of
from bodydouble.testing.tripwire import Tripwire

USUAL = {"seed": 1, "hints": True}
OWN = ("max_spend", "orphans", "live")
FIELDS = (
    *("seed", "start", "rate", "speed", "scenario", "parameters"),
    *("balance", "quirks", "label", "hints", "cues"),
)
ORPHANS = ("warn", "error", "ignore")
LABEL_MAX = 200


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a test's markers ask for."""

    sandbox: dict[str, Any] = field(default_factory=dict)
    max_spend: Limit | None = None
    orphans: str = "warn"
    live: bool = False
    wrong: str = ""


def read_wishes(given: Mapping[str, Any], label: str, orphans: str) -> Wishes:
    """The markers' arguments over what is usual; ``wrong`` says what is wrong with them."""
    unknown = sorted(set(given) - {*FIELDS, *OWN})
    if unknown:
        known = ", ".join((*FIELDS, *OWN))
        return Wishes(wrong=f"there is no argument {unknown[0]!r}: there are {known}")
    wished = given.get("orphans", orphans)
    if wished not in ORPHANS:
        return Wishes(wrong=f"orphans is one of {', '.join(ORPHANS)}, not {wished!r}")
    own = {name: value for name, value in given.items() if name in FIELDS}
    return Wishes(
        {**USUAL, "label": label[-LABEL_MAX:], **own},
        given.get("max_spend"),
        wished,
        bool(given.get("live", False)),
    )


def begin(emulator: Emulator, wishes: Wishes) -> tuple[Watch | None, str]:
    """A watch over a fresh sandbox; or None, and what is wrong with the wishes."""
    if wishes.wrong:
        return None, wishes.wrong
    if wishes.max_spend is not None:
        wrong = bad_limit(wishes.max_spend)
        if wrong:
            return None, f"max_spend: {wrong}"
    try:
        sandbox = emulator.sandbox(**wishes.sandbox)
    except ControlError as error:
        return None, error.detail
    return Watch(sandbox, wishes), ""


class Watch:
    """One test's watch, from `start` to `end`."""

    def __init__(self, sandbox: Sandbox, wishes: Wishes) -> None:
        self.sandbox = sandbox
        self.wishes = wishes
        hosts = [host for one in sandbox.emulator.app.providers.values() for host in one.hosts]
        self.tripwire = Tripwire(() if wishes.live else hosts)

    def start(self) -> None:
        """Begins to watch for real hosts."""
        if not self.wishes.live:
            self.tripwire.arm()

    def end(self) -> Spend:
        """Stops watching, forgets the sandbox and gives what it would have cost."""
        self.tripwire.disarm()
        try:
            return self.sandbox.spend_in_all
        except ControlError:
            return Spend()  # the test has closed its sandbox itself
        finally:
            self.sandbox.close()
            self.sandbox.forget_self_opened()

    def verdict(self) -> tuple[list[str], list[str]]:
        """(why the test fails, what is only worth a warning), a sentence each."""
        failures = self.tripwire.sentences()
        try:
            receipt = self.sandbox.control.receipt(self.sandbox.id)
        except ControlError:
            return failures, []  # the test has closed its sandbox itself
        if self.wishes.max_spend is not None:
            spend = (
                self.sandbox.spend_in_all if self.sandbox.forked else spend_of(receipt["vendors"])
            )
            failures += spend.over(self.wishes.max_spend)
        orphans = [_orphan(one) for one in receipt["orphans"]]
        if self.wishes.orphans == "error":
            return failures + orphans, []
        return failures, orphans if self.wishes.orphans == "warn" else []

    def story(self) -> str:
        """What happened in the sandbox, for a failed test's report."""
        tripped = self.tripwire.sentences()
        return "\n".join([*tripped, self.sandbox.story()])


def _orphan(one: Mapping[str, Any]) -> str:
    paid = f"{one['price']} {one['currency']}"
    return f"orphan: {one['provider']} job {one['job']} was charged {paid}, and {one['why']}"


def receipt_of(tests: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole session's receipt as JSON: the vendors' bills, and each test's."""
    total = spend_of(row for test in tests for row in test["vendors"])
    return {"vendors": total.rows(), "tests": sorted(tests, key=lambda test: str(test["test"]))}


def sentence_of(tests: list[dict[str, Any]]) -> str:
    """``this suite would have cost 1.40 USD at smartlyq (5 charges)``."""
    total = spend_of(row for test in tests for row in test["vendors"])
    parts = []
    for name, bill in sorted(total.items()):
        back = f", {bill.refunded} of it refunded" if bill.refunded else ""
        parts.append(
            f"{bill.net} {bill.currency} at {name} ({bill.charges} charges of {bill.charged}{back})"
        )
    return f"this suite would have cost {', '.join(parts)}"
