"""Details: what a vendor tells apart where the core knows one reason or one cause.

A failure by moderation may be about the words, the picture or the result; each is a detail of one
reason, named by the provider and asked for as ``moderated:output`` by a cue, a rule or the control
plane. Which of them there are, and what replies say, is the vendor's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bodydouble.core.errors import Cause
from bodydouble.core.reasons import Reason

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, slots=True)
class Detail:
    """One way in which a job fails (``of`` a reason) or a submission is refused (of a cause).

    ``name`` is ours, in lower case and hyphens; ``word`` is what the vendor's replies say, and
    ``about`` is for people. The first of a kind is meant where nobody asks for one.
    """

    of: Reason | Cause
    name: str
    word: str
    about: str


def detail_of(details: Iterable[Detail], of: Reason | Cause, name: str = "") -> Detail | None:
    """The detail called so, or the first of its kind; None where the vendor knows none such."""
    # Reasons and causes are texts, and some of them the same text.
    kind = [one for one in details if type(one.of) is type(of) and one.of == of]
    if not name:
        return kind[0] if kind else None
    return next((one for one in kind if one.name == name), None)


def split(text: str) -> tuple[str, str]:
    """``moderated:output`` as ("moderated", "output"). ValueError where there is no such name."""
    kind, colon, name = text.partition(":")
    if colon and not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a detail: write it as moderated:output")
    return kind, name
