"""Copies of a sandbox: snapshots to come back to, forks that go their own way, exports to keep."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator
from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.clock import iso_ms
from bodydouble.core.sandboxes import APART, Counter, Sandbox, Snapshot
from bodydouble.sandbox.bounds import size_of, weights_of
from bodydouble.web.control.sandbox_copies import (
    FORMAT,
    RECORDS_MAX,
    VERSION,
    copy_records,
    detach_copy,
    exported,
    imported,
    rename_copy,
    replace_records,
    secrets_of,
    words_of,
)
from bodydouble.web.control.sandboxes import introduced, located, make_room
from bodydouble.web.control.wire.access import (
    Services,
    asked_of,
    json_response,
    known_query,
    not_found,
    opened,
    page_of,
)
from bodydouble.web.control.wire.bodies import Body, Text
from bodydouble.web.control.wire.problems import Problem, Wrong, invalid
from bodydouble.web.keys.registry import real_us
from bodydouble.web.keys.starting_values import bad_quirks

SNAPSHOTS_MAX = 100
SNAPSHOTS_BYTES_MAX = 512 * 1024 * 1024
IMPORT_BYTES_MAX = 64 * 1024 * 1024


class NewSnapshot(Body):
    """`POST …/snapshots`."""

    name: Text = ""


class NewFork(Body):
    """`POST …/forks`."""

    label: Text | None = None


class Imported(Body):
    """`POST /sandboxes/import`: what `GET …/export` gave."""

    format: str = FORMAT
    version: int = VERSION
    now_us: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    records: Annotated[list[dict[str, Any]], Field(max_length=RECORDS_MAX)]

    @field_validator("format", "version")
    @classmethod
    def _written_by_this_version(cls, value: object, field: ValidationInfo) -> object:
        ours = FORMAT if field.field_name == "format" else VERSION
        if value != ours:
            raise ValueError(f"{value!r} was written by another version: export the sandbox again")
        return value


async def save(app: Services, request: Request) -> Response:
    """Keeps the sandbox as it is now."""
    asked = await asked_of(request, NewSnapshot)
    id = request.path_params["sandbox"]
    async with opened(app, request) as sandbox:
        now_us, size = sandbox.now_us, await size_of(sandbox.tx)
    async with app.store.transaction(id + APART) as tx:
        _check_room(await tx.list(Snapshot), size)
        counter = await tx.get(Counter, "snapshots")
        serial = counter.value + 1 if counter else 1
        tx.put(Counter("snapshots", serial))
    name = asked.name or f"n{serial}"
    snapshot = Snapshot(f"n{serial}", serial, name, now_us, real_us(), bytes=size)
    await copy_records(app.store, id, id + APART + snapshot.id)
    # Listed last: a process may end in between, and what is listed can be come back to.
    try:
        async with app.store.transaction(id + APART) as tx:
            kept = await tx.list(Snapshot)
            _check_room(kept, size)
            tx.put(snapshot)
    except Problem:
        await app.store.drop(id + APART + snapshot.id)
        raise
    app.registry.held.weigh(id, {"snapshots": sum([one.bytes for one in kept]) + size})
    where = f"{request.url.path}/{snapshot.id}"
    return json_response(_snapshot_body(snapshot), 201, {"location": where})


def _check_room(kept: list[Snapshot], size: int) -> None:
    """Problem 409 where one more of so many bytes is too much."""
    if len(kept) >= SNAPSHOTS_MAX:
        raise Problem(409, f"there are {SNAPSHOTS_MAX} snapshots already: delete some")
    if kept and sum([one.bytes for one in kept]) + size > SNAPSHOTS_BYTES_MAX:
        most = f"its snapshots may hold {SNAPSHOTS_BYTES_MAX} bytes together"
        raise Problem(409, f"{most}, and this one would have {size}: delete some")


async def listed(app: Services, request: Request) -> Response:
    """The snapshots, oldest first."""
    offset, limit = page_of(request)
    id = request.path_params["sandbox"]
    async with opened(app, request):
        pass
    async with app.store.transaction(id + APART) as tx:
        kept = await tx.list(Snapshot, offset=offset, limit=limit)
        total = await tx.count(Snapshot)
    return json_response({"snapshots": [_snapshot_body(one) for one in kept], "total": total})


async def restore(app: Services, request: Request) -> Response:
    """Makes the sandbox what it was then; its keys and its other snapshots stay."""
    known_query(request)
    id = request.path_params["sandbox"]
    snapshot = await _found(app, request)
    await copy_records(app.store, id + APART + snapshot.id, id)
    await rename_copy(app.store, id, snapshot.at_us, real_us())
    async with opened(app, request) as sandbox:
        sandbox.weights |= await weights_of(sandbox.tx)
    # What is due there now is due at another real instant than the scheduler knows of.
    app.scheduler.note(id, real_us())
    return json_response(_snapshot_body(snapshot))


async def delete(app: Services, request: Request) -> Response:
    """Drops a snapshot."""
    known_query(request)
    id = request.path_params["sandbox"]
    snapshot = await _found(app, request)
    async with app.store.transaction(id + APART) as tx:
        tx.delete(Snapshot, snapshot.id)
        left = sum([one.bytes for one in await tx.list(Snapshot)])
    await app.store.drop(id + APART + snapshot.id)
    app.registry.held.weigh(id, {"snapshots": left})
    return Response(status_code=204)


async def _found(app: Services, request: Request) -> Snapshot:
    id, name = request.path_params["sandbox"], request.path_params["snapshot"]
    async with opened(app, request):
        pass
    async with app.store.transaction(id + APART) as tx:
        found = await tx.get(Snapshot, name)
    if found is None:
        raise not_found("snapshot", name)
    return found


def _snapshot_body(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "name": snapshot.name,
        "at": iso_ms(snapshot.at_us),
        "at_us": snapshot.at_us,
        "taken": iso_ms(snapshot.taken_real_us),
    }


async def fork(app: Services, request: Request) -> Response:
    """A second sandbox that is the same up to now and shares nothing from here on.

    What happened up to now is told by the first alone, also where it was not delivered yet.
    """
    asked = await asked_of(request, NewFork)
    id = request.path_params["sandbox"]
    async with opened(app, request) as sandbox:
        now_us, label = sandbox.now_us, sandbox.record.label
    await make_room(app)
    target = app.registry.new_id()
    await copy_records(app.store, id, target)
    label = label if asked.label is None else asked.label
    return await _introduced(app, target, now_us, label=label)


async def export(app: Services, request: Request) -> Response:
    """Everything the sandbox holds, as one JSON document; secrets only where they are asked for.

    Without them, webhooks of an import are signed with three dots.
    """
    known_query(request, "secrets")
    wanted = request.query_params.get("secrets", "masked")
    if wanted not in ("masked", "kept"):
        raise invalid(Wrong("secrets", f"is masked or kept, not {wanted!r}"))
    async with opened(app, request) as sandbox:
        records = await sandbox.tx.everything()
    secrets = set() if wanted == "kept" else secrets_of(records)
    if wanted == "masked":
        words = words_of(records)
        id = sandbox.record.id
        secrets |= {word for word in words if await app.registry.is_key(word, id)}
    document = await asyncio.to_thread(exported, records, sandbox.now_us, secrets)
    name = f'attachment; filename="{request.path_params["sandbox"]}.json"'
    return json_response(document, headers={"content-disposition": name})


async def import_(app: Services, request: Request) -> Response:
    """A new sandbox that is what was exported; it sends nothing of what had happened by then."""
    asked = await asked_of(request, Imported, IMPORT_BYTES_MAX)
    try:
        records = imported(asked.records, app.providers)
    except ValueError as error:
        raise invalid(*(Wrong("records", line) for line in str(error).splitlines())) from None
    record = next(one for one in records if isinstance(one, Sandbox))
    wrongs = bad_quirks(app.providers, record.quirks)
    if wrongs:
        raise invalid(*(Wrong("records", f"quirks.{name} {why}") for name, why in wrongs.items()))
    await make_room(app)
    target = app.registry.new_id()
    await replace_records(app.store, target, records)
    now_us = record.clock.virtual_us if asked.now_us is None else asked.now_us
    return await _introduced(app, target, now_us)


async def _introduced(app: Services, target: str, now_us: int, **changes: Any) -> Response:
    record = await detach_copy(app.store, target, now_us, real_us(), **changes)
    app.registry.last_used[target] = real_us()
    async with app.store.transaction(target) as tx:
        app.registry.held.weigh(target, await weights_of(tx))
    app.scheduler.note(target, real_us())
    return json_response(await introduced(app, record), 201, located(record))
