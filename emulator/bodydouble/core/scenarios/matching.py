"""Which requests are meant: vendor, operation, model, prompt, account and key, all of them at once.

What is left out matches everything. No pattern and no prompt can make matching run for long. It
looks at one request and counts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any

from bodydouble.core.keys import Key

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

PATTERN_MAX = 200
# Matching is linear in the text and in the pattern with its counts written out: both are bounded.
_SEARCHED_MAX = 10_000
_COUNTED_MAX = 1_000
_COUNTED = re.compile(r"\{(?:\d*,)?(\d+)\}")

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
        return compiled(self.prompt).isinstance_python(prompt[:_SEARCHED_MAX])

    def matches(self, facts: RequestFacts) -> bool:
        """Whether this request is meant."""
        return (
            self.matches_route(facts.provider, facts.operation, facts.kinds)
            and self.matches_key(facts.key)
            and self.matches_content(facts.model, facts.prompt)
        )


@lru_cache(maxsize=256)
def compiled(pattern: str) -> SchemaValidator:
    """What tells whether a text has the pattern in it. ValueError if unfit.

    The language is that of Rust's `regex`, which matches in linear time and therefore has neither
    look-around nor references back to a group.
    """
    if len(pattern) > PATTERN_MAX:
        raise ValueError(f"a pattern has at most {PATTERN_MAX} characters")
    if prod(int(most) for most in _COUNTED.findall(pattern)) > _COUNTED_MAX:
        raise ValueError(f"the counts in a pattern's braces multiply to at most {_COUNTED_MAX}")
    # Few scenarios have a pattern, and what matches one takes longer to load than all of this room.
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError as error:
        raise ValueError(f"no regular expression: {str(error).splitlines()[-1].strip()}") from None


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
