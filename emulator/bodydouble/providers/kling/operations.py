"""Kling's handlers for videos: of the older API a create, a read and a list for each route, of the
newer one a create for each product and one query for all.

Source: the pages of both; that a query tells tasks of the other API, that it takes 20 ids and what
it says of no ids, as somebody saw it.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import DAY_US
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.provider import Handler
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.kling.orders import Order, found, submitted
from bodydouble.providers.kling.replies import (
    STATES,
    accepted,
    newer_task,
    older_task,
    respond,
    seconds,
)

QUERY_IDS_MAX = 20
PAGE_MAX = 1000
PAGE_SIZE_MAX = 500
PAGE_SIZE = 30
LIST_MAX = 500
LIST_USUAL = 100
EXTENSION_S = 5
EXTENDED_MAX_S = 180
_DAYS_BACK = 30
_WORDS = {word: state for state, word in STATES.items() if state is not State.CANCELED}


def _problem(path: str, given: Any = None, text: str = "", flaw: Flaw = Flaw.FORMAT) -> Refused:
    return Refused(Cause.INVALID, fields=(FieldProblem(path, flaw, given, text=text),))


# The older API --------------------------------------------------------------------------------


def create(operation: str, route: str) -> Handler:
    """The handler of one create route."""

    async def handle(call: Call, view: AccountView) -> Reply:
        # Models of bodies are loaded with the first body: pydantic takes as long as all the rest.
        from bodydouble.providers.kling.older import read_order

        order = read_order(call, route)
        check_pack(call, view)
        return respond(call, accepted(await submitted(operation, order, view)))

    return handle


def extend(operation: str) -> Handler:
    """The handler that lets a film go on for some seconds, with its own model and mode."""

    async def handle(call: Call, view: AccountView) -> Reply:
        order = await _longer(call, view)
        check_pack(call, view)
        return respond(call, accepted(await submitted(operation, order, view)))

    return handle


async def _longer(call: Call, view: AccountView) -> Order:
    from bodydouble.providers.kling.catalogue import rows
    from bodydouble.providers.kling.older import read_extend

    asked = read_extend(call)
    parent = await view.job(asked.video_id)
    if (
        parent is None
        or parent.state is not State.SUCCEEDED
        or parent.submission.names["video"] != asked.video_id
        or view.now_us >= (parent.ended_at_us or 0) + _DAYS_BACK * DAY_US
    ):
        raise _problem("video_id", asked.video_id)
    told = parent.submission
    before_s = told.duration_ms // 1000
    row = rows().get((told.extra.get("route", ""), told.model))
    if row is None or before_s + EXTENSION_S > EXTENDED_MAX_S:
        raise _problem("video_id", asked.video_id)
    known = {"id": asked.video_id, "url": view.link(parent, "mp4"), "duration": seconds(parent)}
    return Order(
        row=row,
        tier=told.extra["tier"],
        seconds=EXTENSION_S,
        made_s=before_s + EXTENSION_S,
        ratio=f"{told.width}:{told.height}",
        prompt=asked.prompt or told.prompt,
        callback_url=asked.callback_url,
        external_id=asked.external_task_id,
        watermark=asked.watermark_info.enabled,
        extra={"parent": known, "route": told.extra["route"]},
    )


def read(operation: str) -> Handler:
    """The handler that tells one task of a route."""

    async def handle(call: Call, view: AccountView) -> Reply:
        id = call.params["task_id"]
        job = await found(view, id)
        if job is None or job.submission.operation != operation:
            raise Refused(Cause.NOT_FOUND, id=id)
        return respond(call, older_task(job, lambda one: view.link(one, "mp4")))

    return handle


def listed(operation: str) -> Handler:
    """The handler that tells the tasks of a route, newest first."""

    async def handle(call: Call, view: AccountView) -> Reply:
        page = _number(call, "pageNum", 1, PAGE_MAX)
        size = _number(call, "pageSize", PAGE_SIZE, PAGE_SIZE_MAX)
        jobs, _ = await view.jobs(
            offset=(page - 1) * size,
            limit=size,
            keep=lambda job: job.submission.operation == operation,
        )
        return respond(call, [older_task(job, lambda one: view.link(one, "mp4")) for job in jobs])

    return handle


def _number(call: Call, name: str, usual: int, most: int) -> int:
    given = call.query.get(name, "")
    if not given:
        return usual
    # Of more digits than the greatest has, none is read.
    if (
        not given.isascii()
        or not given.isdecimal()
        or len(given) > 6
        or not 1 <= int(given) <= most
    ):
        raise _problem(name, given)
    return int(given)


# The newer API --------------------------------------------------------------------------------


def create_at(operation: str, product: str, model: str) -> Handler:
    """The handler of one product's creates with one model."""

    async def handle(call: Call, view: AccountView) -> Reply:
        from bodydouble.providers.kling.newer import read_order

        order = read_order(call, product, model)
        check_pack(call, view)
        job = await submitted(operation, order, view)
        body = newer_task(job, lambda one: "")
        # Of a task that was just taken the page shows none of these.
        unsaid = ("message", "outputs", "billing")
        return respond(call, {k: v for k, v in body.items() if k not in unsaid})

    return handle


