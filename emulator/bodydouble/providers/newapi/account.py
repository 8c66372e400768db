"""What a key may still spend, and which models there are: bodies only.

Here a key draws on its account's wallet, so remaining and used are the wallet's. Sources: C.8 and
C.9 of the fact sheet; Google's form of the model list is its own public one (assumed).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import SECOND_US, iso_s
from bodydouble.core.money.ledger import EntryKind
from bodydouble.core.wire import Call
from bodydouble.providers.newapi.catalogue import Row
from bodydouble.providers.newapi.conventions import dollars

# What a key without any limit of its own is said to be granted: 100,000,000 dollars.
UNLIMITED_UNITS = 100_000_000 * 500_000
STOCK_CREATED_S = 1_626_777_600


async def spent(view: AccountView) -> int:
    """Charges less refunds, in quota units."""
    entries = await view.entries()
    return -sum(entry.amount for entry in entries if entry.kind is not EntryKind.TOP_UP)


def subscription(granted: int) -> dict[str, Any]:
    """The subscription body; ``granted`` is what remains plus what was used."""
    limit = _short(dollars(granted))
    return {
        "object": "billing_subscription",
        "has_payment_method": True,
        "soft_limit_usd": limit,
        "hard_limit_usd": limit,
        "system_hard_limit_usd": limit,
        "access_until": 0,
    }


def usage(used: int) -> dict[str, Any]:
    """The usage body, in cents."""
    return {"object": "list", "total_usage": _short(dollars(used) * 100)}


def _short(number: float) -> float:
    """Go prints a whole number without a fraction."""
    return int(number) if number.is_integer() else number


def token_usage(name: str, used: int, left: int, *, unlimited: bool = False) -> dict[str, Any]:
    """The key's own numbers, in quota units; an unlimited one has less than nothing left."""
    data = {
        "expires_at": 0,
        "model_limits": {},
        "model_limits_enabled": False,
        "name": name,
        "object": "token_usage",
        "total_available": left,
        "total_granted": used + left,
        "total_used": used,
        "unlimited_quota": unlimited,
    }
    return {"code": True, "data": data, "message": "ok"}


def dialect(call: Call) -> str:
    """How the model list is asked for: ``anthropic``, ``gemini`` or ``openai``."""
    if call.header(b"x-api-key") is not None and call.header(b"anthropic-version") is not None:
        return "anthropic"
    if call.header(b"x-goog-api-key") is not None or "key" in call.query:
        return "gemini"
    return "openai"


def anthropic_models(models: Iterable[str], created_s: int) -> dict[str, Any]:
    """The list in Anthropic's form."""
    at = iso_s(created_s * SECOND_US)
    data = [
        {"id": model, "created_at": at, "display_name": model, "type": "model"} for model in models
    ]
    return {
        "data": data,
        "first_id": data[0]["id"],
        "has_more": False,
        "last_id": data[-1]["id"],
    }


def gemini_models(models: Iterable[str]) -> dict[str, Any]:
    """The list in Google's form."""
    return {"models": [{"name": f"models/{model}", "displayName": model} for model in models]}


# By kind of channel: who owns a model of it, and how it can be called.
_CHANNELS: dict[str, tuple[str, list[str]]] = {
    "kling": ("kling", ["openai"]),
    "veo": ("google gemini", ["gemini", "openai"]),
}


def stock_models(rows: Mapping[str, Row]) -> dict[str, Any]:
    """The list in OpenAI's form, sorted, with what the stock program adds."""
    data = [stock_model(model, *_CHANNELS[rows[model].kind]) for model in sorted(rows)]
    return {"data": data, "object": "list", "success": True}


def stock_model(model: str, owner: str, called: list[str] | None) -> dict[str, Any]:
    """One line of that list."""
    return {
        "id": model,
        "object": "model",
        "created": STOCK_CREATED_S,
        "owned_by": owner,
        "supported_endpoint_types": called,
    }


# Of the models built into the program one was seen; no channel has to have it.
BUILT_IN = {"sora-2": stock_model("sora-2", "advanced_custom", None)}
# Google's members that are there and say nothing.
_UNKNOWN = ("baseModelId", "version", "description", "inputTokenLimit", "outputTokenLimit")


def stock_gemini_models(rows: Mapping[str, Row]) -> dict[str, Any]:
    """The list on Google's path; which members there are beside the observed ones is assumed."""
    nothing = dict.fromkeys((*_UNKNOWN, "supportedGenerationMethods"))
    models = [{"name": model, "displayName": model, **nothing} for model in sorted(rows)]
    return {"models": models}


def unknown_model(model: str) -> dict[str, Any]:
    """The body, with status 200, about a model that is not there."""
    error = {
        "message": f"The model '{model[:200]}' does not exist",
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    }
    return {"error": error}
