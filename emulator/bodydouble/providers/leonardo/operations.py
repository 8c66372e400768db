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
    PROMPT,
    SVD_FIELD,
    VIDEO_FIELD,
    Video,
    check_negative,
    check_prompt,
    read_image_to_video,
    read_svd,
    read_text_to_video,
    read_upscale,
)
from bodydouble.providers.leonardo.variables import Variable, is_uuid, read_variables

_IMAGES_FIELD = "sdGenerationJob"
_FLAGS = (
    *("alchemy", "canvasRequest", "enhancePrompt", "expandedDomain", "fantasyAvatar"),
    *("highContrast", "highResolution", "photoReal", "promptMagic", "public", "tiling"),
    *("ultra", "unzoom"),
)
_PASSED = (
    *("canvasInitId", "canvasMaskId", "canvasRequestType", "contrast", "contrastRatio"),
    *("controlNet", "controlNetType", "controlnets", "elements", "enhancePromptInstruction"),
    *("guidance_scale", "imagePromptWeight", "imagePrompts", "init_generation_image_id"),
    *("init_image_id", "init_strength", "modelId", "num_inference_steps", "photoRealStrength"),
    *("photoRealVersion", "presetStyle", "promptMagicStrength", "promptMagicVersion"),
    *("scheduler", "sd_version", "transparency", "unzoomAmount", "userElements", "styleUUID"),
)
_IMAGES_VARIABLES = (
    PROMPT,
    Variable("negative_prompt"),
    Variable("num_images", "Int"),
    Variable("width", "Int"),
    Variable("height", "Int"),
    Variable("seed", "bigint"),
    *(Variable(name, "Boolean") for name in _FLAGS),
    *(Variable(name, ignored=True) for name in _PASSED),
)
_WIDTH, _HEIGHT, _COUNT, _COUNT_MAX = 1024, 768, 4, 8
_SIDES = range(32, 1537, 8)
_SEED_MAX = 2147483637


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


async def create_images(call: Call, view: AccountView) -> Reply:
    """`POST /generations`, at its least: pictures that a video can start from.

    Sizes and counts are checked, every other documented field is taken and not acted on, and each
    picture is a drawing of ours at 1024 x 1024. Source: OAS; the price is invented.
    """
    values = read_variables(call, _IMAGES_FIELD, _IMAGES_VARIABLES)
    check_prompt(call, values["prompt"])
    check_negative(call, values.get("negative_prompt", ""))
    width, height = values.get("width", _WIDTH), values.get("height", _HEIGHT)
    if width not in _SIDES or height not in _SIDES:
        raise invalid("invalid dimensions")
    count = values.get("num_images", _COUNT)
    if not 1 <= count <= _COUNT_MAX:
        raise invalid(f"num_images must be between 1 and {_COUNT_MAX}")
    if not 0 <= values.get("seed", 0) <= _SEED_MAX:
        raise invalid(f"seed must be between 0 and {_SEED_MAX}")
    submission = Submission(
        operation=IMAGES,
        model="images",
        prompt=values["prompt"],
        price=special("image")["price"] * count,
        names={},
        width=width,
        height=height,
        fps=DEFAULT_FPS,
        duration_ms=1,
        seed=values.get("seed"),
        extra={
            "public": values.get("public", False),
            "negativePrompt": values.get("negative_prompt", ""),
        },
    )
    return accepted(call, _IMAGES_FIELD, await submit(view, submission, images=count))


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
