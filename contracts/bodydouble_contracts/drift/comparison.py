"""All three witnesses heard: the document, the vendor's cassettes, and the emulator driven now.

A contract that one of them holds and the other breaks is named. It refuses to print.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bodydouble_contracts.data import vendor_fixtures
from bodydouble_contracts.drift.diagnosis import Row, compare
from bodydouble_contracts.drift.playing import play_plan
from bodydouble_contracts.drift.witnesses import Traffic, take
from bodydouble_contracts.history.cassettes import read_cassette
from bodydouble_contracts.judging.judge import judge
from bodydouble_contracts.live.plan import Plan
from bodydouble_contracts.targets.target import Target
from bodydouble_contracts.vendors.documents import document_of
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.variants import mounted_like, without_control


def vendor_cassettes(provider: str) -> list[Path]:
    """Return the vendor's cassettes that ship beside the judge, oldest name first."""
    try:
        return sorted((vendor_fixtures(provider) / "cassettes").glob("*.jsonl"))
    except FileNotFoundError:
        return []


def witness(
    profile: Profile, chosen: list[Path] | None, aim: Target, plan: Plan
) -> tuple[list[Row], list[str], list[Path]]:
    """Hear all witnesses; return rows, contracts they are unequal in, and the cassettes read."""
    paths = chosen or vendor_cassettes(profile.provider)
    vendor, verdicts = Traffic(), []
    played = play_plan(aim, profile, plan)
    ours = {j.contract: j.verdict for j in judge([played], profile)}
    for path in paths:
        header, history = read_cassette(path)
        theirs = mounted_like(profile, history.exchanges)
        theirs = theirs if header.controlled else without_control(theirs)
        take(vendor, [history], theirs, header.instant)
        for j in judge([history], theirs, tier="3"):
            if j.verdict == "broken" and ours.get(j.contract) == "held":
                verdicts.append(f"{j.contract}: broken by the vendor, held by the emulator")
            elif j.verdict == "held" and ours.get(j.contract) == "broken":
                verdicts.append(f"{j.contract}: held by the vendor, broken by the emulator")
    emulator = take(Traffic(), [played], profile, None)
    rows = compare(vendor, emulator, document_of(profile) is not None, datetime.now(UTC))
    return rows, sorted(set(verdicts)), paths
