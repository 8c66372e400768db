"""JSON pointers (RFC 6901): read, write and remove one place in plain JSON data.

A place that is not there is `MISSING`, which is not None: a vendor's null is an answer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

Json = Any


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


@lru_cache(4096)
def tokens(pointer: str) -> tuple[str, ...]:
    """Split a pointer into its unescaped tokens; the empty pointer is the whole document."""
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON pointer starts with '/': {pointer!r}")
    return tuple(t.replace("~1", "/").replace("~0", "~") for t in pointer[1:].split("/"))


def get(doc: Json, pointer: str) -> Json:
    """Return the value at a pointer, or MISSING; `*` stands for every row of a list."""
    head, star, rest = pointer.partition("/*")
    for token in tokens(head):
        doc = _step(doc, token)
        if doc is MISSING:
            return MISSING
    if not star:
        return doc
    rows = [get(row, rest) for row in doc] if isinstance(doc, list) else []
    return [row for row in rows if row is not MISSING] or MISSING


def put(doc: Json, pointer: str, value: Json) -> bool:
    """Set the value at a pointer whose parent exists, in place; say whether that worked."""
    *parents, last = tokens(pointer)
    for token in parents:
        doc = _step(doc, token)
    if isinstance(doc, dict):
        doc[last] = value
        return True
    if isinstance(doc, list) and last.isdigit() and int(last) < len(doc):
        doc[int(last)] = value
        return True
    return False


def drop(doc: Json, pointer: str) -> bool:
    """Remove the member at a pointer, in place; say whether it was there."""
    *parents, last = tokens(pointer)
    for token in parents:
        doc = _step(doc, token)
    if isinstance(doc, dict) and last in doc:
        del doc[last]
        return True
    return False


def _step(doc: Json, token: str) -> Json:
    if isinstance(doc, dict):
        return doc.get(token, MISSING)
    if isinstance(doc, list) and token.isdigit() and int(token) < len(doc):
        return doc[int(token)]
    return MISSING
