"""What became of it: generations by id and by user, their deletion, and upscaled variations.

An unknown or foreign id is null, not an error, as a row that is not there is to the vendor's
engine (A2). Sources: OAS of 2026-05-21.
"""

from __future__ import annotations

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.provider_kit import told_once
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.leonardo.errors import invalid
from bodydouble.providers.leonardo.images import seeded_generation_id
from bodydouble.providers.leonardo.replies import generation, respond, seeded_generation, variation
from bodydouble.providers.leonardo.variables import Variable, read_uuid, read_variables

LIMIT_DEFAULT = 10
LIMIT_MAX = 100
_PAGE = (Variable("offset", "Int"), Variable("limit", "Int"))


async def get_generation(call: Call, view: AccountView) -> Reply:
    """`GET /generations/{id}`."""
    id = _id(call, "generations_by_pk")
    job = await _job(view, id)
    if job is not None:
        return respond(_generation_told(job, view, call))
    if id == seeded_generation_id(view):
        return respond({"generations_by_pk": seeded_generation(view, call)})
    return _nothing(call, "generations_by_pk")


_generation_told = told_once(
    lambda job, view, call: {"generations_by_pk": generation(job, view, call)}
)


async def delete_generation(call: Call, view: AccountView) -> Reply:
    """`DELETE /generations/{id}`: the row is gone; a job that still runs runs on (A28)."""
    job = await _job(view, _id(call, "delete_generations_by_pk"))
    if job is None:
        return _nothing(call, "delete_generations_by_pk")
    await view.mark_deleted(job)
    return respond({"delete_generations_by_pk": {"id": job.id}})


async def list_generations(call: Call, view: AccountView) -> Reply:
    """`GET /generations/user/{userId}`: newest first, the account's first images last (A21)."""
    page = read_variables(call, "generations", _PAGE)
    offset, limit = page.get("offset", 0), page.get("limit", LIMIT_DEFAULT)
    for name, value in (("offset", offset), ("limit", limit)):
        if value < 0:
            path = f"$.selectionSet.generations.args.{name}"
            raise invalid("unexpected negative value", code="validation-failed", path=path)
    limit = min(limit, LIMIT_MAX)
    if read_uuid(call.params["userId"]) != view.account.user_id:
        return respond({"generations": []})
    jobs, total = await view.jobs(
        offset=offset, limit=limit, keep=lambda job: job.deleted_at_us is None
    )
    rows = [generation(job, view, call) for job in jobs]
    if offset <= total < offset + limit:
        rows.append(seeded_generation(view, call))
    return respond({"generations": rows})


async def get_variation(call: Call, view: AccountView) -> Reply:
    """`GET /motion-variations/{id}`: an array of one, or of none."""
    id = _id(call, "generated_image_variation_motion")
    job = await view.job(id)
    if job is None or job.submission.names.get("variation") != id:
        return respond({"generated_image_variation_motion": []})
    return respond({"generated_image_variation_motion": [variation(job, view)]})


def _id(call: Call, field: str) -> str:
    read_variables(call, field, ())
    return read_uuid(call.params["id"])


async def _job(view: AccountView, id: str) -> Job | None:
    job = await view.job(id)
    if job is None or job.id != id or job.deleted_at_us is not None:
        return None
    return job


def _nothing(call: Call, key: str) -> Reply:
    if str(call.quirk("leonardo.not_found")) == "404":
        raise Refused(Cause.NOT_FOUND)
    return respond({key: None})
