"""What the stock program asks of a key beside its being known, and what the vendors' pages ask.

Observed at commit 823e2630 (2026-08-08). Which account a key opens is not known here.
"""

from __future__ import annotations

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.wire import Call
from bodydouble.providers.newapi.conventions import key_parts
from bodydouble.providers.newapi.errors import TOKEN_USAGE_PATH

NO_CHANNELS = "普通用户不支持指定渠道"
_MODEL = "model:"
# The scope of a key without a quota of its own; any other is held to its wallet or its limit.
UNLIMITED = "unlimited"


def whole(call: Call) -> bool:
    """Whether a key came with its prefix and without a channel, as the pages have it."""
    return call.header(b"authorization") is None or key_parts(call) == (False, False)


def check_key(call: Call, view: AccountView) -> None:
    """Refused: SCOPE for a key that names a channel, MALFORMED_KEY for one without any quota."""
    if call.header(b"authorization") is not None and key_parts(call)[1]:
        raise Refused(Cause.SCOPE, NO_CHANNELS, code="")
    if view.key.spending_limit == 0 and call.path != TOKEN_USAGE_PATH:
        raise Refused(Cause.MALFORMED_KEY)


def check_models(view: AccountView, model: str) -> None:
    """A key for some models (scopes ``model:NAME``) opens nothing without one. Refused: SCOPE."""
    allowed = [one for one in view.key.scopes or () if one.startswith(_MODEL)]
    if allowed and _MODEL + model not in allowed:
        raise Refused(Cause.SCOPE, f"This token has no access to model {model}", code="")
