"""Rules, faults and parameters as people write them, in YAML or JSON, read into the core's records.

Strict about names, because a misspelt condition would match everything. Errors are pydantic's and
name the field; where the text came from is for the caller.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from hashlib import blake2b
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from bodydouble.core.details import NAME
from bodydouble.core.errors import Cause
from bodydouble.core.keys import digest
from bodydouble.core.reasons import Reason
from bodydouble.core.scenarios.directives import BadDirective, Directive, read_directive
from bodydouble.core.scenarios.endings import Ending
from bodydouble.core.scenarios.faults import (
    DELAY_MAX_MS,
    KINDS,
    Fault,
    Kind,
    Latency,
    Point,
    Spread,
)
from bodydouble.core.scenarios.matching import PATTERN_MAX, Match, compiled
from bodydouble.core.scenarios.rules import RULES_MAX, Rule
from bodydouble.core.scenarios.scenario import Scenario, Script

SCENARIO_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
Short = Annotated[str, StringConstraints(max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
Times = Annotated[int, Field(ge=1, le=1_000_000)]
Weight = Annotated[int, Field(ge=1, le=1000)]
DetailName = Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")]
Factor = Annotated[float, Field(ge=0, le=1_000_000)]


class Written(BaseModel):
    """Something written by people: every field is known, no number is infinite."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=()
    )


class MatchText(Written):
    """Conditions; what is left out matches everything."""

    provider: Short = ""
    operation: Short = ""
    model: Short = ""
    prompt: Annotated[str, StringConstraints(max_length=PATTERN_MAX)] = ""
    account: Short = ""
    key: Annotated[str, StringConstraints(max_length=500)] = ""

    @field_validator("prompt")
    @classmethod
    def _fit(cls, text: str) -> str:
        compiled(text)
        return text

    def match(self) -> Match:
        """The conditions; a key is kept as its digest only."""
        fields = self.model_dump(include=set(MatchText.model_fields))
        return Match(**{**fields, "key": digest(self.key) if self.key else ""})


class LatencyText(Written):
    """``{"ms": 800, "distribution": "lognormal", "spread": 0.5}``."""

    ms: Annotated[float, Field(ge=0, le=DELAY_MAX_MS)]
    distribution: Spread = Spread.FIXED
    spread: Annotated[float, Field(ge=0, le=DELAY_MAX_MS)] = 0.0

    def latency(self) -> Latency:
        """The distribution."""
        return Latency(self.ms, self.distribution, self.spread)


class FaultText(Written):
    """What goes wrong: a point, a kind that exists there, and what that kind needs."""

    point: Point
    kind: Kind
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    cause: Cause | None = None
    retry_after_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    latency: LatencyText | None = None
    hold_s: Annotated[float, Field(ge=0, le=86_400)] = 5.0
    detail: DetailName | None = None

    @model_validator(mode="after")
    def _whole(self) -> FaultText:
        kinds = KINDS[self.point]
        if self.kind not in kinds:
            raise ValueError(f"at {self.point}, kind is one of {', '.join(kinds)}")
        if (self.kind is Kind.LATENCY) != (self.latency is not None):
            raise ValueError("latency goes with the kind latency, and that kind needs it")
        if self.kind is Kind.STATUS:
            if self.point is Point.ARRIVAL and self.status is None and self.cause is None:
                raise ValueError("the kind status needs a status (400 to 599) or a cause")
        elif self.status is not None or self.cause is not None:
            raise ValueError("status and cause go with the kind status")
        if self.detail is not None and self.cause is None:
            raise ValueError("a detail is one of a cause: give the cause, too")
        return self

    def to_fault(self) -> Fault:
        """The fault."""
        return Fault(
            self.point,
            self.kind,
            status=self.status,
            cause=self.cause,
            retry_after_s=self.retry_after_s,
            latency=self.latency.latency() if self.latency else None,
            hold_s=self.hold_s,
            detail=self.detail,
        )


class WhenText(MatchText):
    """Conditions of a rule; ``nth`` counts the requests that meet the others, from 1."""

    nth: Times | Annotated[list[Times], Field(max_length=1000)] | None = None
    every: Times | None = None


