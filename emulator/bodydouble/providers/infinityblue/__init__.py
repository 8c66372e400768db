"""InfinityBlue: its routes, limits, quirks and assumptions, put together.

Its pages are new-api's own, translated; what it shares with that program is in `newapi`. Numbers
such as A.2 are the fact sheet's.
"""

from __future__ import annotations

from bodydouble.core.clock import DAY_US, SECOND_US
from bodydouble.core.keys import Key
from bodydouble.core.limits import Decision, FixedWindow, window
from bodydouble.core.links import LinkRules
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.infinityblue import errors, operations, videos
from bodydouble.providers.infinityblue.facts import CLIENT_RULES, QUIRKS
from bodydouble.providers.infinityblue.sample import SAMPLE
from bodydouble.providers.newapi import conventions, routes
from bodydouble.providers.newapi.routes import Headers
from bodydouble.providers.standing import standing_beside

_GATEWAY = operations.GATEWAY
_CREATES = ("createVideoGeneration", "createVideo")


def _windows(call: Call, key: Key, operation: Operation) -> tuple[FixedWindow, ...]:
    # The stock program has no limiter on its video routes (C.6).
    if _GATEWAY.is_stock(call):
        return routes.token_windows(operation)
    limit = key.rate_limit or call.quirk("infinityblue.creates_per_minute")
    if operation.name not in _CREATES or not limit:
        return ()
    return (window("creates", limit, key.id),)


def _headers(reply: Reply, call: Call, decisions: tuple[Decision, ...]) -> Headers:
    """The id that the pages name, the program's beside it, and what is left of the minute."""
    id = call.request_id
    told = [("x-request-id", id), (conventions.REQUEST_ID_HEADER, id)]
    for one in decisions:
        told += [
            ("x-ratelimit-limit-requests", str(one.limit)),
            ("x-ratelimit-remaining-requests", str(one.remaining)),
            ("x-ratelimit-reset-requests", str(-(-one.reset_at_us // SECOND_US))),
        ]
    return tuple(told)


PROVIDER = Provider(
    head=False,
    name="infinityblue",
    title="Infinity Blue",
    base_path="/v1",
    hosts=("api.getinfinityblue.com",),
    currency=conventions.MONEY,
    starting_balance=conventions.STARTING_BALANCE,
    pace=conventions.PACE,
    operations=(
        Operation(
            _CREATES[0],
            "POST",
            "/v1/video/generations",
            _GATEWAY.either(operations.create, _GATEWAY.create),
            billed=True,
        ),
        Operation(
            "getVideoGeneration",
            "GET",
            "/v1/video/generations/{task_id}",
            _GATEWAY.either(operations.poll, _GATEWAY.poll),
        ),
        Operation(
            "getVideo",
            "GET",
            "/v1/videos/{task_id}",
            _GATEWAY.either(videos.read, _GATEWAY.video),
        ),
        Operation(
            "getVideoContent",
            "GET",
            "/v1/videos/{task_id}/content",
            _GATEWAY.either(videos.content, _GATEWAY.content),
        ),
        Operation(
            "listModels",
            "GET",
            "/v1/models",
            _GATEWAY.either(operations.list_models, _GATEWAY.list_models),
        ),
        Operation(
            "getModel",
            "GET",
            "/v1/models/{model}",
            _GATEWAY.either(operations.get_model, _GATEWAY.get_model),
        ),
        *routes.stock_only(_GATEWAY, videos.create, operations.gemini_models),
        *routes.billing(_GATEWAY),
    ),
    states=operations.STATES,
    refuse=routes.refused_by(_GATEWAY, errors.refuse),
    finish=routes.headers_of(_GATEWAY, _headers),
    refund_delay_us=_GATEWAY.refund_delay_us,
    links=LinkRules(lifetime_us=DAY_US, expired_status=404),
    credential=conventions.credential,
    key_shape=conventions.KEY_SHAPE,
    mint_key=conventions.mint_key,
    request_id=conventions.request_id,
    windows=_windows,
    quirks=QUIRKS,
    standing=standing_beside(__file__),
    sample=SAMPLE,
    client_rules=CLIENT_RULES,
    models=_GATEWAY.for_people,
)
