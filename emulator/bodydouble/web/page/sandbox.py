"""The pages of one sandbox: its tabs, one job, one request, and what its buttons lead to.

What a tab shows is `tabs`', what a button does is `forms`'.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from bodydouble.core.reasons import Reason
from bodydouble.web.control.evidence.changes import marks_of, stream_of
from bodydouble.web.control.wire.access import Services, not_found
from bodydouble.web.page import forms, start
from bodydouble.web.page.asking import Verbs, at
from bodydouble.web.page.drawing import axis_of, bar_of
from bodydouble.web.page.rendering import moved, rendered
from bodydouble.web.page.tabs import TABS, TOPICS, common, shown_job, tab_named, verdict_of, why


async def tab(app: Services, verbs: Verbs, request: Request) -> Response:
    """One tab."""
    name, id = tab_named(request), request.path_params["sandbox"]
    context = {
        **await common(verbs, request, app),
        "topics": TOPICS.get(name, ()),
        **await TABS[name](verbs, request, id),
        "tab": name,
    }
    if context.get("offset"):
        # Who reads an older page wants its rows to stand still.
        context["topics"] = ()
    query = urlencode(context.get("query", {}))
    context["self_url"] = f"{name}?{query}" if query else name
    return rendered(request, f"{name}.html", context)


async def state(app: Services, verbs: Verbs, request: Request) -> Response:
    """What the bar says: the clock, and whatever is not as usual."""
    return rendered(request, "state.html", await common(verbs, request, app))


async def job(app: Services, verbs: Verbs, request: Request) -> Response:
    """One job: its film, its timeline, its money, and all that touched it."""
    id = request.path_params["sandbox"]
    one = await verbs.get(at(id, "jobs", request.path_params["job"]))
    context = await common(verbs, request, app)
    axis = axis_of([one], context["box"]["clock"]["now_us"])
    booked = await verbs.get(at(id, "accounts", one["account"], "entries"), job=one["id"], limit=50)
    here = request.path_params["job"]
    context |= {
        "job": shown_job(request, one) | {"bar": bar_of(one, axis)},
        "axis": axis,
        "reasons": [reason.value for reason in Reason],
        "requests": (await verbs.get(at(id, "requests"), job=one["id"], limit=50))["requests"],
        "deliveries": (await verbs.get(at(id, "deliveries"), job=one["id"], limit=50))[
            "deliveries"
        ],
        "entries": booked["entries"],
        "raw": json.dumps(one, indent=2, ensure_ascii=False),
        "tab": "jobs",
        "topics": ("jobs", "webhooks"),
        "self_url": quote(here.rpartition("/")[2], safe=""),
    }
    return rendered(request, "job.html", context)


async def exchange(app: Services, verbs: Verbs, request: Request) -> Response:
    """One request: what became of it and why, both sides, and how to meet it again."""
    id, serial = request.path_params["sandbox"], str(request.path_params["request"])
    one = await verbs.get(at(id, "requests", serial))
    again = await verbs.get(at(id, "requests", serial, "rule"))
    context = await common(verbs, request, app)
    context |= {
        "one": one,
        "verdict": verdict_of(one),
        "why": why(one),
        "curl": (await verbs.get(at(id, "requests", serial, "curl")))["curl"],
        "test": (await verbs.get(at(id, "requests", serial, "test")))["test"],
        "fault": json.dumps(again["fault"], ensure_ascii=False),
        "rule": json.dumps(again["rule"], ensure_ascii=False),
        "tab": "requests",
        "stream": "",
    }
    return rendered(request, "request.html", context)


async def press(app: Services, verbs: Verbs, request: Request, fields: dict[str, str]) -> Response:
    """A button: what it says is done, and the browser is led to what it changed."""
    id, verb = request.path_params["sandbox"], request.path_params["verb"]
    if verb == "drop":
        return await start.drop(verbs, request, id)
    if verb == "fork":
        return start.introduced(app, request, await forms.fork(verbs, id, fields))
    if verb == "key":
        made = await forms.new_key(verbs, id, fields)
        common_ = await common(verbs, request, app)
        context: dict[str, Any] = {
            **common_,
            **await TABS["keys"](verbs, request, id),
            "self_url": common_["here"] + "keys",
            "tab": "keys",
            "topics": TOPICS["keys"],
            "made": made,
        }
        return rendered(request, "keys.html", context, 201)
    to = await forms.pressed(verbs, id, verb, fields)
    return moved(request, f"_bodydouble/ui/{id}/{to}")


async def changes(app: Services, request: Request) -> ASGIApp:
    """The sandbox's changes, as a stream. Problem 404, 503."""
    id = request.path_params["sandbox"]
    if await marks_of(app, id) is None:
        raise not_found("sandbox", id)
    return stream_of(app, id)
