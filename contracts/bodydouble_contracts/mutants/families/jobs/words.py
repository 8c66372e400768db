"""Mutants that show fewer words than the vendor documents: nothing they say is wrong by itself."""

from __future__ import annotations

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile


class Renames(Mutant):
    """Shows some words in the place of others, wherever a state is shown."""

    @classmethod
    def renamed(cls, profile: Profile) -> dict[str, str]:
        """Return which word is shown for which."""
        return {}

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where there is something to rename."""
        return bool(cls.renamed(profile))

    def response(self, req: Ask, resp: Answer) -> None:
        """Rename in single replies and in the rows of a list."""
        words = self.renamed(self.profile)
        shown = str(self.read(req, resp, "state"))
        if shown in words:
            self.write(req, resp, "state", words[shown])
        rows = self.rows(req, resp) if self.does(req, "list") else []
        for row in rows:
            shown = str(self.item(req, row, "state"))
            if shown in words:
                self.set_item(req, row, "state", words[shown])
        if rows:
            self.set_rows(req, resp, rows)


@mutant("L45", "a running job is shown as one that waits", ["JOB-27"], needs=("two_open_words",))
class NeverRuns(Renames):
    """From waiting straight to its end."""

    @classmethod
    def renamed(cls, profile: Profile) -> dict[str, str]:
        first = {w: r for r, w in reversed(profile.states.items())}
        running = [r for r, w in profile.states.items() if w == "running"]
        return {r: first["queued"] for r in running if "queued" in first}


@mutant("L46", "one of two words for the same state is never shown", ["JOB-27"])
class OneWord(Renames):
    """The first that the profile lists does for all of them."""

    @classmethod
    def renamed(cls, profile: Profile) -> dict[str, str]:
        shown = {r: w for r, w in profile.states.items() if r not in profile.unseen}
        first = {w: r for r, w in reversed(shown.items())}
        return {r: first[w] for r, w in shown.items() if first[w] != r}
