"""What two states of one sandbox differ in: a snapshot and another, or a snapshot and now.

Records are compared as the store writes them, field by field, and told by kind; what tells nothing
to a tester (counters, schedule rows, the log of requests) is counted and not listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.sandboxes import APART, Snapshot
from bodydouble.stores.codec import encode, name_of
from bodydouble.web.control.wire.access import (
    Services,
    json_response,
    known_query,
    not_found,
    opened,
)

LISTED_MAX = 500
_SHORT = 200
_COUNTED = frozenset(("counter", "due", "exchange", "line", "outgoing", "remembered", "window"))

Records = Mapping[tuple[str, str], Mapping[str, Any]]


async def read_differences(app: Services, request: Request) -> Response:
    """What changed from the snapshot to another (``to``), or to now where none is named."""
    known_query(request, "to")
    id, first = request.path_params["sandbox"], request.path_params["snapshot"]
    second = request.query_params.get("to")
    async with opened(app, request) as sandbox:
        now = _by_name(await sandbox.tx.everything()) if second is None else {}
    before = await _records(app, id, first)
    if before is None:
        raise not_found("snapshot", first)
    after = now if second is None else await _records(app, id, second)
    if after is None:
        raise not_found("snapshot", second or "")
    rows = _rows(before, after)
    listed = [row for row in rows if row["kind"] not in _COUNTED]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["kind"]] = counts.get(row["kind"], 0) + 1
    return json_response(
        {"differences": listed[:LISTED_MAX], "total": len(listed), "by_kind": counts}
    )


async def _records(app: Services, sandbox: str, snapshot: str) -> Records | None:
    async with app.store.transaction(sandbox + APART) as tx:
        if await tx.get(Snapshot, snapshot) is None:
            return None
    async with app.store.transaction(sandbox + APART + snapshot) as tx:
        return _by_name(await tx.everything())


def _by_name(records: Any) -> Records:
    return {(name_of(type(one)), one.id): orjson.loads(encode(one))[0] for one in records}


def _rows(before: Records, after: Records) -> list[dict[str, Any]]:
    rows = []
    for kind, id in sorted({*before, *after}):
        old, new = before.get((kind, id)), after.get((kind, id))
        if old == new or kind == "snapshot":
            continue
        what = "added" if old is None else "removed" if new is None else "changed"
        fields = [] if old is None or new is None else _fields("", old, new)
        if what == "changed" and all(one["field"] in _UNTOLD for one in fields):
            continue
        rows.append({"kind": kind, "id": id, "what": what, "fields": fields})
    return rows


# Between two looks the real clock goes on, and who looked was noted: no difference of the sandbox.
_UNTOLD = frozenset(("used_real_us", "id", "clock.real_us"))


def _fields(place: str, old: Any, new: Any) -> list[dict[str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            row
            for name in sorted({*old, *new})
            for row in _fields(f"{place}.{name}".lstrip("."), old.get(name), new.get(name))
        ]
    return [] if old == new else [{"field": place, "from": _said(old), "to": _said(new)}]


def _said(value: Any) -> str:
    return orjson.dumps(value).decode()[:_SHORT]