async def tasks(call: Call, view: AccountView) -> Reply:
    """The tasks that are named, by their own ids or by the client's; an unknown one is left out."""
    by_id, by_external = call.query.get("task_ids", ""), call.query.get("external_task_ids", "")
    if not by_id and not by_external:
        text = "task_ids or external_task_ids is required"
        raise _problem("task_ids", text=text, flaw=Flaw.MISSING)
    if by_id and by_external:
        text = "task_ids and external_task_ids cannot be used at the same time"
        raise _problem("task_ids", text=text, flaw=Flaw.CONFLICT)
    asked = [one for one in (by_id or by_external).split(",") if one]
    if len(asked) > QUERY_IDS_MAX:
        text = f"task_ids exceeds the limit of {QUERY_IDS_MAX}"
        raise _problem("task_ids", text=text, flaw=Flaw.RANGE)
    jobs = []
    for one in dict.fromkeys(asked):
        job = await _named(view, one, external=bool(by_external))
        if job is not None:
            jobs.append(newer_task(job, lambda found: view.link(found, "mp4")))
    return respond(call, jobs)


async def _named(view: AccountView, id: str, *, external: bool) -> Job | None:
    job = await found(view, id)
    if job is None:
        return None
    named = job.submission.extra["external_id"] if external else job.id
    return job if named == id else None


async def listing(call: Call, view: AccountView) -> Reply:
    """Tasks by cursor, newest first, of a span of time and of what the filters want."""
    asked = call.json_object()
    limit = asked.get("limit", LIST_USUAL)
    if type(limit) is not int or not 1 <= limit <= LIST_MAX:
        raise _problem("limit", limit, flaw=Flaw.RANGE)
    until_ms = _instant(asked, "end_time", view.now_us // 1000)
    since_ms = _instant(asked, "start_time", until_ms - _DAYS_BACK * DAY_US // 1000)
    if since_ms > until_ms:
        raise _problem("start_time", str(since_ms), flaw=Flaw.RANGE)
    states, products = _filters(asked.get("filters"))
    cursor = asked.get("cursor") or ""
    if not isinstance(cursor, str):
        raise _problem("cursor", cursor, flaw=Flaw.TYPE)

    def wanted(job: Job) -> bool:
        within = bool(cursor) or since_ms <= job.accepted_at_us // 1000 <= until_ms
        return within and STATES[job.state] in states and "video" in products

    page = await view.page(cursor, limit=limit, keep=wanted)
    shown = [newer_task(job, lambda one: view.link(one, "mp4")) for job in page.jobs]
    told: dict[str, Any] = {"result": shown, "count": len(shown), "has_more": bool(page.next)}
    if page.next:
        told["next_cursor"] = page.next
    return respond(call, told)


def _instant(asked: dict[str, Any], name: str, usual: int) -> int:
    given = asked.get(name)
    if given in (None, ""):
        return usual
    text = given if isinstance(given, str) else str(given) if type(given) is int else ""
    if not text.isascii() or not text.isdecimal() or len(text) > 15:
        raise _problem(name, given)
    return int(text)


def _filters(given: Any) -> tuple[set[str], set[str]]:
    """The states and the products that are wanted. Refused: INVALID."""
    states, products = set(_WORDS), {"video", "image", "try_on"}
    known = {"status": states, "product_type": products}
    if given in (None, ""):
        return states, products
    if not isinstance(given, list):
        raise _problem("filters", given, flaw=Flaw.TYPE)
    for at, one in enumerate(given[:QUERY_IDS_MAX]):
        key = one.get("key") if isinstance(one, dict) else None
        if not isinstance(key, str) or key not in known:
            raise _problem(f"filters[{at}].key", key, flaw=Flaw.CHOICE)
        values = one.get("values")
        if not isinstance(values, list) or not all(
            isinstance(value, str) and value in known[key] for value in values
        ):
            raise _problem(f"filters[{at}].values", values, flaw=Flaw.CHOICE)
        if values:
            known[key].intersection_update(values)
    return states, products


# Packs ----------------------------------------------------------------------------------------


def pack_ends_us(call: Call, view: AccountView) -> int:
    """When the account's pack is over."""
    return view.account.opened_at_us + int(call.quirk("kling.pack_days")) * DAY_US


def check_pack(call: Call, view: AccountView) -> None:
    """Refused: FUNDS where the time of the pack is over, whatever is left in it."""
    if view.now_us >= pack_ends_us(call, view):
        raise Refused(Cause.FUNDS, required=0, balance=view.account.balance)
