"""Interactions, operations and files as Gemini's replies and webhooks show them.

Sources: ai.google.dev/gemini-api/docs/{omni,background-execution} (2026), google-genai 2.34.0 and
3.6.1: an interaction in the background is `in_progress` from the first; an operation that is not
over has nothing but its name. Nothing is asked or changed here.
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.clock import DAY_US, iso_s
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.links import LinkRules, lasts
from bodydouble.core.media.uploads import Upload
from bodydouble.core.reasons import Reason
from bodydouble.core.scenarios.endings import Ending
from bodydouble.providers.gemini.catalogue import INTERACTIONS, rows
from bodydouble.providers.gemini.errors import failure

STATES: dict[State, str] = {
    State.QUEUED: "in_progress",
    State.RUNNING: "in_progress",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    State.CANCELED: "cancelled",
}
# "Videos are stored on the server for 2 days", and so is what was sent.
KEPT_US = 2 * DAY_US
LINKS = LinkRules(lifetime_us=KEPT_US, expired_status=403)
TOKENS_PER_SECOND = 5792
_VERSION = "type.googleapis.com/google.ai.generativelanguage.v1beta."
DATA = "@film@"


def is_interaction(job: Job) -> bool:
    """Whether a job is an interaction's, not an operation's."""
    return rows()[job.submission.model].api == INTERACTIONS


def file_id(job: Job) -> str:
    """The name of the file that a job makes, without ``files/``."""
    return job.submission.names["file"]


def file_uri(job: Job) -> str:
    """Where that file is downloaded, with the key."""
    return f"{job.submission.extra['base']}/files/{file_id(job)}:download?alt=media"


def available(job: Job, now_us: int) -> bool:
    """Whether what a job made can be had."""
    early = job.timeline.ending is Ending.LINK_EXPIRED
    done = job.state is State.SUCCEEDED
    return done and not early and lasts(LINKS, job.ended_at_us or 0, now_us)


def worded(job: Job) -> bool:
    """Whether a filter refused an interaction that is shown as `completed`, with words alone."""
    return job.reason is Reason.MODERATED and job.submission.extra.get("moderated") == "completed"


# Interactions ------------------------------------------------------------------------------------


def interaction(job: Job, *, with_input: bool = False, inline: bool = False) -> dict[str, Any]:
    """An interaction as it is now; ``inline`` has `DATA` where its film's bytes belong."""
    ordered = job.submission
    ended_well = job.state is State.SUCCEEDED or worded(job)
    body: dict[str, Any] = {
        "id": job.id,
        "object": "interaction",
        "model": ordered.model,
        "status": STATES[State.SUCCEEDED if ended_well else job.state],
        "created": iso_s(job.accepted_at_us),
        "updated": iso_s(job.updated_at_us),
        **ordered.extra["echo"],
    }
    if with_input:
        body["input"] = _input(job)
    if job.final:
        asked = [{"type": "user_input", "content": _input(job)}]
        body["steps"] = [*asked, *steps(job, inline=inline)]
        if ended_well:
            body["usage"] = _usage(job)
        elif job.state is State.FAILED:
            _, word, message = failure(job)
            body["errors"] = [{"code": word, "message": message}]
    return body


def _input(job: Job) -> list[dict[str, str]]:
    return [{"type": "text", "text": job.submission.prompt}]


def steps(job: Job, *, inline: bool = False) -> list[dict[str, Any]]:
    """What the model gave to an interaction that is over."""
    if job.state is State.SUCCEEDED:
        film = {"type": "video", "mime_type": "video/mp4"}
        film |= {"data": DATA} if inline else {"uri": file_uri(job)}
        return [{"type": "model_output", "content": [film]}]
    if job.state is State.CANCELED:
        return []
    code, _, message = failure(job)
    if worded(job):
        return [{"type": "model_output", "content": [{"type": "text", "text": message}]}]
    return [{"type": "model_output", "error": {"code": code, "message": message}}]


