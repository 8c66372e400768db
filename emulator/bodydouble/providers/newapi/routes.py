"""Routes and headers that both vendors borrow from the stock program unchanged.

Source: C.1, C.8 of the fact sheet.
"""

from __future__ import annotations

from collections.abc import Callable

from bodydouble.core.errors import Refusal
from bodydouble.core.limits import Decision
from bodydouble.core.provider import Operation
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.newapi import errors
from bodydouble.providers.newapi.conventions import REQUEST_ID_HEADER
from bodydouble.providers.newapi.gateway import VERSION, Gateway

Refuse = Callable[[Refusal, Call], Reply]
Headers = tuple[tuple[str, str], ...]
Finish = Callable[[Reply, Call, tuple[Decision, ...]], Headers]


def refused_by(gateway: Gateway, documented: Refuse) -> Refuse:
    """The stock program's errors on its wire, else the ``documented`` ones."""

    def refuse(refusal: Refusal, call: Call) -> Reply:
        return (errors.refuse if gateway.is_stock(call) else documented)(refusal, call)

    return refuse


def headers_of(gateway: Gateway) -> Finish:
    """What every answer carries; the version only on the stock wire."""

    def finish(reply: Reply, call: Call, decisions: tuple[Decision, ...]) -> Headers:
        usual = ((REQUEST_ID_HEADER, call.request_id),)
        return (*usual, ("x-new-api-version", VERSION)) if gateway.is_stock(call) else usual

    return finish


def stock_only(gateway: Gateway) -> tuple[Operation, ...]:
    """Routes that no page of either vendor has: Kling's own form, a create in OpenAI's place."""
    create = gateway.either(None, gateway.create)
    native = gateway.either(None, gateway.create_native)
    poll = gateway.either(None, gateway.poll)
    found = [Operation("createVideo", "POST", "/v1/videos", create, billed=True)]
    for kind, name in (("text2video", "TextVideo"), ("image2video", "ImageVideo")):
        path = f"/kling/v1/videos/{kind}"
        found += [
            Operation(f"createKling{name}", "POST", path, native, billed=True),
            Operation(f"getKling{name}", "GET", f"{path}/{{task_id}}", poll),
        ]
    return tuple(found)


def billing(gateway: Gateway) -> tuple[Operation, ...]:
    """What a key may spend and has spent, with and without ``/v1``."""
    found = []
    for suffix, root in (("", "/v1"), ("Short", "")):
        path = f"{root}/dashboard/billing"
        found += [
            Operation(
                f"getSubscription{suffix}",
                "GET",
                f"{path}/subscription",
                gateway.either(gateway.subscription, gateway.subscription),
            ),
            Operation(
                f"getUsage{suffix}",
                "GET",
                f"{path}/usage",
                gateway.either(gateway.usage, gateway.usage),
            ),
        ]
    token = gateway.either(gateway.token_usage, gateway.token_usage)
    found.append(Operation("getTokenUsage", "GET", "/api/usage/token/", token))
    return tuple(found)
