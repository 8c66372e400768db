"""What every answer of a gateway has, whatever its profile: money, keys, request ids, pace.

Sources: new-api's documents and behaviour (C.1, C.7, C.10); the timing is assumed (D.2).
"""

from __future__ import annotations

import re
from typing import Any

from bodydouble.core.chance import ALNUM, HEX, Draw
from bodydouble.core.clock import moment
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
REQUEST_ID_HEADER = "x-oneapi-request-id"
MODELS_PATH = "/v1/models"

FAILURES: dict[Reason, str] = {
    Reason.PROVIDER_ERROR: "The upstream provider could not make this video.",
    Reason.MODERATED: "The upstream provider's content policy stopped this video.",
    Reason.TIMEOUT: "The upstream provider did not finish in time.",
    Reason.BAD_INPUT: "The upstream provider could not read the input picture.",
}


def credential(call: Call) -> str:
    """The secret of a call, with or without the scheme word. Refused: NO_KEY, MALFORMED_KEY.

    Whether a bare key is good enough depends on the profile, which is known only once the key has
    led to its sandbox: see `Gateway.either`.
    """
    value = call.header(b"authorization")
    if value is None:
        value = _dialect_key(call)
    if value is None:
        raise Refused(Cause.NO_KEY)
    scheme, _, rest = value.strip().partition(" ")
    secret = rest.strip() if scheme.lower() == "bearer" else value.strip()
    if not secret:
        raise Refused(Cause.MALFORMED_KEY)
    return secret


def _dialect_key(call: Call) -> str | None:
    """The model list takes the key where its caller's dialect puts it."""
    if call.path != MODELS_PATH:
        return None
    anthropic = call.header(b"x-api-key")
    return anthropic or call.header(b"x-goog-api-key") or call.query.get("key")


def has_scheme(call: Call) -> bool:
    """Whether the key, if it came in the usual header, came after the word Bearer."""
    value = call.header(b"authorization")
    return value is None or value.strip().lower().startswith("bearer ")


def mint_key(draw: Draw) -> str:
    """A fresh ``sk-`` key."""
    return f"sk-{draw.text(48, ALNUM)}"


def task_id(draw: Draw) -> str:
    """A fresh public task id."""
    return f"task_{draw.text(32, ALNUM)}"


def request_id(draw: Draw, now_us: int) -> str:
    """23 digits of UTC time down to nanoseconds, 8 hex digits of the build, 8 alphanumerics."""
    stamp = f"{moment(now_us):%Y%m%d%H%M%S}{now_us % 1_000_000:06d}{draw.between(0, 999):03d}"
    return stamp + draw.text(8, HEX) + draw.text(8, ALNUM)


def dollars(amount: int) -> float:
    """Quota units as a number of dollars."""
    return amount / MONEY.scale


def amount_text(amount: int) -> str:
    """Quota units the way refusals print them: a full-width dollar sign and six places."""
    return f"＄{MONEY.text(amount)}"


def usd_available(reply: Any) -> str:
    """The dollars that `/api/usage/token/` says are left."""
    return f"{reply['data']['total_available'] / MONEY.scale:.4f} USD"
