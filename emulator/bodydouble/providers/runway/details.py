"""Why a Runway task failed: `failure` for people and `failureCode` for programs, and who pays.

Source: errors/task-failures (codes, and that every failure but a refused input is refunded),
recorded tasks (INTERNAL.BAD_OUTPUT.CODE01, THIRD_PARTY.INPUT_VALIDATION). What the moderation page
and the document's own example say of refunds is the quirk `runway.moderation_refund`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bodydouble.core.details import Detail, detail_of
from bodydouble.core.jobs import Job
from bodydouble.core.reasons import Reason

DETAILS = (
    Detail(Reason.MODERATED, "input-text", "SAFETY.INPUT.TEXT", "the prompt was refused"),
    Detail(Reason.MODERATED, "input-image", "SAFETY.INPUT.IMAGE", "the picture was refused"),
    Detail(Reason.MODERATED, "input-video", "SAFETY.INPUT.VIDEO", "the video was refused"),
    Detail(Reason.MODERATED, "output", "SAFETY.OUTPUT.VIDEO", "the result was refused"),
    Detail(
        Reason.MODERATED,
        "preprocessing",
        "INPUT_PREPROCESSING.SAFETY.TEXT",
        "the prompt was refused before the model ran",
    ),
    Detail(Reason.PROVIDER_ERROR, "output", "INTERNAL.BAD_OUTPUT.CODE01", "the result was no good"),
    Detail(Reason.PROVIDER_ERROR, "internal", "INTERNAL", "something broke"),
    Detail(
        Reason.PROVIDER_ERROR,
        "third-party",
        "THIRD_PARTY.UNAVAILABLE",
        "another vendor's model was not there",
    ),
    Detail(Reason.TIMEOUT, "preprocessing", "INPUT_PREPROCESSING.INTERNAL", "it never got ready"),
    Detail(Reason.BAD_INPUT, "asset", "ASSET.INVALID", "a picture or video could not be used"),
    Detail(
        Reason.BAD_INPUT,
        "third-party",
        "THIRD_PARTY.INPUT_VALIDATION",
        "another vendor's model refused the input",
    ),
)
_TEXTS = {
    "SAFETY.INPUT.TEXT": "The provided text was flagged by content moderation.",
    "SAFETY.INPUT.IMAGE": "The provided image was flagged by content moderation.",
    "SAFETY.INPUT.VIDEO": "The provided video was flagged by content moderation.",
    "SAFETY.OUTPUT.VIDEO": "The generated video was flagged by content moderation.",
    "INPUT_PREPROCESSING.SAFETY.TEXT": "The provided text was flagged by content moderation.",
    "ASSET.INVALID": "An asset could not be used.",
    "THIRD_PARTY.INPUT_VALIDATION": "Invalid input",
}
UNEXPECTED = "An unexpected error occurred."


def code_of(job: Job) -> str:
    """The vendor's code of a failure."""
    reason = job.reason or Reason.PROVIDER_ERROR
    found = detail_of(DETAILS, reason, job.detail) or detail_of(DETAILS, reason)
    assert found is not None, "every reason has a detail"
    return found.word


def failure(job: Job) -> dict[str, Any]:
    """What a failed task says beside its state."""
    code = code_of(job)
    return {"failure": _TEXTS.get(code, UNEXPECTED), "failureCode": code}


def refunded(quirks: Mapping[str, Any], code: str) -> bool:
    """Whether a failure with this code gives the credits back."""
    reading = quirks.get("runway.moderation_refund")
    if reading == "all" or "SAFETY" not in code:
        return True
    return reading == "output" and not code.startswith("SAFETY.INPUT")
