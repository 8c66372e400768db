"""Rules of a scenario: when a request matches, its job is directed or a fault is injected.

A scenario's rules are compiled once, by its id, and indexed by vendor and operation, so that a
hundred rules about other requests cost nothing. The first rule that matches directs the job; every
fault that matches is injected. Counting calls is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bodydouble.core.scenarios.directives import Directive
from bodydouble.core.scenarios.faults import Fault, Point
from bodydouble.core.scenarios.matching import Match

RULES_MAX = 1_000
_PROMPTS_REMEMBERED_MAX = 512
_PROMPT_REMEMBERED_CHARS = 2_000
_COMPILED_MAX = 256


@dataclass(frozen=True, slots=True)
class Rule:
    """``nth`` are the matching calls it means (1 is the first), ``every`` each so-many-th.

    Neither: all of them. Either ``directive`` or ``fault``.
    """

    match: Match = field(default_factory=Match)
    nth: tuple[int, ...] = ()
    every: int = 0
    probability: float = 1.0
    directive: Directive | None = None
    fault: Fault | None = None

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

    __slots__ = ("_contents", "_routes", "fault_points", "rules")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(enumerate(rules, 1))
        self.fault_points = frozenset(rule.fault.point for rule in rules if rule.fault is not None)
        self._routes: dict[tuple[str, str, Point | None], tuple[Numbered, ...]] = {}
        self._contents: dict[tuple[str, str, Point | None, str, str], tuple[Numbered, ...]] = {}

    def at(
        self, provider: str, operation: str, kinds: tuple[str, ...], point: Point | None
    ) -> tuple[Numbered, ...]:
        """Rules that may mean requests there: those that direct (None), or inject at a point."""
        known = self._routes.get((provider, operation, point))
        if known is None:
            known = self._routes[provider, operation, point] = tuple(
                (number, rule)
                for number, rule in self.rules
                if _point(rule) is point and rule.match.matches_route(provider, operation, kinds)
            )
        return known

    def about(
        self, route: tuple[str, str, tuple[str, ...]], point: Point | None, model: str, prompt: str
    ) -> tuple[Numbered, ...]:
        """Those of `at` that mean this content, too; remembered where the prompt is short."""
        provider, operation, kinds = route
        slot = (provider, operation, point, model, prompt)
        known = self._contents.get(slot)
        if known is None:
            known = tuple(
                (number, rule)
                for number, rule in self.at(provider, operation, kinds, point)
                if rule.match.matches_content(model, prompt)
            )
            if len(prompt) <= _PROMPT_REMEMBERED_CHARS:
                if len(self._contents) >= _PROMPTS_REMEMBERED_MAX:
                    self._contents.clear()
                self._contents[slot] = known
        return known


def _point(rule: Rule) -> Point | None:
    return rule.fault.point if rule.fault is not None else None


_compiled: dict[str, Compiled] = {}


def compiled_rules(scenario_id: str, rules: Sequence[Rule]) -> Compiled:
    """The rules of the scenario with that id, compiled the first time it is asked for."""
    known = _compiled.get(scenario_id)
    if known is None:
        if len(_compiled) >= _COMPILED_MAX:
            _compiled.clear()
        known = _compiled[scenario_id] = Compiled(rules)
    return known
