"""Routes and headers that both vendors borrow from the stock program unchanged.

Source: C.1, C.8 of the fact sheet.
"""

from __future__ import annotations

from collections.abc import Callable

from bodydouble.core.clock import SECOND_US
from bodydouble.core.errors import Refusal
from bodydouble.core.limits import Decision, FixedWindow
from bodydouble.core.provider import Handler, Operation
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.newapi import errors
from bodydouble.providers.newapi.conventions import REQUEST_ID_HEADER
from bodydouble.providers.newapi.gateway import VERSION, Gateway

TOKEN_USAGE = "getTokenUsage"
Refuse = Callable[[Refusal, Call], Reply]
Headers = tuple[tuple[str, str], ...]
Finish = Callable[[Reply, Call, tuple[Decision, ...]], Headers]


def refused_by(gateway: Gateway, documented: Refuse) -> Refuse:
    """The stock program's errors on its wire, else the ``documented`` ones."""

    def refuse(refusal: Refusal, call: Call) -> Reply:
        return (errors.refuse if gateway.is_stock(call) else documented)(refusal, call)

    return refuse


def headers_of(gateway: Gateway, documented: Finish | None = None) -> Finish:
    """What every answer carries: ``documented``, and on the stock wire the program's own."""

    def finish(reply: Reply, call: Call, decisions: tuple[Decision, ...]) -> Headers:
        usual = ((REQUEST_ID_HEADER, call.request_id),)
        if not gateway.is_stock(call):
            return usual if documented is None else documented(reply, call, decisions)
        # A redirect or a page leaves before the program has looked at anything.
        unseen = reply.status in (301, 307) or reply.media_type == errors.HTML
        return () if unseen else (*usual, ("x-new-api-version", VERSION))

    return finish


def stock_only(
    gateway: Gateway, create_video: Handler | None = None, gemini_models: Handler | None = None
) -> tuple[Operation, ...]:
    """Routes that are the stock program's, but for two that a vendor may document in its own way.

    Among them are Kling's own form and a create in OpenAI's place.
    """
    create = gateway.either(None, gateway.create)
    poll = gateway.either(None, gateway.poll)
    remix = gateway.either(None, gateway.remix)
    videos = gateway.either(create_video, gateway.create)
    models = gateway.either(gemini_models, gateway.gemini_models)
    found = [
        Operation("createVideo", "POST", "/v1/videos", videos, billed=True),
        Operation("remixVideo", "POST", "/v1/videos/{task_id}/remix", remix),
        Operation("listGeminiModels", "GET", "/v1beta/models", models),
        Operation("callJimeng", "POST", "/jimeng/", gateway.either(None, gateway.jimeng)),
        Operation("getTokenLog", "GET", "/api/log/token", gateway.either(None, gateway.log)),
        *(
            Operation(name, "GET", path, gateway.either(None, answer, keyed=False), open=True)
            for name, path, answer in (
                ("getDashboardUser", "/api/user/self", gateway.dashboard),
                ("listDashboardTasks", "/api/task/self", gateway.dashboard),
                ("getProgramStatus", "/api/status", gateway.status),
                ("listPrices", "/api/pricing", gateway.pricing),
                ("getDashboardPage", "/", gateway.page),
            )
        ),
        _redirect(gateway, "POST", "/v1/video/generations/", gateway.without_slash),
        _redirect(gateway, "GET", "/api/usage/token", gateway.with_slash),
    ]
    for kind, name in (("text2video", "TextVideo"), ("image2video", "ImageVideo")):
        path = f"/kling/v1/videos/{kind}"
        found += [
            Operation(f"createKling{name}", "POST", path, create, billed=True),
            Operation(f"getKling{name}", "GET", f"{path}/{{task_id}}", poll),
        ]
    return tuple(found)


def _redirect(gateway: Gateway, method: str, path: str, answer: Handler) -> Operation:
    name = "redirect" + "".join(part.title() for part in path.split("/"))
    return Operation(name, method, path, gateway.either(None, answer))


_CRITICAL = (FixedWindow("critical", errors.CRITICAL, "address", errors.CRITICAL_S * SECOND_US),)


def token_windows(operation: Operation) -> tuple[FixedWindow, ...]:
    """The stock program's limiter of the key's own usage: by address there, by sandbox here."""
    return _CRITICAL if operation.name == TOKEN_USAGE else ()


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
    found.append(Operation(TOKEN_USAGE, "GET", errors.TOKEN_USAGE_PATH, token))
    return tuple(found)
