"""How long a text is in the unit that the vendor counts, and the samples as long as may be.

A limit says little before it is known what it counts: one sign beyond the first plane is one code
point, two units of UTF-16 and four bytes. Where the text is within other members, lists among them,
the profile has the path to it.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from bodydouble_contracts.history.pointers import get, put, tokens
from bodydouble_contracts.vendors.parts import Refusal, Sample
from bodydouble_contracts.vendors.profile import Profile

CHARACTERS, UTF16, BYTES = "characters", "utf16", "bytes"


def places(profile: Profile) -> list[str]:
    """Return the pointers to a request's text; of several, the first that it has counts."""
    told = profile.section("text").get("member", "prompt")
    each = told if isinstance(told, list) else [told]
    return [one if one.startswith("/") else f"/{one}" for one in each]


def member(profile: Profile) -> str:
    """Return the name of the member that holds a request's text."""
    return tokens(places(profile)[0])[-1]


def said(profile: Profile, body: Any) -> str | None:
    """Return the text of a request's body, or None where it has none."""
    found = (get(body, place) for place in places(profile))
    return next((text for text in found if isinstance(text, str)), None)


def saying(profile: Profile, body: dict[str, Any], text: str) -> dict[str, Any]:
    """Return a copy of a body with another text.

    A body without one gets it where that is a member of its own, and else stays as it is: what
    stands within others cannot be made up.
    """
    body, where = deepcopy(body), places(profile)
    there = [place for place in where if isinstance(get(body, place), str)]
    alone = [place for place in where if len(tokens(place)) == 1]
    for place in (there or alone)[:1]:
        put(body, place, text)
    return body


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
        text = said(profile, sample.body)
        if "limit" in sample.tags and text is not None and len(set(text)) == 1:
            found.append((sample, size(text, unit(profile))))
    return found


def beyond(profile: Profile, op: str) -> Refusal | None:
    """Return the refusal of a text that is too long, at an operation."""
    limits = [limit for sample, limit in longest(profile) if sample.op == op]
    for refusal in profile.refusals:
        text = said(profile, refusal.body)
        fits = refusal.kind == "beyond" and refusal.op == op and text is not None
        if fits and limits and size(text or "", unit(profile)) > max(limits):
            return refusal
    return None


def filled(letter: str, units: int, counted: str) -> str:
    """Return as many of a letter as fit into a number of units."""
    return letter * (units // size(letter, counted))
