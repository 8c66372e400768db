"""SmartlyQ's video, job and log operations: from a call to a reply.

Sources: seed page for generate, OAS of 2026-08-05 for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import parse_instant
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.media.frames import DEFAULT_FPS, frame_size
from bodydouble.core.media.plan import Picture
from bodydouble.core.webhooks import DeliveryStatus
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.smartlyq import replies
from bodydouble.providers.smartlyq.catalogue import entries, short_side


async def health(call: Call, view: AccountView) -> Reply:
    """Open to everybody; only its being open is documented, its body is assumed."""
    return replies.respond(call, {"status": "ok"})


async def list_models(call: Call, view: AccountView) -> Reply:
    """The catalogue, one row per model and type."""
    listed = [
        {"model": entry.model, "type": entry.type, "params": entry.params}
        for entry in entries().values()
    ]
    return replies.respond(call, listed)


async def generate(call: Call, view: AccountView) -> Reply:
    """Accepts, charges and queues a video job."""
    # Models of bodies are loaded with the first body: pydantic takes as long as all the rest.
    from bodydouble.providers.smartlyq.requests import read_generate

    asked, entry, values = read_generate(call)
    price = entry.price(values)
    if view.key.test and call.quirk("smartlyq.test_keys_free"):
        price = 0
    draw = await view.job_draw()
    width, height = frame_size(values["aspect_ratio"] or "16:9", short_side(values["resolution"]))
    job = await view.submit(
        Submission(
            operation=entry.type,
            model=entry.model,
            prompt=asked.prompt or "",
            price=price,
            names={"job": f"job_{draw.text(12)}", "video": draw.text(12)},
            width=width,
            height=height,
            fps=DEFAULT_FPS,
            duration_ms=values["duration"] * 1000,
            audio=values["generate_audio"],
            seed=asked.seed,
            first_frame=_first_frame(asked.image_url) if entry.type == "image_to_video" else None,
            extra={"style": values["style"]},
        )
    )
    data = {"job_uid": job.id, "status": "queued"}
    if call.quirk("smartlyq.job_id_alias"):
        data["job_id"] = job.id
    return replies.respond(call, data, 202, usage=replies.usage(price, view.account))


def _first_frame(url: str | None) -> Picture | None:
    return Picture("remote", url) if url else None


async def list_videos(call: Call, view: AccountView) -> Reply:
    """A page of videos, filtered."""
    query = call.query
    search, style = query.get("search"), query.get("style")
    status = {"failed": "0", "completed": "1", "processing": "2"}.get(
        query.get("status", ""), query.get("status")
    )

    def keep(job: Job) -> bool:
        return (
            job.deleted_at_us is None
            and (not search or search.lower() in job.submission.prompt.lower())
            and (not style or job.submission.extra["style"] == style)
            and (not status or str(replies.VIDEO_STATES[job.state]) == status)
        )

    return await _page(call, view, keep, lambda job: replies.video_body(job, view))


async def list_jobs(call: Call, view: AccountView) -> Reply:
    """A page of jobs, filtered by status and type."""
    status, kind = call.query.get("status"), call.query.get("type")
    keep: Callable[[Job], bool] | None = None
    if status or kind:

        def keep(job: Job) -> bool:
            return (not status or replies.STATES[job.state] == status) and (
                not kind or kind == replies.JOB_TYPE
            )

    return await _page(call, view, keep, lambda job: replies.job_body(job, view, call))


async def _page(
    call: Call,
    view: AccountView,
    keep: Callable[[Job], bool] | None,
    body_of: Callable[[Job], dict[str, object]],
) -> Reply:
    page, per_page = replies.paging(call)
    jobs, total = await view.jobs(offset=(page - 1) * per_page, limit=per_page, keep=keep)
    return replies.respond(
        call,
        [body_of(job) for job in jobs],
        pagination=replies.pagination(page, per_page, total),
    )


async def get_job(call: Call, view: AccountView) -> Reply:
    """One job."""
    return replies.respond(call, replies.job_body(await _job(call, view), view, call))


async def cancel_job(call: Call, view: AccountView) -> Reply:
    """Cancels a job that is not over."""
    # Since 2026-04-09 a cancel without the JSON content type is a 400, even with no body.
    if call.media_type != "application/json":
        raise Refused(Cause.CONTENT_TYPE)
    if call.body:
        call.json_object()
    job = await view.cancel(await _job(call, view))
    return replies.respond(call, replies.job_body(job, view, call))


async def _job(call: Call, view: AccountView) -> Job:
    job = await view.job(call.params["job_id"])
    if job is None or job.id != call.params["job_id"]:
        raise Refused(Cause.NOT_FOUND, id=call.params["job_id"])
    return job


async def get_video(call: Call, view: AccountView) -> Reply:
    """One video."""
    return replies.respond(call, replies.video_body(await _video(call, view), view))


async def delete_video(call: Call, view: AccountView) -> Reply:
    """Deletes a video; its job stays."""
    await view.mark_deleted(await _video(call, view))
    return Reply(204)


async def _video(call: Call, view: AccountView) -> Job:
    id = call.params["video_id"]
    job = await view.job(id)
    if job is None or job.submission.names["video"] != id or job.deleted_at_us is not None:
        raise Refused(Cause.NOT_FOUND, id=id)
    return job


async def list_logs(call: Call, view: AccountView) -> Reply:
    """API calls and webhook deliveries in one list, newest first."""
    query = call.query
    since_us = _instant(query, "from", 0)
    until_us = _instant(query, "to", view.now_us)
    payloads = query.get("include_payloads") == "true"
    dated = [
        (one.at_us, replies.log_row(one, view.account, payloads))
        for one in await view.exchanges(since_us=since_us)
    ]
    if query.get("source") != "api":
        dated += [
            (one.created_at_us, replies.delivery_row(one, payloads))
            for one in await view.subscriptions.deliveries()
            if one.webhook.isdecimal() and one.created_at_us >= since_us
        ]
        dated.sort(key=lambda at: at[0], reverse=True)
    rows = [row for at_us, row in dated if at_us <= until_us]
    wanted = {"endpoint", "status_code", "result", "source", "type", "platform", "api_key_id"}
    for name in wanted & set(query):
        rows = [row for row in rows if _matches(row, name, query[name])]
    page, per_page = replies.paging(call)
    return replies.respond(call, rows[(page - 1) * per_page : page * per_page])


def _matches(row: dict[str, object], name: str, value: str) -> bool:
    if name == "endpoint":
        return value in str(row.get("endpoint", ""))
    if name == "result":
        return _failed(row) if value == "errors" else not _failed(row)
    column = {"type": "activity_type"}.get(name, name)
    return str(row.get(column)) == value


def _failed(row: dict[str, object]) -> bool:
    """A call that was refused, or a delivery whose last try no receiver took."""
    if row["source"] == "webhook":
        return row["attempt"] != 0 and row["status"] != DeliveryStatus.DELIVERED
    return int(str(row["status_code"])) >= 400


def _instant(query: Mapping[str, str], name: str, default: int) -> int:
    if not (text := query.get(name)):
        return default
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        problem = FieldProblem(name, Flaw.TYPE, text[:100])
        raise Refused(Cause.INVALID, fields=(problem,)) from None
