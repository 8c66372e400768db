"""UniAll: its routes, quirks and assumptions, put together.

Very likely a modified new-api; what it shares with that program is in `newapi`. Numbers such as B.2
are the fact sheet's.
"""

from __future__ import annotations

from bodydouble.core.keys import Key
from bodydouble.core.limits import FixedWindow
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.wire import Call
from bodydouble.providers.newapi import conventions, routes
from bodydouble.providers.standing import standing_beside
from bodydouble.providers.uniall import errors, operations
from bodydouble.providers.uniall.facts import QUIRKS
from bodydouble.providers.uniall.sample import SAMPLE

_GATEWAY = operations.GATEWAY
_CREATE = _GATEWAY.either(operations.create, _GATEWAY.create)
_POLL = _GATEWAY.either(operations.poll, _GATEWAY.poll)
# The stock program has no plural path.
_PLURAL = _GATEWAY.either(operations.create, None)
_POLL_PLURAL = _GATEWAY.either(operations.poll, None)
_VIDEO = _GATEWAY.either(operations.poll, _GATEWAY.video)


def _windows(call: Call, key: Key, operation: Operation) -> tuple[FixedWindow, ...]:
    return routes.token_windows(operation) if _GATEWAY.is_stock(call) else ()


PROVIDER = Provider(
    head=False,
    name="uniall",
    title="UniAll",
    base_path="/v1",
    hosts=("api.uniall.ai",),
    currency=conventions.MONEY,
    starting_balance=conventions.STARTING_BALANCE,
    pace=conventions.PACE,
    operations=(
        Operation("createVideoTask", "POST", "/v1/video/generations", _CREATE, billed=True),
        Operation("createVideoTaskPlural", "POST", "/v1/videos/generations", _PLURAL, billed=True),
        Operation("getVideoTask", "GET", "/v1/videos/{task_id}", _VIDEO),
        Operation("getVideoTaskPlural", "GET", "/v1/videos/generations/{task_id}", _POLL_PLURAL),
        Operation("getVideoTaskSingular", "GET", "/v1/video/generations/{task_id}", _POLL),
        Operation(
            "getVideoContent",
            "GET",
            "/v1/videos/{task_id}/content",
            _GATEWAY.either(_GATEWAY.content, _GATEWAY.content),
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
        *routes.stock_only(_GATEWAY),
        *routes.billing(_GATEWAY),
    ),
    states=operations.STATES,
    refuse=routes.refused_by(_GATEWAY, errors.refuse),
    finish=routes.headers_of(_GATEWAY),
    refund_delay_us=_GATEWAY.refund_delay_us,
    credential=conventions.credential,
    key_shape=conventions.KEY_SHAPE,
    mint_key=conventions.mint_key,
    request_id=conventions.request_id,
    windows=_windows,
    quirks=QUIRKS,
    standing=standing_beside(__file__),
    sample=SAMPLE,
    models=_GATEWAY.for_people,
    shows_progress=True,
)
