"""fal's handlers for requests: submit, run at once, status, stream, result, cancel.

Sources: fal.ai/docs/inference-api/queue (submit, status, status-stream, result, cancel) and
fal.ai/docs/documentation/model-apis. The path of an app stands on a submission only; what follows
is asked under owner and alias.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView, Callback
from bodydouble.core.clock import HOUR_US
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.lifecycle import State
from bodydouble.core.media.uploads import Blob
from bodydouble.core.reasons import Reason
from bodydouble.core.wire import AwaitedJob, Call, Events, Reply
from bodydouble.providers.fal.catalogue import App, apps
from bodydouble.providers.fal.details import FAILURES, ended, error_headers
from bodydouble.providers.fal.replies import about, result, status_body

RUN_US = HOUR_US
QUERY_LOGS = {b"": False, b"logs=0": False, b"logs=1": True, b"logs=false": False}


def app_of(call: Call) -> App:
    """The app whose path was called. Refused: UNKNOWN_MODEL."""
    asked = f"fal-ai/{call.params['alias']}/{call.params['path']}".rstrip("/")
    found = apps().get(asked)
    if found is None:
        raise Refused(Cause.UNKNOWN_MODEL, app=asked[:200])
    return found


async def submit(call: Call, view: AccountView) -> Reply:
    """Puts a request into the queue."""
    app = app_of(call)
    callback = _callback(call, view)
    longest = call.query.get("fal_max_queue_length", "")
    if longest.isdecimal() and view.account.waiting > int(longest[:9]):
        raise Refused(Cause.QUEUE_FULL, limit=int(longest[:9]), waiting=view.account.waiting)
    job = await _accepted(call, view, app, callback)
    return Reply(200, status_body(job, call, view), about(job))


async def run(call: Call, view: AccountView) -> Reply:
    """Makes it while the caller waits: nothing is queued, and what is too much is refused."""
    app = app_of(call)
    if view.account.running >= call.quirk("fal.concurrency"):
        raise Refused(Cause.RATE)
    job = await _accepted(call, view, app, at_once=True)
    kind = "request_timeout"
    late = {"detail": FAILURES[kind].text, "error_type": kind}
    return Reply(
        FAILURES[kind].status,
        late,
        about(job, *error_headers(FAILURES[kind].status, late)),
        deferred=AwaitedJob(job.id, call.now_us + RUN_US, result_reply),
    )


def _callback(call: Call, view: AccountView) -> Callback | None:
    url = call.query.get("fal_webhook")
    if url is None:
        return None
    if view.subscriptions.bad_address(url) is not None:
        problem = FieldProblem("fal_webhook", Flaw.FORMAT, url, text="Invalid webhook URL")
        raise Refused(Cause.INVALID, fields=(problem,))
    return Callback(url, secret=view.account.user_id)


async def _accepted(
    call: Call,
    view: AccountView,
    app: App,
    callback: Callback | None = None,
    *,
    at_once: bool = False,
) -> Job:
    # Models of inputs are made with the first one: pydantic takes as long as all the rest.
    from bodydouble.providers.fal.requests import read_input

    read = read_input(call, app)
    names = {"job": (await view.job_draw()).uuid4()}
    extra: dict[str, Any] = {"root": app.root, "ahead": view.account.waiting}
    if read.problems:
        if at_once or call.quirk("fal.validation") == "submit":
            raise Refused(Cause.INVALID, problems=read.problems)
        # The queue takes whatever it is given; it is the runner that reads it, and fails.
        prompt = read.asked.get("prompt")
        refused = Submission(
            operation="submit",
            model=app.id,
            prompt=prompt if isinstance(prompt, str) else "",
            price=0,
            names=names,
            width=16,
            height=16,
            fps=1,
            duration_ms=1000,
            fails=Reason.BAD_INPUT,
            extra={**extra, "problems": list(read.problems)},
        )
        return await view.submit(refused, callback=callback)
    asked, pictures = read.asked, list(read.pictures.values())
    size = app.size(asked, pictures[0].size if pictures else None)
    seed = asked.get("seed")
    submission = Submission(
        operation="submit",
        model=app.id,
        prompt=asked["prompt"],
        price=app.cost(asked, size),
        names=names,
        width=size[0],
        height=size[1],
        fps=app.frames(asked),
        duration_ms=app.seconds(asked) * 1000,
        audio=bool(app.sound and asked[app.sound]),
        seed=seed if seed is not None and 0 <= seed < 2**53 else None,
        first_frame=pictures[0].picture if pictures else None,
        last_frame=pictures[1].picture if len(pictures) > 1 else None,
        cancel_after_us=RUN_US if at_once else None,
        extra=extra,
    )
    blobs: list[Blob] = [one.blob for one in pictures if one.blob is not None]
    return await view.submit(submission, blobs, callback=callback)


async def status(call: Call, view: AccountView) -> Reply:
    """Where a request stands: 202 until it is done, then 200."""
    job = await _job(call, view)
    told = status_body(job, call, view, logs=_wants_logs(call))
    return Reply(200 if job.final else 202, told, about(job))


def _wants_logs(call: Call) -> bool:
    # Whoever polls asks the same way every time.
    known = QUERY_LOGS.get(call.query_string)
    return call.query.get("logs") in ("1", "true") if known is None else known


async def stream(call: Call, view: AccountView) -> Reply:
    """Where a request stands, told anew whenever it moves, until it is done."""
    job = await _job(call, view)
    logs = _wants_logs(call)

    async def look(view: AccountView) -> tuple[Any, bool]:
        seen = await _job(call, view)
        return status_body(seen, call, view, logs=logs), seen.final

    events = Events((status_body(job, call, view, logs=logs), job.final), look)
    return Reply(200, events, about(job), media_type="text/event-stream")


async def fetch(call: Call, view: AccountView) -> Reply:
    """The result of a request that is done, or the error it ended with."""
    job = await _job(call, view)
    if not job.final:
        raise Refused(Cause.NOT_READY, id=job.id)
    return result_reply(job, view)


def result_reply(job: Job, view: AccountView) -> Reply:
    """The model's output with what it was billed, or the error."""
    if job.state is State.SUCCEEDED:
        units = apps()[job.submission.model].units(job.submission.price)
        told = result(job, view.link(job, "mp4"))
        return Reply(200, told, about(job, ("x-fal-billable-units", units)))
    status, body = ended(job)
    return Reply(status, body, about(job, *error_headers(status, body)))


async def cancel(call: Call, view: AccountView) -> Reply:
    """Takes a request out of the queue, or asks its runner to stop; what is done stays as it is."""
    job = await _job(call, view)
    if job.final and call.quirk("fal.completed_cancel") == "detail":
        return Reply(400, {"detail": "Request is already completed"}, about(job))
    waited = job.state is State.QUEUED
    await view.cancel(job)
    if waited:
        return Reply(200, {"status": "OK"}, about(job))
    return Reply(202, {"status": "CANCELLATION_REQUESTED"}, about(job))


async def _job(call: Call, view: AccountView) -> Job:
    """The request of the path, whichever app it names. Refused: NOT_FOUND."""
    job = await view.job(call.params["id"])
    if job is None:
        raise Refused(Cause.NOT_FOUND, id=call.params["id"][:200])
    return job
