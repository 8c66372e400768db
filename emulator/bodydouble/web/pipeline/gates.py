"""What single gates of a request check: headers, key, limit. Their order is the pipeline's."""

from __future__ import annotations

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.keys import Claim, Key
from bodydouble.core.limits import Decision
from bodydouble.core.provider import RequiredHeader
from bodydouble.core.wire import Call


def check_headers(required: tuple[RequiredHeader, ...], call: Call) -> None:
    """Refused: HEADER."""
    for one in required:
        given = call.header(one.name.encode())
        if not given or (one.values and given not in one.values):
            raise Refused(Cause.HEADER, name=one.name, given=given)


def over(decision: Decision) -> Refused:
    """The refusal of a limit that is used up."""
    return Refused(Cause.RATE, limit=decision.limit, retry_after_s=decision.retry_after_s)


def check_key(key: Key, now_us: int) -> None:
    """Refused: REVOKED_KEY, EXPIRED_KEY."""
    if key.revoked:
        raise Refused(Cause.REVOKED_KEY, key=key.hint)
    if key.expires_at_us is not None and now_us >= key.expires_at_us:
        raise Refused(Cause.EXPIRED_KEY, key=key.hint)


def check_claim(claim: Claim, call: Call, real_us: int) -> None:
    """Refused: EXPIRED_KEY, with ``early`` where the claim is not good yet."""
    at_us = call.now_us if claim.clock and call.quirk(claim.clock) == "sandbox" else real_us
    if claim.from_us is not None and at_us < claim.from_us:
        raise Refused(Cause.EXPIRED_KEY, early=True)
    if claim.until_us is not None and at_us >= claim.until_us:
        raise Refused(Cause.EXPIRED_KEY)
