"""A video as both wires show it; and the header that says when to look again.

Source: the reference's video object, and vLLM-Omni's `protocol/videos.py` (commit 079d7a56). A look
is as cheap as it can be: nothing is formatted but numbers.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.clock import HOUR_US, SECOND_US
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.links import LinkRules, lasts
from bodydouble.core.scenarios.endings import Ending
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.openai_videos.errors import failure
from bodydouble.providers.openai_videos.facts import is_vllm

STATES: dict[State, str] = {
    State.QUEUED: "queued",
    State.RUNNING: "in_progress",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    # Nothing is cancelled here; what the control plane cancels, failed.
    State.CANCELED: "failed",
}
# "Download URLs are valid for a maximum of 1 hour after generation", says the guide.
LINKS = LinkRules(lifetime_us=HOUR_US, expired_status=404)


def video(job: Job, call: Call) -> dict[str, Any]:
    """A video as it is now, on the wire that is spoken."""
    return _vllm(job, call.now_us) if is_vllm(call) else _openai(job, call.now_us)


def said(job: Job, call: Call) -> Reply:
    """A reply that shows a video; while it is not over, with the pause until the next look."""
    if job.final or is_vllm(call):
        return Reply(200, video(job, call))
    after = (("openai-poll-after-ms", str(call.quirk("openai-videos.poll_after_ms"))),)
    return Reply(200, _openai(job, call.now_us), after)


def available(job: Job, now_us: int) -> bool:
    """Whether what a finished job made can still be had."""
    early = job.timeline.ending is Ending.LINK_EXPIRED
    return not early and lasts(LINKS, job.ended_at_us or 0, now_us)


def _openai(job: Job, now_us: int) -> dict[str, Any]:
    ordered = job.submission
    done = job.state is State.SUCCEEDED
    ended_s = (job.ended_at_us or 0) // SECOND_US
    return {
        "id": job.id,
        "object": "video",
        "created_at": job.accepted_at_us // SECOND_US,
        "status": STATES[job.state],
        "completed_at": ended_s if done else None,
        "error": failure(job) if job.final and not done else None,
        "expires_at": ended_s + HOUR_US // SECOND_US if done else None,
        "model": ordered.model,
        "progress": _progress(job, now_us),
        "prompt": ordered.prompt,
        "remixed_from_video_id": ordered.extra.get("remix_of"),
        "seconds": ordered.extra["seconds"],
        "size": ordered.extra["size"],
    }


def _vllm(job: Job, now_us: int) -> dict[str, Any]:
    ordered = job.submission
    done = job.state is State.SUCCEEDED
    started_us, ended_us = job.started_at_us or 0, job.ended_at_us or 0
    return {
        "model": ordered.model,
        "prompt": ordered.prompt,
        "id": job.id,
        "object": "video",
        "status": STATES[job.state],
        "size": ordered.extra["size"],
        "progress": _progress(job, now_us),
        "seconds": ordered.extra["seconds"],
        "quality": "default",
        "completed_at": ended_us // SECOND_US if job.final else None,
        "created_at": job.accepted_at_us // SECOND_US,
        "remixed_from_video_id": None,
        "error": failure(job) if job.final and not done else None,
        "media_type": "video/mp4",
        "expires_at": None,
        "file_name": f"{job.id}.mp4" if done else None,
        "inference_time_s": (ended_us - started_us) / SECOND_US if done else None,
        "stage_durations": {},
        "peak_memory_mb": 0.0,
    }


def _progress(job: Job, now_us: int) -> int:
    """In whole percent; of what failed, how far it had come."""
    if job.state is State.SUCCEEDED:
        return 100
    if not job.final:
        return int(job.progress(now_us) * 100)
    if job.started_at_us is None or job.ended_at_us is None or job.timeline.run_us <= 0:
        return 0
    return int(min(0.99, (job.ended_at_us - job.started_at_us) / job.timeline.run_us) * 100)
