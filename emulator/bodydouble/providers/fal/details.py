"""Why a request to fal fails: errors of the model and errors of the request, and how each is said.

An error of the model is a list of places under `detail` and says in a header whether the same may
be tried again; one of the request, of what carries it, is a sentence with an `error_type`.
Sources: fal.ai/docs/documentation/model-apis/errors.md and request-errors.md. Sentences of errors
that nobody recorded are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bodydouble.core.details import Detail, detail_of
from bodydouble.core.errors import Cause
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.reasons import Reason

PAGE = "https://docs.fal.ai/errors#"


@dataclass(frozen=True, slots=True)
class Failure:
    """How one kind of error is answered; ``model`` tells the two families apart."""

    status: int
    text: str
    model: bool = False


FAILURES: Mapping[str, Failure] = {
    "content_policy_violation": Failure(
        422,
        "The content could not be processed because it contained material flagged by a content "
        "checker.",
        model=True,
    ),
    "no_media_generated": Failure(422, "The model did not generate any media.", model=True),
    "image_load_error": Failure(
        422,
        "Failed to load the image. Please ensure the image file is not corrupted and is in a "
        "supported format.",
        model=True,
    ),
    "file_download_error": Failure(
        422,
        "Failed to download the file. Please check if the URL is accessible and try again.",
        model=True,
    ),
    "generation_timeout": Failure(504, "Generation timeout", model=True),
    "downstream_service_error": Failure(500, "Downstream service error", model=True),
    "internal_server_error": Failure(500, "Internal server error", model=True),
    "validation_error": Failure(422, "Input validation failed", model=True),
    "request_timeout": Failure(504, "Request timed out"),
    "startup_timeout": Failure(504, "Runner did not start in time"),
    "runner_disconnected": Failure(503, "Runner disconnected"),
    "runner_server_error": Failure(500, "Runner returned a server error"),
    "client_cancelled": Failure(499, "Request was cancelled"),
}

_PLACES = {"prompt": ("body", "prompt"), "image": ("body", "image_url")}

DETAILS = (
    Detail(Cause.MODERATED, "prompt", "content_policy_violation", "the prompt was flagged"),
    Detail(Cause.MODERATED, "image", "content_policy_violation", "the picture was flagged"),
    Detail(
        Reason.MODERATED,
        "prompt",
        "content_policy_violation",
        "the prompt was flagged",
    ),
    Detail(
        Reason.MODERATED,
        "image",
        "content_policy_violation",
        "the picture was flagged",
    ),
    Detail(Reason.MODERATED, "output", "content_policy_violation", "the result was flagged"),
    Detail(Reason.PROVIDER_ERROR, "runner", "runner_server_error", "the runner broke"),
    Detail(Reason.PROVIDER_ERROR, "disconnected", "runner_disconnected", "the runner went away"),
    Detail(
        Reason.PROVIDER_ERROR,
        "downstream",
        "downstream_service_error",
        "another vendor's model failed",
    ),
    Detail(Reason.PROVIDER_ERROR, "model", "internal_server_error", "the model broke"),
    Detail(Reason.PROVIDER_ERROR, "nothing", "no_media_generated", "the model made nothing"),
    Detail(Reason.TIMEOUT, "generation", "generation_timeout", "the model took too long"),
    Detail(Reason.TIMEOUT, "request", "request_timeout", "the request took too long"),
    Detail(Reason.TIMEOUT, "startup", "startup_timeout", "no runner started"),
    Detail(Reason.BAD_INPUT, "input", "validation_error", "the input was refused by the model"),
    Detail(Reason.BAD_INPUT, "image", "image_load_error", "the picture could not be read"),
    Detail(Reason.BAD_INPUT, "download", "file_download_error", "the picture could not be fetched"),
)


def model_error(kind: str, place: Sequence[str], given: Any = None) -> dict[str, Any]:
    """One error of the model, as it stands in the list under `detail`."""
    told = {"loc": list(place), "msg": FAILURES[kind].text, "type": kind, "url": PAGE + kind}
    return told if given is None else {**told, "input": given}


def kind_of(job: Job) -> str:
    """The kind of error with which a failed or canceled request ended."""
    if job.state is State.CANCELED:
        return "client_cancelled"
    reason = job.reason or Reason.PROVIDER_ERROR
    found = detail_of(DETAILS, reason, job.detail) or detail_of(DETAILS, reason)
    assert found is not None, "every reason has a detail"
    return found.word


def ended(job: Job) -> tuple[int, dict[str, Any]]:
    """Status and body of what is fetched instead of the result of such a request."""
    kind = kind_of(job)
    failure = FAILURES[kind]
    if not failure.model:
        return failure.status, {"detail": failure.text, "error_type": kind}
    if problems := job.submission.extra.get("problems"):
        return failure.status, {"detail": problems}
    place = _PLACES.get(job.detail, ("body",))
    given = job.submission.prompt if job.detail == "prompt" else None
    return failure.status, {"detail": [model_error(kind, place, given)]}


def error_headers(status: int, body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What goes with an error: its kind, or whether the same may be tried again."""
    if "error_type" in body:
        return (("x-fal-error-type", body["error_type"]),)
    if isinstance(body.get("detail"), list):
        return (("x-fal-retryable", "true" if status >= 500 else "false"),)
    return ()