class ThenText(Written):
    """What a rule does: the words of a cue, or ``fault``."""

    refuse: Short | None = None
    fail: Short | None = None
    finish: Literal[True] | None = None
    stuck: Literal[True] | None = None
    ending: Short | None = None
    wait: Short | None = None
    run: Short | None = None
    after: Short | None = None
    fault: FaultText | None = None

    @model_validator(mode="after")
    def _one(self) -> ThenText:
        words = self.words()
        if (self.fault is not None) == bool(words):
            raise ValueError("give either fault or the words of a cue (fail, after, ending, …)")
        if words:
            try:
                read_directive(words)
            except BadDirective as error:
                raise ValueError(str(error)) from None
        return self

    def words(self) -> dict[str, Any]:
        """What directs the job."""
        return self.model_dump(exclude={"fault"}, exclude_none=True)

    def directive(self) -> Directive | None:
        """What the words direct; None for a fault."""
        return None if self.fault is not None else read_directive(self.words())


class RuleText(Written):
    """``{"when": {…}, "then": {…}}``."""

    when: WhenText = Field(default_factory=WhenText)
    then: ThenText
    probability: Share = 1.0

    def rule(self) -> Rule:
        """The rule."""
        nth = self.when.nth
        return Rule(
            match=self.when.match(),
            nth=() if nth is None else (nth,) if isinstance(nth, int) else tuple(nth),
            every=self.when.every or 0,
            probability=self.probability,
            directive=self.then.directive(),
            fault=self.then.fault.to_fault() if self.then.fault else None,
        )


class ParametersText(Written):
    """What may be turned in a named scenario; ``probability`` and the last two turn its rules."""

    wait_factor: Factor | None = None
    run_factor: Factor | None = None
    jitter: Share | None = None
    failure_rate: Share | None = None
    failures: (
        Annotated[dict[Reason, Annotated[int, Field(ge=1, le=1000)]], Field(min_length=1)] | None
    ) = None
    stuck: bool | None = None
    ending: Ending | None = None
    probability: Share | None = None
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    retry_after_s: Annotated[int, Field(ge=0, le=86_400)] | None = None

    def apply(self, scenario: Scenario) -> Scenario:
        """The scenario, turned."""
        plain = ("wait_factor", "run_factor", "jitter", "failure_rate", "stuck")
        turned: dict[str, Any] = {
            name: value for name in plain if (value := getattr(self, name)) is not None
        }
        if self.failures is not None:
            turned["failures"] = tuple(self.failures.items())
        if self.ending is not None:
            turned["ending"] = self.ending
        return replace(scenario, **turned, rules=tuple(map(self._turn, scenario.rules)))

    def _turn(self, rule: Rule) -> Rule:
        if rule.fault is None:
            return rule
        turned: dict[str, Any] = {}
        if self.status is not None:
            turned |= {"status": self.status, "cause": None}
        if self.retry_after_s is not None:
            turned["retry_after_s"] = self.retry_after_s
        chance = rule.probability if self.probability is None else self.probability
        return replace(rule, probability=chance, fault=replace(rule.fault, **turned))


class ScenarioText(Written):
    """A scenario file: a named scenario as its base, turned, with rules of its own."""

    name: Annotated[str, StringConstraints(pattern=f"^{SCENARIO_NAME.pattern}$")]
    about: Annotated[str, StringConstraints(max_length=500)] = ""
    base: Short = "normal"
    parameters: ParametersText = Field(default_factory=ParametersText)
    rules: Annotated[list[RuleText], Field(max_length=RULES_MAX)] = Field(default_factory=list)


def scripted(
    name: str, base: Scenario, parameters: ParametersText, rules: list[RuleText], about: str = ""
) -> Script:
    """A script: ``base`` turned by the parameters, its rules after those given here."""
    written = {
        "name": name,
        "base": base.id,
        "parameters": parameters.model_dump(mode="json", exclude_none=True),
        "rules": [rule.model_dump(mode="json", exclude_none=True) for rule in rules],
    }
    text = json.dumps(written, sort_keys=True, separators=(",", ":"))
    id = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    own = tuple(rule.rule() for rule in rules)
    turned = parameters.apply(base)
    turned = replace(
        turned, name=name, about=about or base.about, rules=(*own, *turned.rules), digest=id
    )
    return Script(id, turned)
