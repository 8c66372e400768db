"""A prediction as Replicate's replies and webhooks say it.

Source: replicate.com/docs/reference/http and topics/predictions/lifecycle; an hour after its end
what went in and came out is removed. Nothing is asked or changed here.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import HOUR_US, SECOND_US, iso_ms
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.wire import Call
from bodydouble.providers.replicate.catalogue import rows
from bodydouble.providers.replicate.errors import DETAILS

KEPT_US = HOUR_US
STATES: dict[State, str] = {
    State.QUEUED: "starting",
    State.RUNNING: "processing",
    State.SUCCEEDED: "succeeded",
    State.FAILED: "failed",
    State.CANCELED: "canceled",
}
ABORTED = "aborted"
_ERRORS = {detail.name: detail.word for detail in DETAILS}
_BARS = tuple(f"{n:3d}%|{'█' * (n // 10):<10}| {n}/100\n" for n in range(101))


def base_of(call: Call) -> str:
    """Where this API is, for the addresses in replies."""
    return f"{call.origin}/replicate/v1"


def status_of(job: Job) -> str:
    """What the vendor calls the state; a deadline that came before the start aborts."""
    if job.state is State.CANCELED and job.started_at_us is None and job.ended_at_us is not None:
        limit_us = job.deadline_at_us
        if limit_us is not None and job.ended_at_us >= limit_us:
            return ABORTED
    return STATES[job.state]


def said(job: Job, view: AccountView) -> dict[str, Any]:
    """A prediction at the view's instant."""
    link = view.link(job, "mp4") if job.state is State.SUCCEEDED else ""
    return prediction(job, view.now_us, link)


def prediction(job: Job, now_us: int, link: str) -> dict[str, Any]:
    """A prediction; an hour after its end what went in and came out is removed."""
    ordered, about = job.submission, job.submission.extra
    ended_us, started_us = job.ended_at_us, job.started_at_us
    removed = ended_us is not None and now_us >= ended_us + KEPT_US
    output: str | list[str] | None = link or None
    if output is not None and rows()[ordered.model].many:
        output = [link]
    own = f"{about['base']}/predictions/{job.id}"
    body: dict[str, Any] = {
        "id": job.id,
        "model": ordered.model,
        "version": about["version"],
        "input": {} if removed else about["input"],
        "logs": "" if removed else _logs(job, now_us),
        "output": None if removed else output,
        "data_removed": removed,
        "error": None,
        "source": "api",
        "status": status_of(job),
        "created_at": iso_ms(job.accepted_at_us),
        "started_at": None if started_us is None else iso_ms(started_us),
        "completed_at": None if ended_us is None else iso_ms(ended_us),
        "urls": {
            "cancel": f"{own}/cancel",
            "get": own,
            "web": f"https://replicate.com/p/{job.id}",
        },
        "metrics": {},
    }
    if ended_us is not None:
        if job.state is State.FAILED:
            body["error"] = _ERRORS[job.detail]
        metrics: dict[str, float] = {"total_time": (ended_us - job.accepted_at_us) / SECOND_US}
        if started_us is not None:
            metrics["predict_time"] = (ended_us - started_us) / SECOND_US
        body["metrics"] = metrics
    if job.deadline_at_us is not None:
        body["deadline"] = iso_ms(job.deadline_at_us)
    for name in ("deployment", "webhook", "webhook_events_filter"):
        if name in about:
            body[name] = about[name]
    return body


def _logs(job: Job, now_us: int) -> str:
    if job.started_at_us is None:
        return ""
    if job.final and job.state is not State.SUCCEEDED:
        return f"Using seed: {job.seed}\n"
    return f"Using seed: {job.seed}\n{_BARS[int(job.progress(now_us) * 100)]}"
