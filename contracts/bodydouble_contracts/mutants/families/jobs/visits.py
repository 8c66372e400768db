"""Mutants that never show a word, or show a text otherwise than it was sent."""

from __future__ import annotations

import unicodedata

from bodydouble_contracts.mutants.families.jobs.words import Renames
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.reading import texts
from bodydouble_contracts.vendors.profile import Profile


def first_raw(profile: Profile, word: str) -> str:
    """Return the first word that the vendor shows for a state, or an empty text."""
    found = (r for r, w in profile.states.items() if w == word and r not in profile.unseen)
    return next(found, "")


def renaming(profile: Profile, old: str, new: str) -> dict[str, str]:
    """Return the renaming of one state of the lifecycle, empty where the vendor lacks one."""
    before, after = first_raw(profile, old), first_raw(profile, new)
    return {before: after} if before and after else {}


@mutant("L70", "a cancelled job is shown as failed", ["JOB-27", "JOB-14"], needs=("cancel",))
class CanceledIsFailed(Renames):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a cancelled job is still there."""
        return bool(cls.renamed(profile)) and not profile.cancel.removes

    @classmethod
    def renamed(cls, profile: Profile) -> dict[str, str]:
        return renaming(profile, "canceled", "failed")


@mutant("L71", "a job that waits is shown as running", ["JOB-27"], needs=("two_open_words",))
class NeverWaits(Renames):
    @classmethod
    def renamed(cls, profile: Profile) -> dict[str, str]:
        return renaming(profile, "queued", "running")


@mutant("L72", "a failed job is shown as running for good", ["JOB-09", "JOB-27"])
class NeverFails(Renames):
    @classmethod
    def renamed(cls, profile: Profile) -> dict[str, str]:
        return renaming(profile, "failed", "running") or renaming(profile, "failed", "queued")


def echo(profile: Profile) -> str:
    """Return the name of the places that repeat a request's text."""
    return f"echo_{texts.member(profile)}"


class Retyped(Mutant):
    """Changes the texts of requests wherever a reply or a row repeats them."""

    lists_only = False

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a text is shown, in a list where it must be."""
        name = echo(profile)
        shown = [o for o in profile.operations.values() if name in o.at]
        listed = [o for o in profile.operations.values() if name in o.item]
        return bool(listed) if cls.lists_only else bool(shown or listed)

    def retyped(self, text: str) -> str:
        """Return what is shown of a text."""
        return text

    def response(self, req: Ask, resp: Answer) -> None:
        """Change single replies and rows."""
        name = echo(self.profile)
        shown = self.read(req, resp, name)
        if isinstance(shown, str) and not self.lists_only:
            self.write(req, resp, name, self.retyped(shown))
        rows = self.rows(req, resp) if self.does(req, "list") else []
        for row in rows:
            shown = self.item(req, row, name)
            if isinstance(shown, str):
                self.set_item(req, row, name, self.retyped(shown))
        if rows:
            self.set_rows(req, resp, rows)


@mutant("L73", "a list cuts the text after 24 letters", ["JOB-16"], needs=("echo",))
class Cut(Retyped):
    lists_only = True

    def retyped(self, text: str) -> str:
        return text[:24]


@mutant(
    "L74", "signs beyond the first plane are shown as question marks", ["JOB-16"], needs=("echo",)
)
class Marks(Retyped):
    def retyped(self, text: str) -> str:
        return "".join("?" if ord(letter) > 0xFFFF else letter for letter in text)


@mutant("L75", "texts are shown in another normal form", ["JOB-16"], needs=("echo",))
class Composed(Retyped):
    def retyped(self, text: str) -> str:
        return unicodedata.normalize("NFC", text)


@mutant("L76", "texts are shown trimmed", ["JOB-16"], needs=("echo",))
class Trimmed(Retyped):
    def retyped(self, text: str) -> str:
        return text.strip()


@mutant("L77", "texts are shown escaped for a page", ["JOB-16"], needs=("echo",))
class Escaped(Retyped):
    def retyped(self, text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;")


@mutant("L78", "a list shows another script as question marks", ["JOB-16"], needs=("echo",))
class ListMarks(Retyped):
    lists_only = True

    def retyped(self, text: str) -> str:
        return text.encode("latin-1", "replace").decode("latin-1")


@mutant("L79", "a job shows three dots after 27 letters of a text", ["JOB-16"], needs=("echo",))
class Dots(Retyped):
    def retyped(self, text: str) -> str:
        return text if len(text) <= 30 else text[:27] + "..."


@mutant("L80", "the model that is shown is the first of all", ["JOB-16"])
class FirstModel(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a job shows its model."""
        places = [o.at for o in profile.operations.values()]
        return any("echo_model" in at for at in places)

    def reset(self) -> None:
        self.first: str = ""

    def response(self, req: Ask, resp: Answer) -> None:
        shown = self.read(req, resp, "echo_model")
        if isinstance(shown, str):
            self.first = self.first or shown
            self.write(req, resp, "echo_model", self.first)
