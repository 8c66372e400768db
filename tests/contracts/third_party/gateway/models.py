"""Which models there are, in the dialects of OpenAI, Anthropic and Google.

A single model is looked up among the names that are built in, not among those that are listed. It
refuses to know who serves a model beyond the kind of the channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from tests.contracts.third_party.gateway.accounts import Key, who
from tests.contracts.third_party.gateway.channels import KINDS
from tests.contracts.third_party.gateway.replies import Asked, Json, reply

if TYPE_CHECKING:
    from tests.contracts.third_party.gateway.program import Gateway

CREATED = 1626777600
BUILT_IN = ("sora-2",)
UNKNOWN_S = 60
"""How long after a change of prices the endpoints of models are not known."""
GOOGLES = (
    "baseModelId", "version", "description", "inputTokenLimit", "outputTokenLimit",
    "supportedGenerationMethods", "thinking", "temperature", "maxTemperature", "topP", "topK",
)  # fmt: skip


def listed(gateway: Gateway, key: Key) -> list[str]:
    """Return the models that have a channel and a price, as far as the key may use them."""
    have = {m for c in gateway.catalogue.channels for m in c.models}
    priced = sorted(have & gateway.catalogue.prices.keys())
    return [m for m in priced if key.models is None or m in key.models]


def models(gateway: Gateway, asked: Asked) -> Response:
    """`GET /v1/models`, in the dialect that the headers ask for."""
    key = who(asked, gateway.keys)
    if asked.header("x-api-key") and asked.header("anthropic-version"):
        return reply(for_anthropic(listed(gateway, key)))
    if asked.header("x-goog-api-key") or asked.request.query_params.get("key"):
        return reply(absent(""))
    rows = [row(gateway, model, asked.at) for model in listed(gateway, key)]
    return reply({"data": rows, "object": "list", "success": True})


def row(gateway: Gateway, model: str, at: float) -> Json:
    """Return one model of the list."""
    channel = gateway.catalogue.serving(model)
    kind = KINDS[channel.kind] if channel else KINDS[0]
    settled = at - gateway.catalogue.priced_at >= UNKNOWN_S
    return {
        "id": model, "object": "model", "created": CREATED, "owned_by": kind.owner,
        "supported_endpoint_types": list(kind.endpoints) if settled else [],
    }  # fmt: skip


def for_anthropic(names: list[str]) -> Json:
    """Return the list as Anthropic writes it."""
    rows = [
        {"id": m, "created_at": "2021-07-20T10:40:00Z", "display_name": m, "type": "model"}
        for m in names
    ]
    ends = {"first_id": names[0] if names else None, "last_id": names[-1] if names else None}
    return {"data": rows, "first_id": ends["first_id"], "has_more": False, **ends}


def for_google(gateway: Gateway, asked: Asked) -> Response:
    """`GET /v1beta/models`: two names of each, and nothing else is filled in."""
    names = listed(gateway, who(asked, gateway.keys))
    empty = dict.fromkeys(GOOGLES)
    return reply({"models": [{"name": m, "displayName": m, **empty} for m in names]})


def model(gateway: Gateway, asked: Asked) -> Response:
    """`GET /v1/models/{model}`: one of the names that are built in; a refusal is a 200."""
    who(asked, gateway.keys)
    name = asked.names["model"]
    if name not in BUILT_IN:
        return reply(absent(name))
    return reply(
        {"id": name, "object": "model", "created": CREATED, "owned_by": "advanced_custom",
         "supported_endpoint_types": None}
    )  # fmt: skip


def absent(name: str) -> Json:
    """Say that a model does not exist."""
    error = {
        "message": f"The model '{name}' does not exist", "type": "invalid_request_error",
        "param": "model", "code": "model_not_found",
    }  # fmt: skip
    return {"error": error}
