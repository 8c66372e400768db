"""Leonardo's create requests: their variables, and what the chosen model makes of them.

It prices and checks, and stores nothing. Sources: seed page of image-to-video, OAS of 2026-05-21;
texts of refusals that nobody published are ours (A3) and say so by their code alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.wire import Call
from bodydouble.providers.leonardo.catalogue import (
    Model,
    Size,
    elements,
    lenient_names,
    models,
    words,
)
from bodydouble.providers.leonardo.errors import invalid, unsupported
from bodydouble.providers.leonardo.variables import Variable, is_uuid, read_variables

RESOLUTIONS = ("RESOLUTION_480", "RESOLUTION_720", "RESOLUTION_1080")
IMAGE_TYPES = ("GENERATED", "UPLOADED")
VIDEO_FIELD = "motionVideoGenerationJob"
SVD_FIELD = "motionSvdGenerationJob"
STRENGTHS = range(1, 11)
# The official clients send it with every text-to-video request that names none: the schema's own
# default, whatever the model.
CLIENTS_DURATION_S = 8

PROMPT = Variable("prompt", required=True)
_IMAGE = (
    Variable("imageId", required=True),
    Variable("imageType", "ImageType", required=True, choices=IMAGE_TYPES),
)
_END = Variable(
    "endFrameImage",
    "EndFrameImageInput",
    fields=(
        Variable("id", required=True),
        Variable("type", "ImageType", required=True, choices=IMAGE_TYPES),
    ),
)
_VIDEO = (
    Variable("resolution", "VideoGenerationResolution", choices=RESOLUTIONS),
    Variable("model", "VideoGenerationModel", choices=tuple(models())),
    Variable("frameInterpolation", "Boolean"),
    Variable("isPublic", "Boolean"),
    Variable("seed", "bigint"),
    Variable("negativePrompt"),
    Variable("promptEnhance", "Boolean"),
    Variable("promptEnhanceInstruction"),
    Variable("duration", "Int"),
    Variable("styleIds", many=True),
    Variable(
        "elements",
        "ElementInput",
        many=True,
        fields=(Variable("akUUID", required=True), Variable("weight", "Float")),
    ),
    Variable("height", "Int"),
    Variable("width", "Int"),
)
_SVD = (
    Variable("imageId", required=True),
    Variable("isPublic", "Boolean"),
    Variable("isInitImage", "Boolean"),
    Variable("isVariation", "Boolean"),
    Variable("motionStrength", "Int"),
)
_UPSCALE = (
    Variable("sourceGenerationId", required=True),
    Variable("resolution", "MotionResolution", required=True, choices=("RESOLUTION_720",)),
)


@dataclass(frozen=True, slots=True)
class Video:
    """A checked request for a video: all that does not depend on its pictures."""

    model: Model
    resolution: str
    asked_size: Size | None
    duration_s: int
    price: int
    values: dict[str, Any]

    def size(self, shape: Size | None) -> Size:
        """Width and height to make, given the start picture's."""
        return self.asked_size or self.model.size(self.resolution, shape)


def read_text_to_video(call: Call) -> Video:
    """`POST /generations-text-to-video`. Refused: INVALID, MODERATED."""
    values = read_variables(_leniently(call), VIDEO_FIELD, (PROMPT, *_VIDEO))
    return _checked(call, values, from_text=True)


def read_image_to_video(call: Call) -> Video:
    """`POST /generations-image-to-video`. Refused: INVALID, MODERATED."""
    variables: tuple[Variable, ...] = (PROMPT, *_IMAGE, _END, *_VIDEO)
    if call.quirk("leonardo.image_field"):
        given = read_variables(call, VIDEO_FIELD, _either_image())
        if "image" in given and ("imageId" in given or "imageType" in given):
            raise invalid("use only image or imageId with imageType")
        if "image" in given:
            variables = (PROMPT, Variable("image", required=True), _END, *_VIDEO)
    return _checked(call, read_variables(_leniently(call), VIDEO_FIELD, variables), from_text=False)


@cache
def _either_image() -> tuple[Variable, ...]:
    every = (PROMPT, Variable("image"), *_IMAGE, _END, *_VIDEO)
    return tuple(Variable(variable.name, ignored=True) for variable in every)


def read_svd(call: Call) -> dict[str, Any]:
    """`POST /generations-motion-svd`. Refused: INVALID."""
    values = read_variables(call, SVD_FIELD, _SVD)
    _refuse_retired(call, "SVD", True)
    if values.setdefault("motionStrength", 5) not in STRENGTHS:
        raise invalid("motionStrength must be between 1 and 10")
    return values


