"""Ark's handlers: create a task, read it, list tasks, cancel or delete one; and who is told.

Source: volcengine.com/docs/82379/1520758, 1521309, 1521720 and the types of volcengine-python-sdk
5.0.54.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from bodydouble.core.account_view import AccountView, Callback
from bodydouble.core.clock import DAY_US, SECOND_US, moment
from bodydouble.core.errors import Cause, Flaw, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.lifecycle import State
from bodydouble.core.media.inputs import read_picture
from bodydouble.core.media.plan import Picture, even
from bodydouble.core.media.uploads import Blob
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.ark.catalogue import FPS, tokens
from bodydouble.providers.ark.replies import status_of, task_body

if TYPE_CHECKING:
    from bodydouble.providers.ark.requests import Order

KEPT_US = 7 * DAY_US
CANCELED_KEPT_US = DAY_US
PAGE_MAX = 500
PAGE = 20
# A draft counts fewer tokens than what is made from it.
_DRAFT = {True: 0.6, False: 0.7}


async def create(call: Call, view: AccountView) -> Reply:
    """Accepts a task; the answer is its id alone."""
    # Models of bodies are loaded with the first body: pydantic takes as long as all the rest.
    from bodydouble.providers.ark.requests import read_order

    order = read_order(call)
    asked = order.asked
    submission, blobs = await _submission(order, view)
    callback = None
    if asked.callback_url is not None:
        if (bad := view.subscriptions.bad_address(asked.callback_url)) is not None:
            raise Refused(Cause.INVALID, bad.text, fields=(replace(bad, path="callback_url"),))
        callback = Callback(asked.callback_url)
    job = await view.submit(submission, blobs, callback=callback)
    body = {"id": job.id}
    if asked.safety_identifier is not None:
        body["safety_identifier"] = asked.safety_identifier
    return Reply(200, body)


async def _submission(order: Order, view: AccountView) -> tuple[Submission, list[Blob]]:
    asked, row = order.asked, order.row
    ratio = "16:9" if asked.ratio == "adaptive" else asked.ratio
    width, height = row.frame(order.resolution, ratio)
    audio = row.sound and asked.generate_audio
    # Five seconds are 121 pictures: the first one comes before any time has passed.
    count = tokens(width, height, asked.frames or int(order.seconds) * FPS + 1)
    if asked.draft:
        count = int(count * _DRAFT[audio])
    flex = asked.service_tier == "flex"
    price = row.price(count, (order.resolution, audio, "reference_video" in order.by_role, flex))
    frames, blobs = _frames(order.by_role)
    draw = await view.job_draw()
    stamp = moment(view.now_us).strftime("%Y%m%d%H%M%S")
    shown: dict[str, Any] = {
        "resolution": order.resolution,
        "ratio": ratio,
        **({"frames": asked.frames} if asked.frames else {"duration": int(order.seconds)}),
        "framespersecond": FPS,
        "generate_audio": audio,
        "draft": asked.draft,
        "priority": asked.priority,
    }
    for name in ("safety_identifier", "output_format"):
        if (value := getattr(asked, name)) is not None:
            shown[name] = value
    if asked.tools:
        shown["tools"] = [{"type": tool.type} for tool in asked.tools]
    return (
        Submission(
            operation="createTask",
            model=asked.model,
            prompt=order.prompt,
            price=price,
            names={"job": f"cgt-{stamp}-{draw.text(5)}"},
            width=even(width),
            height=even(height),
            fps=FPS,
            duration_ms=round(order.seconds * 1000),
            audio=audio,
            seed=asked.seed if asked.seed >= 0 else None,
            first_frame=frames[0],
            last_frame=frames[1],
            cancel_after_us=asked.execution_expires_after * SECOND_US,
            extra={
                "always": {
                    "service_tier": asked.service_tier,
                    "execution_expires_after": asked.execution_expires_after,
                },
                "shown": shown,
                "tokens": count,
                "last": asked.return_last_frame,
            },
        ),
        blobs,
    )


def _frames(by_role: dict[str, list[str]]) -> tuple[list[Picture | None], list[Blob]]:
    from bodydouble.providers.ark.requests import problem

    frames: list[Picture | None] = []
    blobs: list[Blob] = []
    for role in ("first_frame", "last_frame"):
        if role not in by_role:
            frames.append(None)
            continue
        try:
            given = read_picture(by_role[role][0])
        except ValueError as error:
            raise problem("content.image_url", Flaw.FORMAT, str(error)) from None
        frames.append(given.picture)
        if given.blob is not None:
            blobs.append(given.blob)
    return frames, blobs


async def read(call: Call, view: AccountView) -> Reply:
    """A task as it is now."""
    job = await _task(call, view)
    return Reply(200, task_body(job, partial(view.link, job)))


async def listing(call: Call, view: AccountView) -> Reply:
    """The tasks of seven days, newest first, by page; each filter narrows."""
    number, size = _whole(call, "page_num", 1), _whole(call, "page_size", PAGE)
    status, model, tier = (
        call.query.get(f"filter.{n}") for n in ("status", "model", "service_tier")
    )
    ids = set(call.query_all("filter.task_ids"))

    def keep(job: Job) -> bool:
        return (
            _kept(job, view.now_us)
            and (not status or status_of(job) == status)
            and (not model or job.submission.model == model)
            and (not tier or job.submission.extra["always"]["service_tier"] == tier)
            and (not ids or job.id in ids)
        )

    jobs, total = await view.jobs(offset=(number - 1) * size, limit=size, keep=keep)
    items = [task_body(job, partial(view.link, job)) for job in jobs]
    return Reply(200, {"items": items, "total": total})


def _whole(call: Call, name: str, default: int) -> int:
    from bodydouble.providers.ark.requests import problem

    text = call.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= PAGE_MAX):
        raise problem(name, Flaw.RANGE, f"1 to {PAGE_MAX}.")
    return int(text)


async def remove(call: Call, view: AccountView) -> Reply:
    """Cancels a task that waits, deletes the record of one that is over; no other can be."""
    job = await _task(call, view)
    status = status_of(job)
    if job.state is State.QUEUED:
        await view.cancel(job)
    elif job.final and status != "cancelled":
        await view.delete(job)
    else:
        raise Refused(Cause.ALREADY_FINAL, running=status == "running")
    return Reply(200, {})


def _kept(job: Job, now_us: int) -> bool:
    if status_of(job) == "cancelled" and now_us >= (job.ended_at_us or 0) + CANCELED_KEPT_US:
        return False
    return now_us < job.accepted_at_us + KEPT_US


async def _task(call: Call, view: AccountView) -> Job:
    job = await view.job(call.params["id"])
    if job is None or not _kept(job, view.now_us):
        raise Refused(Cause.NOT_FOUND)
    return job
