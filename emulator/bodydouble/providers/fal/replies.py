"""What fal says of a request: where it stands in the queue, its logs, and its result.

Sources: fal.ai/docs/documentation/model-apis/inference/queue.md, the types of both official
clients, and a recorded session (2026-10-04) whose finished request names no address any more. Both
clients want `queue_position` of what waits and `logs` of everything else.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import SECOND_US, iso_ms
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.wire import Call
from bodydouble.providers.fal.catalogue import apps
from bodydouble.providers.fal.details import FAILURES, kind_of

STATES: dict[State, str] = {
    State.QUEUED: "IN_QUEUE",
    State.RUNNING: "IN_PROGRESS",
    State.SUCCEEDED: "COMPLETED",
    State.FAILED: "COMPLETED",
    State.CANCELED: "COMPLETED",
}
Body = dict[str, Any]


def status_body(job: Job, call: Call, view: AccountView, *, logs: bool = False) -> Body:
    """Where a request stands, as every poll is told."""
    state = job.state
    told: Body = {"status": STATES[state], "request_id": job.id}
    if state is State.QUEUED:
        told["queue_position"] = position(job, view.account.waiting)
    base = f"{call.root}/{job.submission.extra['root']}/requests/{job.id}"
    if job.final and call.quirk("fal.completed_urls") == "null":
        told |= {"response_url": None, "status_url": None, "cancel_url": None}
    else:
        told["response_url"] = base
        told["status_url"] = base + "/status"
        told["cancel_url"] = base + "/cancel"
    told["logs"] = logs_of(job) if logs and state is not State.QUEUED else None
    told["metrics"] = metrics(job)
    failed = job.final and state is not State.SUCCEEDED
    if failed and call.quirk("fal.failed_status") == "explained":
        kind = kind_of(job)
        told["error"], told["error_type"] = FAILURES[kind].text, kind
    return told


def position(job: Job, waiting: int) -> int:
    """How many of the account's requests are ahead: no more than were when it came, or wait now."""
    return max(0, min(int(job.submission.extra["ahead"]), waiting - 1))


def metrics(job: Job) -> Body:
    """How long it ran, once it has."""
    if job.started_at_us is None or job.ended_at_us is None:
        return {}
    return {"inference_time": (job.ended_at_us - job.started_at_us) / SECOND_US}


def logs_of(job: Job) -> list[Body]:
    """What a runner wrote about it, which is made up."""
    lines = [(job.started_at_us, "INFO", "Generating video...")]
    if job.ended_at_us is not None:
        done = job.state is State.SUCCEEDED
        text = "Done." if done else FAILURES[kind_of(job)].text
        lines.append((job.ended_at_us, "INFO" if done else "ERROR", text))
    return [
        {"message": text, "level": level, "source": "USER", "timestamp": iso_ms(at_us)}
        for at_us, level, text in lines
        if at_us is not None
    ]


def result(job: Job, link: str) -> Body:
    """The model's own output; ``link`` is the video's address."""
    ordered, app = job.submission, apps()[job.submission.model]
    video: Body = {"url": link, "content_type": "video/mp4", "file_name": "output.mp4"}
    if "video" in app.output:
        seconds = ordered.duration_ms / 1000
        video |= {"width": ordered.width, "height": ordered.height, "fps": ordered.fps}
        video |= {"duration": seconds, "num_frames": round(seconds * ordered.fps)}
    told: Body = {"video": video}
    if "seed" in app.output:
        told["seed"] = job.seed
    if "actual_prompt" in app.output:
        told["actual_prompt"] = ordered.prompt
    return told


def about(job: Job, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """The headers of a reply about a request: its own id stands where any reply's stands."""
    return (("x-fal-request-id", job.id), *more)
