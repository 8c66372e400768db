"""Leonardo's bodies: jobs as they are accepted, generations, variations.

Generations look as independent captures show them; where the published schema differs, a quirk
serves the schema. Sources: fact sheet sections 3, 4 and 14 (A15 to A17).
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import iso_ms
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.reasons import Reason
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.leonardo.catalogue import dollars, elements
from bodydouble.providers.leonardo.errors import JSON
from bodydouble.providers.leonardo.images import (
    SEEDED_SIDE,
    image_ids,
    seeded_generation_id,
    seeded_ids,
)
from bodydouble.providers.leonardo.requests import words_in

STATES: dict[State, str] = {
    State.QUEUED: "PENDING",
    State.RUNNING: "PENDING",
    State.SUCCEEDED: "COMPLETE",
    State.FAILED: "FAILED",
    # No operation cancels a job; whoever does it from outside makes it fail.
    State.CANCELED: "FAILED",
}
IMAGES = "images"
UPSCALE = "upscale"

Body = dict[str, Any]


def respond(body: Body | bytes) -> Reply:
    """A success: always 200, never 201 or 202."""
    return Reply(200, body, media_type=JSON)


def accepted(call: Call, field: str, job: Job) -> Reply:
    """The answer to a create request."""
    price = job.submission.price
    names = {"generationId": job.id}
    if "variation" in job.submission.names:
        names["variationId"] = job.submission.names["variation"]
    return respond({field: names | cost(call, price)})


def cost(call: Call, price: int) -> Body:
    """What a job cost, as credit plans say it (A15) or as pay-as-you-go does."""
    if call.quirk("leonardo.plan") == "payg":
        return {"apiCreditCost": None, "cost": {"amount": dollars(price), "unit": "DOLLARS"}}
    return {"apiCreditCost": price, "cost": {"amount": str(price), "unit": "CREDITS"}}


def created_at(at_us: int) -> str:
    """An instant without a zone, as captured: ``2026-01-02T03:04:05.678``."""
    return iso_ms(at_us)[:-1]


def generation(job: Job, view: AccountView, call: Call) -> Body:
    """One generation in key order as captured."""
    ordered, extra = job.submission, job.submission.extra
    motion = _motion(job)
    images = _images(job, view) if job.state is State.SUCCEEDED else []
    if call.quirk("leonardo.motion_fields") != "top":
        images = [image | motion for image in images]
    flagged = ["NSFW"] if job.reason is Reason.MODERATED else []
    row = _row(
        images,
        motion,
        id=job.id,
        status=STATES[job.state],
        prompt=ordered.prompt,
        negativePrompt=extra.get("negativePrompt", ""),
        imageHeight=ordered.height,
        imageWidth=ordered.width,
        seed=job.seed,
        public=extra.get("public", False),
        createdAt=created_at(job.accepted_at_us),
    )
    row["prompt_moderations"] = [{"moderationClassification": flagged}]
    row["generation_elements"] = _elements(extra.get("elements", []), view)
    return _told(row, call)


def seeded_generation(view: AccountView, call: Call) -> Body:
    """The generation whose three images every account owns."""
    images = [
        _image(id, view.picture_link("seeded", id), None, nsfw=False) for id in seeded_ids(view)
    ]
    motion = dict.fromkeys(_MOTION_FIELDS)
    if call.quirk("leonardo.motion_fields") != "top":
        images = [image | motion for image in images]
    row = _row(
        images,
        motion,
        id=seeded_generation_id(view),
        status="COMPLETE",
        prompt="three pictures to start from",
        negativePrompt="",
        imageHeight=SEEDED_SIDE,
        imageWidth=SEEDED_SIDE,
        seed=view.seed % 2**31,
        public=False,
        createdAt=created_at(view.account.opened_at_us),
    )
    return _told(row, call)


_MOTION_FIELDS = ("motion", "motionModel", "motionStrength", "imageToVideo", "fantasyAvatar")
_ORDER = (
    *("generated_images", "modelId", "motion", "motionModel", "motionStrength", "prompt"),
    *("negativePrompt", "imageHeight", "imageToVideo", "imageWidth", "inferenceSteps", "seed"),
    *("ultra", "public", "scheduler", "sdVersion", "status", "presetStyle", "initStrength"),
    *("guidanceScale", "id", "createdAt", "promptMagic", "promptMagicVersion"),
    *("promptMagicStrength", "photoReal", "photoRealStrength", "fantasyAvatar"),
)


_EMPTY: Body = dict.fromkeys(_ORDER)


def _row(images: list[Body], motion: Body, **known: Any) -> Body:
    row = _EMPTY | motion | known
    row["generated_images"] = images
    row["prompt_moderations"] = [{"moderationClassification": []}]
    row["generation_elements"] = []
    return row


def _motion(job: Job) -> Body:
    if job.submission.operation == IMAGES:
        return dict.fromkeys(_MOTION_FIELDS)
    return {
        "motion": True,
        "motionModel": job.submission.model,
        "motionStrength": job.submission.extra.get("motionStrength"),
        "imageToVideo": job.submission.extra.get("imageToVideo", False),
        "fantasyAvatar": None,
    }


def _images(job: Job, view: AccountView) -> list[Body]:
    nsfw = bool(words_in(job.submission.prompt, "flagged"))
    if job.submission.operation == IMAGES:
        return [
            _image(id, view.picture_link("seeded", id), None, nsfw=nsfw) for id in image_ids(job)
        ]
    poster, video = view.link(job, "jpg"), view.link(job, "mp4")
    return [_image(id, poster, video, nsfw=nsfw) for id in image_ids(job)]


def _image(id: str, url: str, video: str | None, *, nsfw: bool) -> Body:
    return {
        "url": url,
        "nsfw": nsfw,
        "id": id,
        "likeCount": 0,
        "motionMP4URL": video,
        "generated_image_variation_generics": [],
    }


def _elements(asked: list[Body], view: AccountView) -> list[Body]:
    return [
        {
            "id": number,
            "weightApplied": element.get("weight", 1),
            "lora": lora(element["akUUID"].lower(), view),
        }
        for number, element in enumerate(asked, 1)
    ]


def lora(id: str, view: AccountView) -> Body:
    """A motion element. Its base model is unknown, and a wrong one would break the clients."""
    return {
        "akUUID": id,
        "description": f"Camera motion: {elements()[id]}",
        "name": elements()[id],
        "urlImage": view.picture_link("seeded", id),
        "weightDefault": 1,
        "weightMin": 0,
        "weightMax": 2,
    }


def _told(row: Body, call: Call) -> Body:
    """The row, without its nulls where the quirk says so (A16)."""
    if call.quirk("leonardo.null_fields") == "null":
        return row
    row["generated_images"] = [_without_nulls(image) for image in row["generated_images"]]
    return _without_nulls(row)


def _without_nulls(row: Body) -> Body:
    return {name: value for name, value in row.items() if value is not None}


def variation(job: Job, view: AccountView) -> Body:
    """An upscale, as `GET /motion-variations/{id}` shows it."""
    done = job.state is State.SUCCEEDED
    return {
        "id": job.submission.names["variation"],
        "createdAt": created_at(job.accepted_at_us),
        "status": STATES[job.state],
        "motionTransformType": "UPSCALE",
        "resolution": "RESOLUTION_720",
        "url": view.link(job, "mp4") if done else None,
    }
