"""Refusals: a closed set of causes with data and no prose a client would see.

    Refused          the request is turned down; carries a Refusal
    ledger.Short     the wallet is too small; the sandbox turns it into Refused(FUNDS)

The vendor's status, envelope and words are chosen by the provider. Programming
errors are not refusals: they crash the request and roll it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Cause(StrEnum):
    """Why a request is turned down. Every provider has a reply to each: see `every_cause`.

    HEADER comes up where a provider requires headers; its data are ``name``, and ``given``, which
    is None where the header is missing. A claim's secret was not proved where UNKNOWN_KEY says
    ``unproven``; its time has not come yet where EXPIRED_KEY says ``early``.
    """

    NO_KEY = "no_key"
    MALFORMED_KEY = "malformed_key"
    UNKNOWN_KEY = "unknown_key"
    REVOKED_KEY = "revoked_key"
    EXPIRED_KEY = "expired_key"
    SCOPE = "scope"
    NO_ROUTE = "no_route"
    METHOD = "method"
    HEADER = "header"
    BAD_BODY = "bad_body"
    CONTENT_TYPE = "content_type"
    TOO_LARGE = "too_large"
    INVALID = "invalid"
    UNKNOWN_MODEL = "unknown_model"
    NOT_FOUND = "not_found"
    NOT_READY = "not_ready"
    ALREADY_FINAL = "already_final"
    IDEMPOTENCY = "idempotency"
    FUNDS = "funds"
    SPENDING_LIMIT = "spending_limit"
    RATE = "rate"
    QUEUE_FULL = "queue_full"
    MODERATED = "moderated"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


# What is said of a cause that a vendor has no words for: what it says of the other one.
SAID_AS: dict[Cause, Cause] = {
    Cause.MALFORMED_KEY: Cause.NO_KEY,
    Cause.UNKNOWN_KEY: Cause.NO_KEY,
    Cause.REVOKED_KEY: Cause.UNKNOWN_KEY,
    Cause.EXPIRED_KEY: Cause.UNKNOWN_KEY,
    Cause.SCOPE: Cause.UNKNOWN_KEY,
    Cause.METHOD: Cause.NO_ROUTE,
    Cause.HEADER: Cause.INVALID,
    Cause.BAD_BODY: Cause.INVALID,
    Cause.CONTENT_TYPE: Cause.BAD_BODY,
    Cause.TOO_LARGE: Cause.BAD_BODY,
    Cause.UNKNOWN_MODEL: Cause.INVALID,
    Cause.NOT_READY: Cause.NOT_FOUND,
    Cause.ALREADY_FINAL: Cause.INVALID,
    Cause.IDEMPOTENCY: Cause.INVALID,
    Cause.SPENDING_LIMIT: Cause.FUNDS,
    Cause.QUEUE_FULL: Cause.RATE,
    Cause.MODERATED: Cause.INVALID,
    Cause.UNAVAILABLE: Cause.INTERNAL,
}


def every_cause(words: Mapping[Cause, T]) -> dict[Cause, T]:
    """A vendor's ``words`` with something to say of every cause: see `SAID_AS`.

    ValueError names a cause that has neither words nor another's.
    """
    return {cause: _words_for(words, cause) for cause in Cause}


def _words_for(words: Mapping[Cause, T], cause: Cause) -> T:
    named = cause
    while named not in words:
        if named not in SAID_AS:
            raise ValueError(f"there are no words for Cause.{named.name}, which stands in for none")
        named = SAID_AS[named]
    return words[named]


class Flaw(StrEnum):
    """What is wrong with one field."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    TYPE = "type"
    CHOICE = "choice"
    RANGE = "range"
    LENGTH = "length"
    FORMAT = "format"
    UNSUPPORTED = "unsupported"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One bad field: its path in the vendor's spelling, what is wrong, and what would be right."""

    path: str
    flaw: Flaw
    given: Any = None
    allowed: tuple[Any, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A cause with its data. ``data`` holds what the vendor's words need (amounts, scope, id).

    ``detail`` names one of the vendor's own kinds of this cause: see `core.details`.
    """

    cause: Cause
    text: str = ""
    fields: tuple[FieldProblem, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""


class Refused(Exception):
    """The request is turned down and nothing but counters and the request log changes."""

    def __init__(
        self,
        cause: Cause,
        text: str = "",
        *,
        fields: tuple[FieldProblem, ...] = (),
        detail: str = "",
        **data: Any,
    ) -> None:
        super().__init__(text or cause.value)
        self.refusal = Refusal(cause, text, fields, data, detail)
