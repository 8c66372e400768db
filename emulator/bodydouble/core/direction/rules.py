"""Rules of a scenario: when a request matches, then its job is directed or trouble strikes.

A scenario's rules are compiled once, by its id, and indexed by vendor and operation, so that a
hundred rules about other requests cost nothing. The first rule that matches directs the job; every
trouble that matches strikes. Counting calls is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bodydouble.core.direction.directions import Direction
from bodydouble.core.direction.faults import Point, Trouble
from bodydouble.core.direction.matching import Match

RULES_MAX = 1_000
_PROMPTS_REMEMBERED_MAX = 512
_PROMPT_REMEMBERED_CHARS = 2_000
_COMPILED_MAX = 256


@dataclass(frozen=True, slots=True)
class Rule:
    """``nth`` are the matching calls it means (1 is the first), ``every`` each so-many-th.

    Neither: all of them. Either ``direction`` or ``trouble``.
    """

    match: Match = field(default_factory=Match)
    nth: tuple[int, ...] = ()
    every: int = 0
    probability: float = 1.0
    direction: Direction | None = None
    trouble: Trouble | None = None

    @property
    def counted(self) -> bool:
        """Whether somebody must count the calls that match."""
        return bool(self.nth or self.every)

    def means(self, count: int) -> bool:
        """Whether the ``count``-th matching call is one it means."""
        if self.nth and count in self.nth:
            return True
        return bool(self.every) and count % self.every == 0


Numbered = tuple[int, Rule]


class Compiled:
    """One scenario's rules, found by where a request goes and what it asks for."""

    __slots__ = ("_contents", "_places", "rules", "troubled")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(enumerate(rules, 1))
        self.troubled = frozenset(rule.trouble.point for rule in rules if rule.trouble is not None)
        self._places: dict[tuple[str, str, Point | None], tuple[Numbered, ...]] = {}
        self._contents: dict[tuple[str, str, Point | None, str, str], tuple[Numbered, ...]] = {}

    def at(
        self, provider: str, operation: str, kinds: tuple[str, ...], point: Point | None
    ) -> tuple[Numbered, ...]:
        """Rules that may mean requests there: those that direct (None), or strike at a point."""
        known = self._places.get((provider, operation, point))
        if known is None:
            known = self._places[provider, operation, point] = tuple(
                (number, rule)
                for number, rule in self.rules
                if _point(rule) is point and rule.match.place(provider, operation, kinds)
            )
        return known

    def about(
        self, place: tuple[str, str, tuple[str, ...]], point: Point | None, model: str, prompt: str
    ) -> tuple[Numbered, ...]:
        """Those of `at` that mean this content, too; remembered where the prompt is short."""
        provider, operation, kinds = place
        slot = (provider, operation, point, model, prompt)
        known = self._contents.get(slot)
        if known is None:
            known = tuple(
                (number, rule)
                for number, rule in self.at(provider, operation, kinds, point)
                if rule.match.content(model, prompt)
            )
            if len(prompt) <= _PROMPT_REMEMBERED_CHARS:
                if len(self._contents) >= _PROMPTS_REMEMBERED_MAX:
                    self._contents.clear()
                self._contents[slot] = known
        return known


def _point(rule: Rule) -> Point | None:
    return rule.trouble.point if rule.trouble is not None else None


_compiled: dict[str, Compiled] = {}


def compiled_rules(scenario_id: str, rules: Sequence[Rule]) -> Compiled:
    """The rules of the scenario with that id, compiled the first time it is asked for."""
    known = _compiled.get(scenario_id)
    if known is None:
        if len(_compiled) >= _COMPILED_MAX:
            _compiled.clear()
        known = _compiled[scenario_id] = Compiled(rules)
    return known
