"""A sandbox's jobs, with the future that was drawn for each, and the force to change it."""

from __future__ import annotations

from heapq import merge
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.clock import iso_ms
from bodydouble.core.details import split
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.links import given, media_path
from bodydouble.core.money.ledger import Account
from bodydouble.core.reasons import Reason
from bodydouble.sandbox import overrides
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.control.wire.access import (
    Services,
    after_commit,
    asked_of,
    job_named,
    json_response,
    known_query,
    one_of_query,
    opened,
    page_of,
)
from bodydouble.web.control.wire.bodies import JobChange, one_of


async def listed(app: Services, request: Request) -> Response:
    """Every account's jobs, newest first."""
    offset, limit = page_of(request, "provider", "state")
    provider = request.query_params.get("provider")
    state = one_of_query(request, "state", State)
    origin = request.state.origin
    async with opened(app, request) as sandbox:
        groups = [
            await sandbox.tx.list(Job, account.id, newest_first=True)
            for account in await sandbox.tx.list(Account)
            if provider in (None, account.provider)
        ]
        ordered = merge(*groups, key=lambda job: -job.order)
        kept = [job for job in ordered if state in (None, job.state.value)]
        page = [job_body(sandbox, job, origin) for job in islice(kept, offset, offset + limit)]
    return json_response({"jobs": page, "total": len(kept)})


async def read_one(app: Services, request: Request) -> Response:
    """One job, by any of its ids."""
    known_query(request)
    async with opened(app, request) as sandbox:
        job = await job_named(sandbox, request.path_params["job"])
        return json_response(job_body(sandbox, job, request.state.origin))


async def change(app: Services, request: Request) -> Response:
    """Forces a job to finish, fail or stall, or cancels it."""
    asked = await asked_of(request, JobChange)
    verb = one_of(asked)
    async with opened(app, request) as sandbox:
        job = await job_named(sandbox, request.path_params["job"])
        if verb == "finish":
            job = await overrides.finish(sandbox, job)
        elif verb == "fail":
            reason, detail = split(asked.fail or Reason.PROVIDER_ERROR)
            job = await overrides.fail(sandbox, job, Reason(reason), detail)
        elif verb == "cancel":
            job = await overrides.cancel(sandbox, job)
        else:
            job = await overrides.stall(sandbox, job)
        body = job_body(sandbox, job, request.state.origin)
        await sandbox.settle()
    await after_commit(app, sandbox)
    return json_response(body)


def job_body(sandbox: OpenSandbox, job: Job, origin: str) -> dict[str, Any]:
    """A job in neutral words, with the vendor's word for its state and its drawn timeline."""
    provider, ordered, future = sandbox.providers[job.provider], job.submission, job.timeline
    return {
        "id": job.id,
        "names": ordered.names,
        "provider": job.provider,
        "account": job.group,
        "serial": job.order,
        "state": job.state.value,
        "vendor_state": provider.state_word(job),
        "slot": job.slot.value,
        "progress": round(job.progress(sandbox.now_us), 3),
        "operation": ordered.operation,
        "model": ordered.model,
        "prompt": ordered.prompt,
        "price": provider.currency.text(ordered.price),
        "refunded": job.refunded,
        "reason": job.reason.value if job.reason else None,
        "detail": job.detail or None,
        "accepted_at": iso_ms(job.accepted_at_us),
        "started_at": _iso(job.started_at_us),
        "ended_at": _iso(job.ended_at_us),
        "deleted_at": _iso(job.deleted_at_us),
        "deadline_at": _iso(job.deadline_at_us),
        "timeline": {
            "wait_us": future.wait_us,
            "run_us": future.run_us,
            "outcome": future.outcome.value if future.outcome else None,
            "reason": future.reason.value if future.reason else None,
            "ending": future.ending.value if future.ending else None,
            "detail": future.detail or None,
        },
        "media": {
            "width": ordered.width,
            "height": ordered.height,
            "fps": ordered.fps,
            "duration_ms": ordered.duration_ms,
            "audio": ordered.audio,
        },
        "links": _links(sandbox, job, origin),
    }


def _links(sandbox: OpenSandbox, job: Job, origin: str) -> dict[str, str] | None:
    """Where its film and poster are, whatever its ending made of the link in the vendor's reply."""
    if job.state is not State.SUCCEEDED or job.deleted_at_us is not None:
        return None
    rules, record = sandbox.providers[job.provider].links, sandbox.record
    found = {}
    for name, extension in (("video", "mp4"), ("poster", "jpg")):
        path = media_path(record.id, job.id, extension)
        found[name] = f"{origin}/cdn/{given(rules, record.seed, path, sandbox.now_us)}"
    return found


def _iso(at_us: int | None) -> str | None:
    return None if at_us is None else iso_ms(at_us)
