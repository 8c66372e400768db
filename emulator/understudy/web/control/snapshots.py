"""Copies of a sandbox: snapshots to come back to, forks that go their own way, exports to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from understudy.core.clock import iso_ms
from understudy.core.sandboxes import APART, Counter, Sandbox, Snapshot
from understudy.web.control.bodies import Body, Text, read
from understudy.web.control.problems import Problem, Wrong, invalid
from understudy.web.control.rooms import body_of, known_query, missing, opened, page_of, said
from understudy.web.control.sandboxes import introduced, located
from understudy.web.copies import (
    RECORDS_MAX,
    copy,
    exported,
    fill,
    imported,
    parted,
    renamed,
)
from understudy.web.opening import bad_quirks
from understudy.web.registry import Full, real_us

if TYPE_CHECKING:
    from understudy.web.app import Understudy

SNAPSHOTS_MAX = 100
IMPORT_BYTES_MAX = 64 * 1024 * 1024


class NewSnapshot(Body):
    """`POST …/snapshots`."""

    name: Text = ""


class NewFork(Body):
    """`POST …/forks`."""

    label: Text | None = None


class Imported(Body):
    """`POST /sandboxes/import`: what `GET …/export` gave."""

    format: Literal["understudy-sandbox"] = "understudy-sandbox"
    version: Literal[1] = 1
    now_us: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    records: Annotated[list[dict[str, Any]], Field(max_length=RECORDS_MAX)]


async def save(understudy: Understudy, request: Request) -> Response:
    """Keeps the sandbox as it is now."""
    known_query(request)
    asked = read(NewSnapshot, await body_of(request))
    id = request.path_params["sandbox"]
    async with opened(understudy, id) as box:
        now_us = box.now_us
    async with understudy.store.transaction(id + APART) as tx:
        if await tx.count(Snapshot) >= SNAPSHOTS_MAX:
            raise Problem(409, f"there are {SNAPSHOTS_MAX} snapshots already: delete some")
        counter = await tx.get(Counter, "snapshots")
        serial = counter.value + 1 if counter else 1
        tx.put(Counter("snapshots", serial))
        snapshot = Snapshot(f"n{serial}", serial, asked.name or f"n{serial}", now_us, real_us())
        tx.put(snapshot)
    await copy(understudy.store, id, id + APART + snapshot.id)
    where = f"{request.url.path}/{snapshot.id}"
    return said(_snapshot_body(snapshot), 201, {"location": where})


async def listed(understudy: Understudy, request: Request) -> Response:
    """The snapshots, oldest first."""
    known_query(request, "offset", "limit")
    offset, limit = page_of(request)
    id = request.path_params["sandbox"]
    async with opened(understudy, id):
        pass
    async with understudy.store.transaction(id + APART) as tx:
        kept = await tx.list(Snapshot, offset=offset, limit=limit)
        total = await tx.count(Snapshot)
    return said({"snapshots": [_snapshot_body(one) for one in kept], "total": total})


async def restore(understudy: Understudy, request: Request) -> Response:
    """Makes the sandbox what it was then; its keys and its other snapshots stay."""
    known_query(request)
    id = request.path_params["sandbox"]
    snapshot = await _found(understudy, request)
    await copy(understudy.store, id + APART + snapshot.id, id)
    await renamed(understudy.store, id, snapshot.at_us, real_us())
    async with opened(understudy, id):
        pass
    # What is due there now is due at another real instant than whoever sleeps knows of.
    understudy.waker.note(id, real_us())
    return said(_snapshot_body(snapshot))


async def delete(understudy: Understudy, request: Request) -> Response:
    """Forgets a snapshot."""
    known_query(request)
    id = request.path_params["sandbox"]
    snapshot = await _found(understudy, request)
    async with understudy.store.transaction(id + APART) as tx:
        tx.delete(Snapshot, snapshot.id)
    await understudy.store.drop(id + APART + snapshot.id)
    return Response(status_code=204)


async def _found(understudy: Understudy, request: Request) -> Snapshot:
    id, name = request.path_params["sandbox"], request.path_params["snapshot"]
    async with opened(understudy, id):
        pass
    async with understudy.store.transaction(id + APART) as tx:
        found = await tx.get(Snapshot, name)
    if found is None:
        raise missing("snapshot", name)
    return found


def _snapshot_body(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "name": snapshot.name,
        "at": iso_ms(snapshot.at_us),
        "at_us": snapshot.at_us,
        "taken": iso_ms(snapshot.taken_real_us),
    }


async def fork(understudy: Understudy, request: Request) -> Response:
    """A second sandbox that is the same up to now and shares nothing from here on.

    What happened up to now is told by the first alone, also where it was not delivered yet.
    """
    known_query(request)
    asked = read(NewFork, await body_of(request))
    id = request.path_params["sandbox"]
    async with opened(understudy, id) as box:
        now_us, label = box.now_us, box.record.label
    target = await _room(understudy)
    await copy(understudy.store, id, target)
    label = label if asked.label is None else asked.label
    return await _introduced(understudy, target, now_us, label=label)


async def export(understudy: Understudy, request: Request) -> Response:
    """Everything the sandbox holds, as one JSON document."""
    known_query(request)
    async with opened(understudy, request.path_params["sandbox"]) as box:
        document = exported(await box.tx.everything(), box.now_us)
    name = f'attachment; filename="{request.path_params["sandbox"]}.json"'
    return said(document, headers={"content-disposition": name})


async def import_(understudy: Understudy, request: Request) -> Response:
    """A new sandbox that is what was exported; it sends nothing of what had happened by then."""
    known_query(request)
    asked = read(Imported, await body_of(request, IMPORT_BYTES_MAX))
    try:
        records = imported(asked.records, understudy.providers)
    except ValueError as error:
        raise invalid(*(Wrong("records", line) for line in str(error).splitlines())) from None
    record = next(one for one in records if isinstance(one, Sandbox))
    wrongs = bad_quirks(understudy.providers, record.quirks)
    if wrongs:
        raise invalid(*(Wrong("records", f"quirks.{name} {why}") for name, why in wrongs.items()))
    target = await _room(understudy)
    await fill(understudy.store, target, records)
    now_us = record.clock.virtual_us if asked.now_us is None else asked.now_us
    return await _introduced(understudy, target, now_us)


async def _room(understudy: Understudy) -> str:
    try:
        await understudy.registry.make_room()
    except Full as full:
        raise Problem(503, str(full)) from None
    return understudy.registry.new_id()


async def _introduced(understudy: Understudy, target: str, now_us: int, **changes: Any) -> Response:
    record = await parted(understudy.store, target, now_us, real_us(), **changes)
    understudy.registry.used(target)
    understudy.waker.note(target, real_us())
    return said(await introduced(understudy, record), 201, located(record))
