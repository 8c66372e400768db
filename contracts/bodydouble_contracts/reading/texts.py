"""How long a text is in the unit that the vendor counts, and the samples as long as may be.

A limit says little before it is known what it counts: one sign beyond the first plane is one code
point, two units of UTF-16 and four bytes.
"""

from __future__ import annotations

from bodydouble_contracts.vendors.parts import Refusal, Sample
from bodydouble_contracts.vendors.profile import Profile

CHARACTERS, UTF16, BYTES = "characters", "utf16", "bytes"


def member(profile: Profile) -> str:
    """Return the member of a request that holds its text."""
    return str(profile.section("text").get("member", "prompt"))


def unit(profile: Profile) -> str:
    """Return what the vendor's limit of the text counts."""
    return str(profile.section("text").get("unit", CHARACTERS))


def size(text: str, counted: str) -> int:
    """Return the length of a text in a unit; lone surrogates count as the sign they stand for."""
    if counted == UTF16:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "replace")) if counted == BYTES else len(text)


def longest(profile: Profile) -> list[tuple[Sample, int]]:
    """Return the samples whose text is one letter repeated to the limit, and that limit."""
    found = []
    for sample in profile.samples:
        text = sample.body.get(member(profile))
        if "limit" in sample.tags and isinstance(text, str) and len(set(text)) == 1:
            found.append((sample, size(text, unit(profile))))
    return found


def beyond(profile: Profile, op: str) -> Refusal | None:
    """Return the refusal of a text that is too long, at an operation."""
    limits = [limit for sample, limit in longest(profile) if sample.op == op]
    for refusal in profile.refusals:
        text = refusal.body.get(member(profile)) if isinstance(refusal.body, dict) else None
        fits = refusal.kind == "beyond" and refusal.op == op and isinstance(text, str)
        if fits and limits and size(str(text), unit(profile)) > max(limits):
            return refusal
    return None


def filled(letter: str, units: int, counted: str) -> str:
    """Return as many of a letter as fit into a number of units."""
    return letter * (units // size(letter, counted))
