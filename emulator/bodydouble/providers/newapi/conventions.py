"""What every answer of a gateway has, whatever its profile: money, keys, request ids, pace.

Sources: new-api's documents and behaviour (C.1, C.7, C.10); the timing is assumed (D.2).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from bodydouble.core.caches import remembered
from bodydouble.core.chance import ALNUM, Draw
from bodydouble.core.clock import SECOND_US, moment
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.money.amounts import Currency
from bodydouble.core.reasons import Reason
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.wire import Call

# Quota units: 500,000 make one dollar.
MONEY = Currency("USD", 500_000, 6)
STARTING_BALANCE = (("wallet", 20 * MONEY.scale),)
PACE = Pace(wait_s=2, run_s=3, run_per_output_s=0.5)
KEY_SHAPE = re.compile(r"sk-[!-~]{1,200}")
# As the stock program takes a key apart: the prefix may be missing, and a channel may follow.
_KEY_PARTS = re.compile(r"(sk-)?([0-9A-Za-z]{48})(-.*)?")
REQUEST_ID_HEADER = "x-oneapi-request-id"
MODELS_PATH = "/v1/models"
# Constant for a build of the program, in every request id.
BUILD = "8268d9d6"

FAILURES: dict[Reason, str] = {
    Reason.PROVIDER_ERROR: "The upstream provider could not make this video.",
    Reason.MODERATED: "The upstream provider's content policy stopped this video.",
    Reason.TIMEOUT: "The upstream provider did not finish in time.",
    Reason.BAD_INPUT: "The upstream provider could not read the input picture.",
}


def credential(call: Call) -> str:
    """The secret of a call, with or without the scheme word. Refused: NO_KEY, MALFORMED_KEY.

    Whether a bare key, one without its prefix or one with a channel is good enough depends on the
    profile, which is known only once the key has led to its sandbox: see `Gateway.either`.
    """
    return _parts(_told(call))[0]


def key_parts(call: Call) -> tuple[bool, bool]:
    """Whether the key came without its prefix, and whether a channel followed it."""
    return _parts(_told(call))[1:]


# A client sends the same key every time.
@remembered(4096)
def _parts(value: str) -> tuple[str, bool, bool]:
    scheme, _, rest = value.strip().partition(" ")
    secret = rest.strip() if scheme.lower() == "bearer" else value.strip()
    if not secret:
        raise Refused(Cause.MALFORMED_KEY)
    parts = _KEY_PARTS.fullmatch(secret)
    if parts is None:
        return secret, False, False
    return f"sk-{parts[2]}", not parts[1], bool(parts[3])


def _told(call: Call) -> str:
    value = call.header(b"authorization")
    if value is None:
        value = _dialect_key(call)
    if value is None:
        raise Refused(Cause.NO_KEY)
    return value


def _dialect_key(call: Call) -> str | None:
    """The model list takes a key where its caller's dialect puts it, one model a query's."""
    if call.path.startswith(f"{MODELS_PATH}/"):
        return call.query.get("key")
    if call.path != MODELS_PATH:
        return None
    anthropic = call.header(b"x-api-key")
    return anthropic or call.header(b"x-goog-api-key") or call.query.get("key")


def in_capitals(call: Call) -> bool:
    """Whether the scheme word is one that the stock program does not cut off."""
    value = call.header(b"authorization")
    scheme = value.strip().partition(" ")[0] if value is not None else ""
    return scheme.lower() == "bearer" and scheme not in ("Bearer", "bearer")


def has_scheme(call: Call) -> bool:
    """Whether the key came after the word Bearer, or as the dialect of a model list has it."""
    value = call.header(b"authorization")
    if value is None:
        return call.path == MODELS_PATH
    return value.strip().lower().startswith("bearer ")


def mint_key(draw: Draw) -> str:
    """A fresh ``sk-`` key."""
    return f"sk-{draw.text(48, ALNUM)}"


def task_id(draw: Draw) -> str:
    """A fresh public task id."""
    return f"task_{draw.text(32, ALNUM)}"


def request_id(draw: Draw, now_us: int) -> str:
    """23 digits of UTC time down to nanoseconds, 8 hex digits of the build, 8 alphanumerics."""
    second, rest_us = divmod(now_us, SECOND_US)
    return f"{_second(second)}{rest_us:06d}{draw.between(0, 999):03d}{BUILD}{draw.text(8, ALNUM)}"


@lru_cache(maxsize=64)
def _second(second: int) -> str:
    return f"{moment(second * SECOND_US):%Y%m%d%H%M%S}"


def dollars(amount: int) -> float:
    """Quota units as a number of dollars."""
    return amount / MONEY.scale


def amount_text(amount: int) -> str:
    """Quota units the way refusals print them: a full-width dollar sign and six places."""
    return f"＄{MONEY.text(amount)}"


def usd_available(reply: Any) -> str:
    """The dollars that `/api/usage/token/` says are left."""
    return f"{reply['data']['total_available'] / MONEY.scale:.4f} USD"
