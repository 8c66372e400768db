"""Judges histories: every selected contract over every history, folded into verdicts.

It reads recorded steps only, so a run, a cassette and a stranger's test suite are judged alike.
It refuses to send anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from understudy_contracts.catalogue import Contract, all_contracts, rank
from understudy_contracts.history import History
from understudy_contracts.profile import Profile
from understudy_contracts.verdicts import Finding, Judgement, settle
from understudy_contracts.view import View

POWERS = frozenset({"control", "document", "hosted"})
"""Needs that are no capability of the vendor but of the run."""


def judge(
    histories: Iterable[History],
    profile: Profile,
    contracts: Sequence[Contract] | None = None,
    *,
    tier: str = "E",
) -> list[Judgement]:
    """Return one judgement per contract, in the catalogue's order."""
    chosen = all_contracts() if contracts is None else contracts
    views = [View(h, profile) for h in histories]
    controlled = any(v.history.controlled for v in views)
    return [judge_one(c, views, profile, tier if controlled else min_tier(tier)) for c in chosen]


def min_tier(tier: str) -> str:
    """Without clock and faults nothing beyond tier 3 can be exercised."""
    return "3" if tier == "E" else tier


def judge_one(contract: Contract, views: Sequence[View], profile: Profile, tier: str) -> Judgement:
    """Return the judgement of one contract over all views."""
    out = Judgement(contract.id, profile.provider)
    lacking = [n for n in contract.needs if n not in POWERS and profile.have(n) == "no"]
    if lacking:
        out.verdict = "not applicable"
        source = profile.capabilities[lacking[0]].source
        out.reason = f"{profile.title} has no {lacking[0]} ({source})"
        return out
    found: list[tuple[History, Finding]] = []
    for view in views:
        try:
            found.append((view.history, contract.judge(view)))
        except Exception as error:  # a contract that fails to read is our bug, not the vendor's
            out.verdict = "error"
            out.reason = f"{type(error).__name__}: {error} in {view.history.scenario}"
            return out
    settled = settle(found, "no history exercised it")
    out.verdict, out.count = settled["verdict"], settled.get("count", 0)
    out.evidence, out.reason = settled.get("evidence", []), settled.get("reason", "")
    if out.verdict == "vacuous":
        _explain_silence(out, contract, profile, tier)
    return out


def _explain_silence(out: Judgement, contract: Contract, profile: Profile, tier: str) -> None:
    unknown = [n for n in contract.needs if n not in POWERS and profile.have(n) == "unknown"]
    if rank(contract.tier) > rank(tier):
        out.verdict, out.reason = "not run", f"it is of tier {contract.tier}"
    elif "document" in contract.needs and not profile.document:
        out.verdict, out.reason = "not run", "the profile names no OpenAPI document"
    elif unknown:
        out.verdict, out.reason = "untestable", f"no page says whether there is {unknown[0]}"


def broken(judgements: Iterable[Judgement]) -> list[Judgement]:
    """Return only what is broken or in error."""
    return [j for j in judgements if j.verdict in ("broken", "error")]


def assert_contracts(
    history: History | Iterable[History], profile: Profile, *ids: str, strict: bool = False
) -> None:
    """Raise AssertionError naming every contract that the given histories break.

    Vacuous contracts are no failure here: a user's suite exercises what it exercises.
    """
    from understudy_contracts.catalogue import find
    from understudy_contracts.reports_text import breach_text

    histories = [history] if isinstance(history, History) else list(history)
    chosen = [find(i) for i in ids] if ids else list(all_contracts())
    levels = {c.id: c.level_for(profile) for c in chosen}
    bad = [
        j
        for j in broken(judge(histories, profile, chosen))
        if strict or levels[j.contract] == "MUST" or j.verdict == "error"
    ]
    if bad:
        raise AssertionError("\n\n".join(breach_text(j, profile) for j in bad))