def _usage(job: Job) -> dict[str, Any]:
    ordered = job.submission
    words = max(1, len(ordered.prompt) // 4)
    made = 0
    if job.state is State.SUCCEEDED:
        made = TOKENS_PER_SECOND * ordered.duration_ms // 1000
    kind = "video" if made else "text"
    out = made or max(1, len(failure(job)[2]) // 4)
    return {
        "total_input_tokens": words,
        "input_tokens_by_modality": [{"modality": "text", "tokens": words}],
        "total_cached_tokens": 0,
        "total_output_tokens": out,
        "output_tokens_by_modality": [{"modality": kind, "tokens": out}],
        "total_tool_use_tokens": 0,
        "total_thought_tokens": 0,
        "total_tokens": words + out,
    }


def events(job: Job) -> list[dict[str, Any]]:
    """What a stream has told of an interaction by now."""
    about = {"id": job.id, "object": "interaction", "model": job.submission.model}
    told: list[dict[str, Any]] = [
        {
            "event_type": "interaction.created",
            "interaction": {**about, "status": STATES[State.QUEUED]},
        }
    ]
    if not job.final:
        return told
    for place, step in enumerate(steps(job)):
        told.append({"event_type": "step.start", "index": place, "step": {"type": step["type"]}})
        for content in step.get("content", ()):
            told.append({"event_type": "step.delta", "index": place, "delta": content})
        told.append({"event_type": "step.stop", "index": place})
    whole = interaction(job)
    over = {name: whole[name] for name in whole if name != "steps"}
    return [*told, {"event_type": "interaction.completed", "interaction": over}]


# Operations --------------------------------------------------------------------------------------


def operation_name(job: Job) -> str:
    """An operation's name, by which it is asked for."""
    return f"models/{job.submission.model}/operations/{job.id}"


def operation(job: Job) -> dict[str, Any]:
    """An operation as it is now."""
    body: dict[str, Any] = {"name": operation_name(job)}
    if not job.final:
        return body
    body["done"] = True
    if job.state is State.SUCCEEDED:
        samples = [{"video": {"uri": file_uri(job)}}]
        return body | {"response": _response({"generatedSamples": samples})}
    if job.reason is Reason.MODERATED:
        said = {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [failure(job)[2]]}
        return body | {"response": _response(said)}
    if job.state is State.CANCELED:
        return body | {"error": {"code": 1, "message": "The operation was cancelled."}}
    code, _, message = failure(job)
    return body | {"error": {"code": code, "message": message}}


def _response(said: dict[str, Any]) -> dict[str, Any]:
    return {"@type": f"{_VERSION}PredictLongRunningResponse", "generateVideoResponse": said}


# Files -------------------------------------------------------------------------------------------


def file(job: Job) -> dict[str, Any]:
    """The file that a job made."""
    ended_us = job.ended_at_us or 0
    base, name = job.submission.extra["base"], file_id(job)
    return {
        "name": f"files/{name}",
        "mimeType": "video/mp4",
        "createTime": iso_s(ended_us),
        "updateTime": iso_s(ended_us),
        "expirationTime": iso_s(ended_us + KEPT_US),
        "uri": f"{base}/files/{name}",
        "downloadUri": file_uri(job),
        "state": "ACTIVE",
        "source": "GENERATED",
        "videoMetadata": {"videoDuration": f"{job.submission.duration_ms // 1000}s"},
    }


def sent_file(upload: Upload) -> dict[str, Any]:
    """A file that was sent."""
    told, name = upload.form, f"files/{upload.id}"
    body = {
        "name": name,
        "mimeType": told["mimeType"],
        "sizeBytes": told["sizeBytes"],
        "createTime": iso_s(upload.created_at_us),
        "updateTime": iso_s(upload.created_at_us),
        "expirationTime": iso_s(upload.expires_at_us),
        "sha256Hash": told["sha256Hash"],
        "uri": f"{told['base']}/{name}",
        "state": "ACTIVE",
        "source": "UPLOADED",
    }
    return body | ({"displayName": upload.key} if upload.key else {})