def read_upscale(call: Call) -> str:
    """`POST /generations-video-upscale`: the source generation's id. Refused: INVALID."""
    source: str = read_variables(call, VIDEO_FIELD, _UPSCALE)["sourceGenerationId"]
    return source


def _leniently(call: Call) -> Call:
    """The call, with model names as guides misspell them put right where that is wanted."""
    if not call.quirk("leonardo.lenient_models"):
        return call
    try:
        body = call.json_object()
    except Refused:
        return call
    right = lenient_names()
    name = body.get("model")
    if isinstance(name, str) and name in right:
        body["model"] = right[name]
    return call


def check_prompt(call: Call, prompt: str, longest: int = 0) -> None:
    """Refused: INVALID by length, MODERATED before a job exists."""
    longest = longest or call.quirk("leonardo.prompt_max_length")
    if len(prompt) > longest:
        raise invalid(f"Invalid prompt, maximum length of {longest} characters exceeded.")
    if not prompt.strip():
        raise invalid("Invalid prompt, it is empty")
    found = words_in(prompt, "blocked")
    if found and call.quirk("leonardo.blocked_prompts") == "words":
        raise Refused(Cause.MODERATED, word=found[0])


def check_negative(call: Call, prompt: str) -> None:
    """Refused: INVALID by length; it is kept with the job, so it is bounded as a prompt is."""
    longest = call.quirk("leonardo.prompt_max_length")
    if len(prompt) > longest:
        raise invalid(f"Invalid negative prompt, maximum length of {longest} characters exceeded.")


# Every poll asks it of the same prompt, and searching costs more than the rest of the handler.
@lru_cache(maxsize=1024)
def words_in(prompt: str, kind: str) -> tuple[str, ...]:
    """The ``blocked`` or ``flagged`` words of a prompt."""
    found_words = set(re.findall(r"[a-z]+", prompt.lower()))
    return tuple(word for word in words(kind) if word in found_words)


def _refuse_retired(call: Call, name: str, retired: bool) -> None:
    if retired and call.quirk("leonardo.retired_models"):
        raise unsupported(name)


def _checked(call: Call, values: dict[str, Any], *, from_text: bool) -> Video:
    model = models()[values.get("model", "MOTION2")]
    check_prompt(call, values["prompt"])
    check_negative(call, values.get("negativePrompt", ""))
    _refuse_retired(call, model.model, model.retired)
    if from_text and not model.text:
        raise invalid(f"{model.model} needs a start frame")
    resolution, size = _resolution_and_size(model, values)
    duration_s = model.durations[0] if model.fixed else values.get("duration", model.usual)
    if from_text and duration_s == CLIENTS_DURATION_S and call.quirk("leonardo.client_duration"):
        duration_s = duration_s if duration_s in model.durations else model.usual
    if duration_s not in model.durations:
        listed = ", ".join(map(str, model.durations))
        raise invalid(f"duration of {model.model} must be one of {listed}")
    if not 0 <= values.get("seed", 0) <= model.seed_max:
        raise invalid(f"seed of {model.model} must be between 0 and {model.seed_max}")
    _check_extras(call, model, values)
    price = model.price(resolution, duration_s)
    return Video(model, resolution, size, duration_s, price, values)


def _resolution_and_size(model: Model, values: dict[str, Any]) -> tuple[str, Size | None]:
    asked = values.get("resolution")
    if asked is not None and asked not in model.sizes:
        raise invalid(f"{asked} is not supported by {model.model}")
    resolutions = list(model.sizes) if asked is None else [asked]
    width, height = values.get("width"), values.get("height")
    if width is None and height is None:
        return resolutions[0], None
    for resolution in resolutions:
        for size in model.sizes[resolution]:
            if width in (None, size[0]) and height in (None, size[1]):
                return resolution, size
    raise invalid("invalid dimensions")


def _check_extras(call: Call, model: Model, values: dict[str, Any]) -> None:
    if not all(map(is_uuid, values.get("styleIds", ()))):
        raise invalid("styleIds must be style uuids")
    # The seed page allows an end frame on KLING2_1 alone; guides show it elsewhere, too.
    allowed = ("seed", "guides") if call.quirk("leonardo.end_frame") == "guides" else ("seed",)
    if "endFrameImage" in values and model.end_frame not in allowed:
        raise invalid(f"endFrameImage is not supported by {model.model}")
    asked = values.get("elements")
    if not asked:
        return
    if not model.elements:
        if call.quirk("leonardo.elements") == "reject":
            raise invalid(f"elements are not supported by {model.model}")
        values["elements"] = []
    elif len(asked) > len(elements()) or any(
        element["akUUID"].lower() not in elements() for element in asked
    ):
        raise invalid("unknown element")
