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
from typing import Any


class Cause(StrEnum):
    """Why a request is turned down. Every provider has a word for each of these that can come up.

    HEADER comes up where a provider requires headers; its data are ``name``, and ``given``, which
    is None where the header is missing.
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
