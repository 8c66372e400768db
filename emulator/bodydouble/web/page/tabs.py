"""A sandbox, tab by tab: which verbs are asked for each, and what its template is given.

Every list is a page of the newest, and says how many more there are. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from bodydouble.core.errors import Cause
from bodydouble.core.evidence.decisions import REPLAYED, Decided, is_injected
from bodydouble.core.reasons import Reason
from bodydouble.core.scenarios.cues import rows as cue_rows
from bodydouble.core.scenarios.directives import REFUSABLE
from bodydouble.core.scenarios.faults import KINDS
from bodydouble.web.control.wire.access import Services
from bodydouble.web.control.wire.problems import Problem
from bodydouble.web.page.asking import Verbs, at
from bodydouble.web.page.drawing import axis_of, bar_of, line_of
from bodydouble.web.page.rendering import root_of
from bodydouble.web.webhooks.transport import INBOX

ROWS = 50
_ENTRIES = 200
_STATES = ("queued", "running", "succeeded", "failed", "canceled")
_ALSO = (Cause.UNKNOWN_KEY, Cause.SCOPE, Cause.NOT_FOUND)  # refusals of no submission alone
_WHY = {
    Decided.ANSWERED: "nothing stood in its way",
    Decided.FAULT: "a fault or a scenario's rule met it",
    Decided.LIMIT: "a rate limit or a full queue was reached",
    Decided.IDEMPOTENCY: "its idempotency key had been used",
    Decided.PRICE: "the wallet, or what its key may spend, does not cover it",
    Decided.REFUSED: "the vendor refuses what was asked, or who asks",
}
_DELIVERED = ("pending", "delivered", "dead_letter")

Json = Any
Context = dict[str, Any]


async def common(verbs: Verbs, request: Request, app: Services) -> Context:
    """What every page of a sandbox shows. Problem 404."""
    id = request.path_params["sandbox"]
    box = await verbs.get(at(id))
    faults = (await verbs.get(at(id, "faults"), limit=1_000))["faults"]
    return {
        "box": box,
        "here": f"{root_of(request)}_bodydouble/ui/{id}/",
        "armed": sum(1 for one in faults if one["left"] != 0),
        "tabs": tuple(TABS),
        "vendors": list(app.providers),
        "stream": f"{root_of(request)}_bodydouble/ui/{id}/changes",
    }


async def jobs(verbs: Verbs, request: Request, id: str) -> Context:
    """The newest jobs, each with its bar."""
    query = _given(request, "provider", "state")
    listed = await verbs.get(at(id, "jobs"), **query, **_page(request))
    now_us = (await verbs.get(at(id, "clock")))["now_us"]
    axis = axis_of(listed["jobs"], now_us)
    return {
        "axis": axis,
        "jobs": [shown_job(request, one) | {"bar": bar_of(one, axis)} for one in listed["jobs"]],
        "states": _STATES,
        "reasons": [reason.value for reason in Reason],
        **_paged(request, listed["total"], query),
    }


def shown_job(request: Request, job: Json) -> Context:
    """A job whose links lead there from this page, under whatever name the server is seen."""
    links = job["links"]
    if links is None:
        return dict(job)
    below = request.state.origin + "/"
    near = {name: root_of(request) + link.removeprefix(below) for name, link in links.items()}
    return {**job, "links": near}


async def requests(verbs: Verbs, request: Request, id: str) -> Context:
    """The newest requests that meet the filters, each with its verdict."""
    query = _given(request, "provider", "status", "path", "text", "method", "decision")
    unrouted = request.query_params.get("unrouted") == "1"
    asked: Context = {**query, "operation": ""} if unrouted else dict(query)
    listed = await verbs.get(at(id, "requests"), **asked, **_page(request))
    if unrouted:
        query["unrouted"] = "1"
    rows = [{**one, "verdict": verdict_of(one)} for one in listed["requests"]]
    return {
        "requests": rows,
        "decisions": [one.value for one in Decided],
        **_paged(request, listed["total"], query),
    }


def why(one: Json) -> str:
    """All that a request met, in words."""
    return "; ".join(_WHY[Decided(word)] for word in one["decided"])


def verdict_of(one: Json) -> tuple[str, str]:
    """What became of a request, in a word, and whether that is good, warn or bad."""
    notes: list[str] = one["notes"]
    injected = next((note for note in notes if is_injected(note)), None)
    if injected is not None:
        return injected.partition(":")[0], "warn"
    if any(not decision["allowed"] for decision in one["decisions"]):
        return "rate limit", "bad"
    if one["status"] == 0:
        return "no reply", "bad"
    if one["status"] >= 400:
        return (notes[0] if notes else str(one["status"])), "bad"
    if REPLAYED in notes:
        return "replayed", "warn"
    return ("accepted" if one["job"] and one["method"] == "POST" else "answered"), "good"


async def wallet(verbs: Verbs, request: Request, id: str) -> Context:
    """The accounts, the ledger of one of them, and what the real thing would have cost."""
    accounts = (await verbs.get(at(id, "accounts"), limit=ROWS))["accounts"]
    chosen = request.query_params.get("account") or (accounts[0]["id"] if accounts else "")
    context: Context = {"accounts": accounts, "chosen": chosen, "entries": [], "line": None}
    if chosen:
        path = at(id, "accounts", chosen, "entries")
        total = (await verbs.get(path, limit=1))["total"]
        found = await verbs.get(path, offset=max(0, total - _ENTRIES), limit=_ENTRIES)
        now_us = (await verbs.get(at(id, "clock")))["now_us"]
        context["account"] = await verbs.get(at(id, "accounts", chosen))
        context |= {"entries": found["entries"][::-1], "total": total}
        context["line"] = line_of(found["entries"], now_us)
    # It reads every job and request, so it is asked for only where somebody wants to know.
    cost = request.query_params.get("cost") == "1"
    context["receipt"] = await verbs.get(at(id, "receipt")) if cost else None
    query = {"account": chosen} if chosen else {}
    if cost:
        # Added up once, and not again with every change.
        return {**context, "query": {**query, "cost": "1"}, "topics": ()}
    return {**context, "query": query}


async def time(verbs: Verbs, request: Request, id: str) -> Context:
    """What will happen by itself, and the jobs one may wait for."""
    schedule = await verbs.get(at(id, "schedule"), limit=ROWS)
    listed = []
    for state in ("queued", "running"):
        listed += (await verbs.get(at(id, "jobs"), state=state, limit=20))["jobs"]
    return {"due": schedule["due"], "total": schedule["total"], "unfinished": listed}


async def direct(verbs: Verbs, request: Request, id: str) -> Context:
    """The scenario, the armed faults, and what a prompt may say."""
    return {
        "scenario": await verbs.get(at(id, "scenario")),
        "faults": (await verbs.get(at(id, "faults"), limit=1_000))["faults"][::-1],
        "points": {point.value: [kind.value for kind in kinds] for point, kinds in KINDS.items()},
        "causes": [cause.value for cause in (*REFUSABLE, *_ALSO)],
        "cues": cue_rows(),
    }


async def webhooks(verbs: Verbs, request: Request, id: str) -> Context:
    """Where events go, what was sent, and one delivery with every attempt."""
    query = _given(request, "status")
    listed = await verbs.get(at(id, "deliveries"), **query, **_page(request))
    chosen = request.query_params.get("delivery", "")
    one = await verbs.get(at(id, "deliveries", chosen)) if chosen else None
    paged = _paged(request, listed["total"], query)
    if chosen:
        paged["query"]["delivery"] = chosen
    return {
        "webhooks": (await verbs.get(at(id, "webhooks"), limit=ROWS))["webhooks"],
        "deliveries": listed["deliveries"],
        "one": one,
        "statuses": _DELIVERED,
        "inbox": INBOX,
        **paged,
    }


async def snapshots(verbs: Verbs, request: Request, id: str) -> Context:
    """The saved states, and two of them compared."""
    kept = (await verbs.get(at(id, "snapshots"), limit=ROWS * 2))["snapshots"]
    query = _given(request, "from", "to")
    compared = None
    if "from" in query:
        path = at(id, "snapshots", query["from"], "differences")
        compared = await verbs.get(path, to=query.get("to"))
    return {"snapshots": kept[::-1], "compared": compared, "query": query}


async def keys(verbs: Verbs, request: Request, id: str) -> Context:
    """The keys that were made here, masked; each is told whole once, where it is made."""
    listed = await verbs.get(at(id, "keys"), **_page(request))
    return {"keys": listed["keys"], **_paged(request, listed["total"], {})}


Tab = Callable[[Verbs, Request, str], Awaitable[Context]]
TABS: dict[str, Tab] = {
    "jobs": jobs,
    "requests": requests,
    "wallet": wallet,
    "time": time,
    "direct": direct,
    "webhooks": webhooks,
    "snapshots": snapshots,
    "keys": keys,
}
TOPICS: dict[str, tuple[str, ...]] = {
    "jobs": ("jobs",),
    "requests": ("requests",),
    "wallet": ("wallet",),
    "time": ("clock", "jobs", "webhooks"),
    "direct": ("direct",),
    "webhooks": ("webhooks",),
    "keys": ("keys",),
}


def tab_named(request: Request) -> str:
    """The tab of the path. Problem 404."""
    name: str = request.path_params["tab"]
    if name not in TABS:
        raise Problem(404, f"there is no {name!r} in a sandbox: there are {', '.join(TABS)}")
    return name


def _given(request: Request, *names: str) -> dict[str, str]:
    return {name: text for name in names if (text := request.query_params.get(name, "").strip())}


def _page(request: Request) -> dict[str, object]:
    return {"limit": ROWS, "offset": request.query_params.get("offset") or None}


def _paged(request: Request, total: int, query: dict[str, str]) -> Context:
    """How many there are, which are shown, and the addresses of those before and after."""
    text = request.query_params.get("offset", "0")
    offset = int(text) if text.isdecimal() else 0
    older, newer = offset + ROWS, max(0, offset - ROWS)
    return {
        "total": total,
        "offset": offset,
        "query": query | ({"offset": str(offset)} if offset else {}),
        "filters": query,
        "older": urlencode({**query, "offset": older}) if older < total else "",
        "newer": urlencode({**query, "offset": newer}) if offset else "",
    }
