"""Which requests are meant: vendor, operation, model, prompt, account and key, all of them at once.

What is left out matches everything. A pattern is bounded, so that no prompt can make it run for
long. It looks at one request and counts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from bodydouble.core.keys import Key

PATTERN_MAX = 200
# A pattern that repeats things is held against this much of a prompt, a plain one against all.
_SEARCHED_MAX = 1_000
_REPEATS_MAX = 2
_REPEAT = re.compile(r"(?<!\\)(?:\\\\)*[*+{]")
_NESTED = re.compile(r"\)[*+{]|\\[1-9]|\(\?P=|\(\?\(")

# Operations by what they are rather than by a vendor's name for them.
SUBMIT = "submit"
READ = "read"
# An attempt to deliver that is not the first.
RETRY = "retry"

_MODEL_FIELDS = frozenset(("model", "modelid", "model_id", "model_name"))
_PROMPT_FIELDS = frozenset(("prompt", "text"))
_DEPTH_MAX = 6


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """One request as a matcher sees it. ``kinds`` are `submit` for billed ones, `read` for GETs."""

    provider: str
    operation: str
    kinds: tuple[str, ...]
    key: Key
    model: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Empty fields match everything. ``model`` is a glob, ``prompt`` a pattern searched for.

    ``key`` is the digest of a secret; ``account`` its id, or the name after the slash.
    """

    provider: str = ""
    operation: str = ""
    model: str = ""
    prompt: str = ""
    account: str = ""
    key: str = ""

    @property
    def about_content(self) -> bool:
        """Whether it needs to know what was asked for, not only who asked where."""
        return bool(self.model or self.prompt)

    def matches_route(self, provider: str, operation: str, kinds: tuple[str, ...]) -> bool:
        """Whether requests to this operation can match at all."""
        return self.provider in ("", provider) and (
            self.operation in ("", operation) or self.operation in kinds
        )

    def matches_key(self, key: Key) -> bool:
        """Whether this key is meant."""
        return self.key in ("", key.id) and (
            self.account in ("", key.account, key.account.partition("/")[2])
        )

    def matches_content(self, model: str, prompt: str) -> bool:
        """Whether this model and prompt are meant."""
        if self.model and not (self.model == model or fnmatchcase(model, self.model)):
            return False
        if not self.prompt:
            return True
        pattern, most = compiled(self.prompt)
        return pattern.search(prompt if most is None else prompt[:most]) is not None

    def matches(self, facts: RequestFacts) -> bool:
        """Whether this request is meant."""
        return (
            self.matches_route(facts.provider, facts.operation, facts.kinds)
            and self.matches_key(facts.key)
            and self.matches_content(facts.model, facts.prompt)
        )


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> tuple[re.Pattern[str], int | None]:
    """The pattern, and how much of a prompt it searches (None: all). ValueError if unfit."""
    if len(pattern) > PATTERN_MAX:
        raise ValueError(f"a pattern has at most {PATTERN_MAX} characters")
    if _NESTED.search(pattern):
        raise ValueError("a pattern may not repeat a group or refer back to one")
    repeats = len(_REPEAT.findall(pattern))
    if repeats > _REPEATS_MAX:
        raise ValueError(f"a pattern repeats (*, +, {{}}) at most {_REPEATS_MAX} times")
    try:
        found = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"no regular expression: {error}") from None
    return found, _SEARCHED_MAX if repeats else None


def content_of(body: Any) -> tuple[str, str]:
    """(model, prompt) of a decoded body, wherever the vendor puts them; empty if nowhere."""
    model = prompt = ""
    for name, text in _texts(body, 0):
        if not model and name in _MODEL_FIELDS:
            model = text
        elif not prompt and name in _PROMPT_FIELDS:
            prompt = text
    return model, prompt


def _texts(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEPTH_MAX:
        return
    if isinstance(value, dict):
        for name, part in value.items():
            if isinstance(part, str):
                yield str(name).lower(), part
            else:
                yield from _texts(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part, depth + 1)
