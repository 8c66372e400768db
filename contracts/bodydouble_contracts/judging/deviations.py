"""Deviations: known breaches with a reason, an owner and a day on which the excuse ends.

An excused contract that holds again is stale and fails, so that no excuse outlives its cause. It
knows exact ids only and refuses patterns.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from bodydouble_contracts.history.exchanges import Exchange
from bodydouble_contracts.judging.catalogue import find
from bodydouble_contracts.judging.verdicts import Evidence, Judgement
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.vendors.profile import Profile

Json = Any


class DeviationError(ValueError):
    """A file of deviations that cannot be used; the text names the entry and what is wrong."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One excuse. `target` is a report's column (`emulator/VENDOR`); `operation` limits it to
    breaches that touch one operation of the profile."""

    contract: str
    target: str
    reason: str
    owner: str
    first_seen: date
    expires: date
    link: str = ""
    operation: str = ""


def read(path: Path) -> list[Deviation]:
    """Read a file of `[[deviation]]` tables. Raises DeviationError or UnknownContract."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DeviationError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeviationError(f"{path} is not TOML: {error}") from error
    strange = sorted(set(data) - {"deviation"})
    if strange:
        raise DeviationError(f"{path} has {strange[0]!r} where only [[deviation]] tables stand")
    return [entry(path, n, d) for n, d in enumerate(data.get("deviation", []), 1)]


def entry(path: Path, number: int, data: Json) -> Deviation:
    """Return one deviation. Raises DeviationError naming its number."""
    where = f"deviation {number} of {path}"
    known = {f.name for f in fields(Deviation)}
    strange = sorted(set(data) - known)
    if strange:
        raise DeviationError(f"{where} has the unknown member {strange[0]!r}")
    missing = sorted(known - {"link", "operation"} - set(data))
    if missing:
        raise DeviationError(f"{where} lacks {', '.join(missing)}")
    for name in ("first_seen", "expires"):
        if type(data[name]) is not date:
            raise DeviationError(f"{where}: {name} is a date such as 2026-12-31, without quotes")
    find(data["contract"])
    return Deviation(**{**data, "contract": data["contract"].upper()})


def excuse(
    judgements: Iterable[Judgement],
    deviations: Sequence[Deviation],
    target: str,
    profile: Profile,
    today: date,
) -> list[Judgement]:
    """Return judgements with excuses applied: excused, stale, or still broken and why."""
    mine = [d for d in deviations if d.target == target]
    return [_excuse(j, [d for d in mine if d.contract == j.contract], profile, today)
            for j in judgements]  # fmt: skip


def _excuse(
    judgement: Judgement, mine: Sequence[Deviation], profile: Profile, today: date
) -> Judgement:
    if not mine:
        return judgement
    valid = [d for d in mine if today <= d.expires]
    if judgement.verdict == "held":
        reason = f"it is excused until {mine[0].expires} and holds: remove the excuse"
        return replace(judgement, verdict="stale", reason=reason)
    if judgement.verdict != "broken":
        return judgement
    if not valid:
        return replace(judgement, reason=f"its excuse ended on {mine[0].expires}")
    rest = [e for e in judgement.evidence if not any(covers(d, e, profile) for d in valid)]
    if rest:
        reason = "excused for some operations, broken for others"
        return replace(judgement, evidence=rest, reason=reason)
    first = valid[0]
    reason = f"{first.reason} (until {first.expires}, {first.owner})"
    return replace(judgement, verdict="excused", reason=reason)


def covers(deviation: Deviation, evidence: Evidence, profile: Profile) -> bool:
    """Whether a breach lies within what a deviation excuses."""
    if not deviation.operation:
        return True
    for index in evidence.breach.steps:
        step = evidence.history.steps[index]
        if isinstance(step, Exchange):
            operation = Call(step, profile).op
            if operation is not None and operation.name == deviation.operation:
                return True
    return False
