"""A history read through a profile, with everything contracts ask for computed once.

Calls by what they do, sightings of each job in order, submissions with what their idempotency
key makes of them. It says what happened, never whether that was right.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

from bodydouble_contracts.history.exchanges import (
    ClockMove,
    Control,
    Delivery,
    Exchange,
    History,
    Mark,
)
from bodydouble_contracts.reading.balances import Interval, expected_balances
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.sightings import Sighting, faded, look
from bodydouble_contracts.reading.submissions import Submission, read_submissions
from bodydouble_contracts.vendors.profile import Profile

Json = Any


class View:
    """One history and its profile; all derived facts are computed lazily and kept."""

    def __init__(self, history: History, profile: Profile, any_key: bool = False) -> None:
        """Take history and profile; `any_key` says that the target takes keys nobody issued."""
        self.any_key = any_key
        self.history = history
        self.profile = profile
        self.calls: list[Call] = [
            Call(step, profile, index)
            for index, step in enumerate(history.steps)
            if isinstance(step, Exchange) and "link" not in step.intent
        ]

    def doing(self, *does: str, of: str | None = None) -> list[Call]:
        """Return the calls that do one of these things, in order."""
        if len(does) == 1 and of is None:
            return self._by_does.get(does[0], [])
        return [
            c for c in self.calls if c.does in does and (of is None or (c.op and c.op.of == of))
        ]

    @cached_property
    def _by_does(self) -> dict[str, list[Call]]:
        out: dict[str, list[Call]] = defaultdict(list)
        for call in self.calls:
            out[call.does].append(call)
        return out

    @cached_property
    def submissions(self) -> list[Submission]:
        """Every submission, with what its idempotency key makes of it."""
        return read_submissions(self.doing("submit"), self.profile)

    @cached_property
    def sightings(self) -> dict[str, list[Sighting]]:
        """All looks at each job, in order."""
        return self.sightings_of("job")

    def sightings_of(self, resource: str) -> dict[str, list[Sighting]]:
        """All looks at each resource of a kind, in order."""
        out: dict[str, list[Sighting]] = defaultdict(list)
        for call in self.calls:
            if call.ok and call.op and call.op.of == resource:
                for sighting in look(call, call.op):
                    # A replayed submission repeats an old reply: it is no look at the job.
                    if sighting.via != "submit" or sighting.id not in out:
                        out[sighting.id].append(sighting)
        if not self.profile.section("fading"):
            return out
        return {id: faded(looks) for id, looks in out.items()}

    def known_word(self, job: str, call: Call) -> Sighting | None:
        """Return the last look before a call if it still holds: final, or at the same instant, and
        nobody cancelled the job since."""
        before = [s for s in self.sightings.get(job, []) if s.call.index < call.index and s.word]
        last = before[-1] if before else None
        if last is None or last.final:
            return last
        cancelled = any(
            last.call.index < c.index < call.index and (c.ok or c.lost)
            for c in self.doing("cancel")
            if c.params.get("job") == job
        )
        still = self.still(last.call.index, call.index)
        return last if still and not cancelled else None

    @cached_property
    def owners(self) -> dict[str, str]:
        """Who submitted each job."""
        return {s.job: s.account for s in self.submissions if s.accepted and s.job}

    @cached_property
    def possessors(self) -> dict[str, str]:
        """Whose each resource is: who submitted or sent it, else who first saw it."""
        out = dict(self.owners)
        for call in self.doing("upload"):
            if call.ok:
                out.setdefault(str(call.at("image")), call.account)
        for call in self.doing("webhook_create"):
            if call.ok:
                out.setdefault(str(call.at("hook")), call.account)
        for resource in ("video", "image"):
            for name, looks in self.sightings_of(resource).items():
                out.setdefault(name, looks[0].call.account)
        return out

    @cached_property
    def removals(self) -> dict[str, Call]:
        """By id of a resource: the first call that removed it, or may have, its reply being lost.

        A cancel removes where the profile says so: what was open, or what had ended.
        """
        out: dict[str, Call] = {}
        for call in self.doing("remove", "cancel"):
            name = next(iter(call.params.values()), "")
            if call.does == "remove":
                done = call.lost or (call.ok and not call.absent)
                gone = done and self.possessors.get(name, call.account) == call.account != ""
            else:
                gone = (call.ok or call.lost) and self.owners.get(name) == call.account
                gone = gone and self._cancel_removes(name, call)
            if gone:
                out.setdefault(name, call)
        return out

    def _cancel_removes(self, job: str, call: Call) -> bool:
        if self.profile.cancel.removes or call.lost:
            return self.profile.cancel.removes
        known = self.known_word(job, call)
        also = call.op is not None and "remove" in call.op.also
        return also and known is not None and known.final

    @cached_property
    def balances(self) -> dict[str, list[Interval]]:
        """What each balance reading should have shown, account by account."""
        return expected_balances(self.history, self.profile, self.calls, self.submissions)

    @cached_property
    def fetches(self) -> list[Call]:
        """Links that were opened: requests to the vendor's files, and no calls of its API."""
        return [
            Call(step, self.profile, index)
            for index, step in enumerate(self.history.steps)
            if isinstance(step, Exchange) and "link" in step.intent
        ]

    @cached_property
    def deliveries(self) -> list[tuple[int, Delivery]]:
        """Webhooks that arrived, with their place among the steps."""
        return [(i, s) for i, s in enumerate(self.history.steps) if isinstance(s, Delivery)]

    @cached_property
    def controls(self) -> list[tuple[int, Control]]:
        """What only the control plane can do, with its place among the steps."""
        return [(i, s) for i, s in enumerate(self.history.steps) if isinstance(s, Control)]

    @cached_property
    def earned(self) -> list[int]:
        """The places of top-ups among the steps."""
        return [index for index, step in self.controls if step.action == "top_up"]

    @cached_property
    def marks(self) -> list[tuple[int, Mark]]:
        """Remarks of the driver, with their place among the steps."""
        return [(i, s) for i, s in enumerate(self.history.steps) if isinstance(s, Mark)]

    @cached_property
    def _moves(self) -> list[int]:
        """How many disturbances happened up to each step: clock moves and steering."""
        out, count = [], 0
        for step in self.history.steps:
            disturbing = isinstance(step, ClockMove) or (
                isinstance(step, Control) and step.action in ("force", "restore")
            )
            count += disturbing
            out.append(count)
        return out

    def took_s(self, call: Call) -> float:
        """How long the way of a reply may have been, by the clock that dates it; a clock that only
        the judge moves stands still meanwhile."""
        return 0.0 if self.history.controlled else call.x.took_us / 1e6

    def still(self, first: int, last: int) -> bool:
        """Whether time stood still between two steps; never true where the judge has no clock."""
        return self.history.controlled and self._moves[first] == self._moves[last]
