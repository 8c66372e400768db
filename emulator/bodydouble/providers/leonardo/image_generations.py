"""`POST /generations`, at its least: a prompt makes images that a video can start from.

Outside the product but for that: sizes and counts are checked, every other documented field is
taken and not acted on, and each picture is a drawing of ours at 1024 x 1024. Sources: OAS; the
price is invented.
"""

from __future__ import annotations

from bodydouble.core.account_view import AccountView
from bodydouble.core.jobs import Submission
from bodydouble.core.media.frames import DEFAULT_FPS
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.leonardo.catalogue import special
from bodydouble.providers.leonardo.errors import invalid
from bodydouble.providers.leonardo.operations import submit
from bodydouble.providers.leonardo.replies import IMAGES, accepted
from bodydouble.providers.leonardo.requests import PROMPT, check_negative, check_prompt
from bodydouble.providers.leonardo.variables import Variable, read_variables

_FIELD = "sdGenerationJob"
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
_VARIABLES = (
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


async def create_images(call: Call, view: AccountView) -> Reply:
    """`POST /generations`."""
    values = read_variables(call, _FIELD, _VARIABLES)
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
    return accepted(call, _FIELD, await submit(view, submission, images=count))
