"""Leonardo's create operations: from a call to an accepted job, or the vendor's refusal.

Pictures are looked for before anything is charged. Sources: OAS of 2026-05-21 (upscale: of
2026-04-20), seed page of image-to-video.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.lifecycle import State
from bodydouble.core.media.frames import DEFAULT_FPS
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.leonardo.catalogue import special
from bodydouble.providers.leonardo.errors import invalid
from bodydouble.providers.leonardo.images import Still, find_any_still, find_still
from bodydouble.providers.leonardo.replies import IMAGES, UPSCALE, accepted
from bodydouble.providers.leonardo.requests import (
    SVD_FIELD,
    VIDEO_FIELD,
    Video,
    read_image_to_video,
    read_svd,
    read_text_to_video,
    read_upscale,
)
from bodydouble.providers.leonardo.variables import is_uuid


async def text_to_video(call: Call, view: AccountView) -> Reply:
    """`POST /generations-text-to-video`."""
    asked = read_text_to_video(call)
    job = await _submit(view, _video(asked, "text_to_video", None))
    return accepted(call, VIDEO_FIELD, job)


async def image_to_video(call: Call, view: AccountView) -> Reply:
    """`POST /generations-image-to-video`."""
    asked = read_image_to_video(call)
    values = asked.values
    if "image" in values:
        start = await find_any_still(view, values["image"])
    else:
        start = await find_still(view, values["imageId"], values["imageType"])
    submission = _video(asked, "image_to_video", start)
    end = values.get("endFrameImage")
    if end:
        last = await find_still(view, end["id"], end["type"])
        submission = replace(submission, last_frame=last.picture)
    return accepted(call, VIDEO_FIELD, await _submit(view, submission))


def _video(asked: Video, operation: str, start: Still | None) -> Submission:
    values, model = asked.values, asked.model
    width, height = asked.size((start.width, start.height) if start else None)
    return Submission(
        operation=operation,
        model=model.model,
        prompt=values["prompt"],
        price=asked.price,
        names={},
        width=width,
        height=height,
        fps=DEFAULT_FPS,
        duration_ms=asked.duration_s * 1000,
        audio=model.audio,
        seed=values.get("seed"),
        first_frame=start.picture if start else None,
        extra={
            "public": values.get("isPublic", False),
            "negativePrompt": values.get("negativePrompt", ""),
            "elements": values.get("elements", []),
            "imageToVideo": start is not None,
        },
    )


async def motion_svd(call: Call, view: AccountView) -> Reply:
    """`POST /generations-motion-svd`."""
    values = read_svd(call)
    id = values["imageId"]
    job = await view.job(id.lower())
    if job is not None and job.id == id.lower():
        # Typical of a generation's id given as an image's, says the errors page.
        raise invalid("Service Error")
    start = await find_still(view, id, "UPLOADED" if values.get("isInitImage") else "GENERATED")
    svd = special("svd")
    width, height = _svd_size(start)
    submission = Submission(
        operation="motion_svd",
        model="SVD",
        prompt="",
        price=svd["price"],
        names={},
        width=width,
        height=height,
        fps=DEFAULT_FPS,
        duration_ms=svd["duration_s"] * 1000,
        first_frame=start.picture,
        extra={
            "public": values.get("isPublic", False),
            "motionStrength": values["motionStrength"],
            "imageToVideo": True,
        },
    )
    return accepted(call, SVD_FIELD, await _submit(view, submission))


def _svd_size(start: Still) -> tuple[int, int]:
    if start.width == start.height:
        return 768, 768
    return (1024, 576) if start.width > start.height else (576, 1024)


async def video_upscale(call: Call, view: AccountView) -> Reply:
    """`POST /generations-video-upscale`: of a finished video of this account."""
    source = await _finished_video(view, read_upscale(call))
    made, upscale = source.submission, special("upscale")
    scale = upscale["short_side"] / min(made.width, made.height)
    submission = replace(
        made,
        operation=UPSCALE,
        price=upscale["price"],
        names={"variation": ""},
        width=round(made.width * scale / 2) * 2,
        height=round(made.height * scale / 2) * 2,
        seed=source.seed,
    )
    return accepted(call, VIDEO_FIELD, await _submit(view, submission))


async def _finished_video(view: AccountView, id: str) -> Job:
    job = await view.job(id.lower()) if is_uuid(id) else None
    if (
        job is None
        or job.id != id.lower()
        or job.deleted_at_us is not None
        or job.state is not State.SUCCEEDED
        or job.submission.operation in (IMAGES, UPSCALE)
    ):
        raise invalid("Service Error")
    return job


async def _submit(view: AccountView, submission: Submission) -> Job:
    return await submit(view, submission, images=1)


async def submit(view: AccountView, submission: Submission, *, images: int) -> Job:
    """The accepted job with its ids drawn. Refused: FUNDS with the ``user`` its text names."""
    draw = await view.job_draw()
    names: dict[str, Any] = {"job": draw.uuid6(view.now_us)}
    for index in range(images):
        names[f"image_{index}" if index else "image"] = draw.uuid4()
    if "variation" in submission.names:
        names["variation"] = draw.uuid4()
    try:
        return await view.submit(replace(submission, names=names))
    except Refused as refused:
        refusal = refused.refusal
        if refusal.cause in (Cause.FUNDS, Cause.SPENDING_LIMIT):
            raise Refused(refusal.cause, user=view.account.user_id, **refusal.data) from None
        raise
