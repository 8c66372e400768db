"""Judges histories: every selected contract over every history, folded into verdicts.

It reads recorded steps only, so a run, a cassette and a user's test suite are judged alike.
Histories are taken one at a time and let go, but for those that hold evidence. It refuses to
send anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from bodydouble_contracts.contracts.contract import Contract, have, rank
from bodydouble_contracts.history.exchanges import History
from bodydouble_contracts.judging import silence
from bodydouble_contracts.judging.catalogue import all_contracts, find
from bodydouble_contracts.judging.seen import Seen
from bodydouble_contracts.judging.verdicts import Evidence, Judgement
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load

MAX_EVIDENCE = 25
"""Breaches kept per contract in one run."""


@dataclass(slots=True)
class Docket:
    """One vendor's case: add histories, then ask for the judgements."""

    profile: Profile
    contracts: Sequence[Contract] = field(default_factory=all_contracts)
    tier: str = "E"
    counts: dict[str, int] = field(default_factory=dict)
    breaches: dict[str, int] = field(default_factory=dict)
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    met: dict[str, set[str]] = field(default_factory=dict)
    controlled: bool = False
    outside: bool = False
    cut: bool = False
    unopened: str = ""
    any_key: str = ""
    notes: list[str] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    exchanges: int = 0
    histories: int = 0
    _chosen: Sequence[Contract] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Let a docket cross a process border: contracts go by their ids."""
        state = {f.name: getattr(self, f.name) for f in fields(self)}
        state["contracts"] = [c.id for c in self.contracts]
        return state | {"_chosen": None, "profile": self.profile.file}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Find the contracts and the profile again."""
        state["contracts"] = tuple(find(i) for i in state["contracts"])
        state["profile"] = load(state["profile"])
        for name, value in state.items():
            setattr(self, name, value)

    def add(self, history: History) -> set[str]:
        """Judge one history; return the ids of contracts it broke."""
        view = View(history, self.profile, bool(self.any_key))
        self.controlled = self.controlled or history.controlled
        self.exchanges += len(view.calls)
        self.seen.add(view)
        self.histories += 1
        for _, mark in view.marks:
            if mark.name == "unopened":
                self.unopened = str(mark.data.get("reason", ""))
        hurt: set[str] = set()
        for contract in self._open():
            try:
                finding = contract.judge(view)
            except ModuleNotFoundError:
                raise  # an extra is not installed: no contract is to blame
            except Exception as error:
                text = f"{type(error).__name__}: {error} (in {history.driver} {history.scenario})"
                self.errors.setdefault(contract.id, text)
                continue
            if not finding.count:
                continue
            self.counts[contract.id] = self.counts.get(contract.id, 0) + finding.count
            self.met.setdefault(contract.id, set()).update(finding.met)
            if finding.breaches:
                hurt.add(contract.id)
                self.breaches[contract.id] = self.breaches.get(contract.id, 0) + 1
                kept = self.evidence.setdefault(contract.id, [])
                room = MAX_EVIDENCE - len(kept)
                kept += [Evidence(history, b) for b in finding.breaches[:room]]
        return hurt

    def _open(self) -> Sequence[Contract]:
        if self._chosen is None:
            self._chosen = [c for c in self.contracts if not c.lacking(self.profile)]
        return self._chosen

    def judgements(self) -> list[Judgement]:
        """Return one judgement per contract, in the catalogue's order."""
        return [self._judge(c) for c in self.contracts]

    def _judge(self, contract: Contract) -> Judgement:
        out = Judgement(contract.id, self.profile.provider, count=self.counts.get(contract.id, 0))
        if contract.id in self.errors:
            out.verdict, out.reason = "error", self.errors[contract.id]
        elif contract.id in self.evidence:
            out.verdict, out.evidence = "broken", self.evidence[contract.id]
        elif need := contract.lacking(self.profile):
            out.verdict, name = "not applicable", need.split("|")[0]
            source = self.profile.capabilities[name].source
            out.reason = f"{self.profile.title} has no {need} ({source})"
        elif self.any_key and "issued_keys" in contract.needs:
            out.verdict, out.reason = "inconclusive", self.any_key
        elif out.count and not self.unmet(contract):
            out.verdict = "held"
            out.reason = silence.lost(contract, self.seen)
        else:
            self._explain_silence(out, contract)
        return out

    def unmet(self, contract: Contract) -> list[str]:
        """Return what a contract expects to be met in a run, and nobody met."""
        if contract.expects is None or not (self.controlled or contract.tier == "E"):
            return []  # who cannot arrange everything is not asked to have met everything
        expected = contract.expects(self.profile)
        return [e for e in expected if e not in self.met.get(contract.id, ())]

    def incomplete(self) -> set[str]:
        """Return the contracts that were exercised, though not on all that they expect."""
        return {c.id for c in self._open() if self.counts.get(c.id) and self.unmet(c)}

    def _explain_silence(self, out: Judgement, contract: Contract) -> None:
        tier = self.tier if self.controlled or self.tier != "E" else "3"
        unknown = [n for n in contract.needs if have(self.profile, n) == "unknown"]
        if rank(contract.tier) > rank(tier):
            out.verdict, out.reason = "not run", f"it is of tier {contract.tier}"
            if rank(contract.tier) <= rank(self.tier):
                out.reason += ", which wants a control plane"
        elif "document" in contract.needs and not self.profile.document:
            out.verdict, out.reason = "not run", "the profile names no OpenAPI document"
        elif contract.about is not None and not contract.about(self.profile):
            out.verdict, out.reason = "not applicable", "no page promises anything of the kind"
        elif unknown:
            out.verdict, out.reason = "untestable", f"no page says whether there is {unknown[0]}"
        elif self.unopened and "hosted" in contract.needs:
            out.verdict, out.reason = "inconclusive", self.unopened
        elif self.outside:
            out.verdict = "inconclusive"
            out.reason = silence.reason(contract, self.profile, self.seen)
        elif out.count:
            unmet = ", ".join(repr(e) for e in self.unmet(contract))
            out.verdict, out.reason = "vacuous", f"nothing in this run showed {unmet}"
        else:
            out.verdict, out.reason = "vacuous", "nothing in this run exercised it"


def judge(
    histories: Iterable[History],
    profile: Profile,
    contracts: Sequence[Contract] | None = None,
    *,
    tier: str = "E",
) -> list[Judgement]:
    """Return one judgement per contract over some histories."""
    docket = Docket(profile, all_contracts() if contracts is None else contracts, tier)
    for history in histories:
        docket.add(history)
    return docket.judgements()


def assert_contracts(
    history: History | Iterable[History], profile: Profile, *ids: str, strict: bool = False
) -> None:
    """Raise AssertionError naming every contract that the given histories break.

    Vacuous contracts are no failure here: a user's suite exercises what it exercises. With
    `strict`, contracts of the levels SHOULD and MAY count too.
    """
    from bodydouble_contracts.judging.traces import breach_text

    histories = [history] if isinstance(history, History) else list(history)
    chosen = [find(i) for i in ids] if ids else list(all_contracts())
    levels = {c.id: c.level_for(profile) for c in chosen}
    bad = [
        j
        for j in judge(histories, profile, chosen)
        if j.verdict == "error"
        or (j.verdict == "broken" and (strict or levels[j.contract] == "MUST"))
    ]
    if bad:
        raise AssertionError("\n\n".join(breach_text(j, profile) for j in bad))
