"""Cursors: places in a list that stay where they are while the list grows.

A cursor is opaque to clients and belongs to one account; one that is altered, or another's, is no
cursor. It names the job after which a page begins, so nothing is skipped or told twice.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from hashlib import blake2b
from hmac import compare_digest

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job

_CHARS_MAX = 64
_MARK_BYTES = 9


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: its jobs, and the cursors of the pages behind and before it, if any."""

    jobs: list[Job]
    next: str | None = None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The job of number ``order``; a page lies behind it, or with ``before`` ahead of it."""

    order: int
    before: bool = False


def cursor_of(account: str, place: Place) -> str:
    """The cursor of a place in the list of ``account``."""
    number = (place.order << 1 | place.before).to_bytes(9, "big").lstrip(b"\0")
    return urlsafe_b64encode(_mark(account, number) + number).rstrip(b"=").decode()


def place_of(account: str, cursor: str) -> Place:
    """The place a cursor names. Refused: INVALID (with ``cursor``) where it is none of ours."""
    raw = b""
    if len(cursor) <= _CHARS_MAX and cursor.isascii():
        try:
            raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (Error, ValueError):
            raw = b""
    number = raw[_MARK_BYTES:]
    known = compare_digest(raw[:_MARK_BYTES], _mark(account, number))
    if not known or cursor_text(raw) != cursor:
        raise Refused(Cause.INVALID, "the cursor is none of this list", cursor=cursor[:_CHARS_MAX])
    value = int.from_bytes(number, "big")
    return Place(value >> 1, bool(value & 1))


def cursor_text(raw: bytes) -> str:
    """The one spelling of a cursor's bytes."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _mark(account: str, number: bytes) -> bytes:
    return blake2b(number, key=account.encode()[:64], digest_size=_MARK_BYTES).digest()
