"""The parts of a profile: requests with what is known of them, refusals, roles, capabilities.

They hold what the file says and refuse to know what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any
Have = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Rule:
    """How one refusal is told from every other reply: all that is not empty must hold."""

    status: tuple[int, ...]
    codes: tuple[Json, ...] = ()
    text: re.Pattern[str] | None = None

    def __str__(self) -> str:
        """Return it as people write it: `404`, `400 or 422 with look_again`."""
        codes = f" with {either(self.codes)}" if self.codes else ""
        text = f" that says {self.text.pattern!r}" if self.text else ""
        return f"{either(self.status)}{codes}{text}"


@dataclass(frozen=True, slots=True)
class Header:
    """A header that every request carries, and how the vendor refuses one without it."""

    name: str
    value: str
    required: Rule | None = None
    wrong: str = ""
    unknown: Rule | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A request body the vendor must accept, with what is known of its price."""

    name: str
    op: str
    body: Json
    price: str = ""
    source: str = "assumption"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request the vendor must refuse for free. `kind` says which contract it exercises:
    `listed` (VAL-01), `missing` (VAL-03), `conditional` (VAL-04), `beyond` (VAL-05), `type`
    (VAL-08), `unknown` (VAL-10)."""

    name: str
    kind: str
    op: str
    body: Json
    rule: Rule
    field: str = ""
    source: str = "assumption"


@dataclass(frozen=True, slots=True)
class Failing:
    """A body that the vendor accepts and whose job then fails, for a reason that begins so; under
    a scenario of the control plane, where the body alone does not do it."""

    name: str
    op: str
    body: Json
    scenario: tuple[tuple[str, Json], ...] = ()
    reason: str = ""
    source: str = "assumption"


@dataclass(frozen=True, slots=True)
class Slots:
    """How many jobs of one account and group run at once, and the word of one that waits."""

    count: int
    word: str
    per: str = ""
    role: str = "main"


@dataclass(frozen=True, slots=True)
class Cancel:
    """What a cancel leaves: a reply without the job (`silent`), and no job at all (`removes`)."""

    silent: bool = False
    removes: bool = False


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether the vendor can do something, and who says so."""

    have: Have
    source: str


@dataclass(frozen=True, slots=True)
class Role:
    """Whose key a request carries. Keys come from the control plane, which is told `key`
    (`revoked`, `rate_limit`), or from the environment variable `env`."""

    name: str
    account: str
    env: str = ""
    scopes: tuple[str, ...] = ()
    balance: str = ""
    key: dict[str, Any] = field(default_factory=dict)

    @property
    def dead(self) -> bool:
        """Whether the key was revoked or has expired."""
        return bool(self.key.get("revoked") or self.key.get("expired"))


def either(words: Iterable[object]) -> str:
    """Return alternatives as people write them: `404`, `400 or 422`."""
    return " or ".join(str(w) for w in words)
