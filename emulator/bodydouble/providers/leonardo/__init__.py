"""Leonardo.Ai: its routes, limits, quirks and assumptions, put together.

Behaviour is the core's; `variables.py` and `requests.py` say what it reads, `replies.py` and
`errors.py` what it says, `catalogue.json` what it sells. Numbers such as A6 are the fact sheet's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bodydouble.core.chance import Draw
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import Decision, FixedWindow, window
from bodydouble.core.money.amounts import Currency
from bodydouble.core.provider import ModelRow, Operation, Provider
from bodydouble.core.provider_kit import bearer
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.slots import Slots
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.leonardo import (
    account,
    generations,
    operations,
    uploads,
    v2,
)
from bodydouble.providers.leonardo.catalogue import rows
from bodydouble.providers.leonardo.errors import refuse
from bodydouble.providers.leonardo.facts import QUIRKS
from bodydouble.providers.leonardo.replies import STATES
from bodydouble.providers.leonardo.sample import SAMPLE
from bodydouble.providers.leonardo.webhooks import WEBHOOKS
from bodydouble.providers.standing import standing_beside

_ROOT = "/api/rest/v1"
_V2 = "/api/rest/v2"
_KEY_SHAPE = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NOBODY = "00000000-0000-0000-0000-000000000000"


def _credential(call: Call) -> str:
    secret = bearer(call)
    if not secret:
        raise Refused(Cause.NO_KEY)
    if secret == _NOBODY:
        # The one key whose answer was observed: well-formed and unknown.
        raise Refused(Cause.UNKNOWN_KEY)
    return secret


def _mint_key(draw: Draw) -> str:
    return draw.uuid4()


def _request_id(draw: Draw, now_us: int) -> str:
    return draw.uuid4()


def _windows(call: Call, key: Key, operation: Operation) -> tuple[FixedWindow, ...]:
    limit = key.rate_limit or call.quirk("leonardo.requests_per_minute")
    every = window("requests", limit, key.account)
    if not operation.billed:
        return (every,)
    # "100 a minute each": one window for each create endpoint, as the limits page lists them.
    each = call.quirk("leonardo.submissions_per_minute")
    return (every, window("submissions", each, f"{key.account}:{operation.name}"))


def _slots(quirks: Mapping[str, Any], submission: Submission) -> Slots:
    return Slots(quirks["leonardo.concurrent_jobs"], quirks["leonardo.pending_jobs"])


def _refunds(quirks: Mapping[str, Any], job: Job, struck: State) -> bool:
    return bool(quirks["leonardo.refund_failed"])


def _finish(
    reply: Reply, call: Call, decisions: tuple[Decision, ...]
) -> tuple[tuple[str, str], ...]:
    return (("x-content-type-options", "nosniff"), ("x-request-id", call.request_id))


def _create(name: str, path: str, handle: Any, root: str = _ROOT) -> Operation:
    return Operation(name, "POST", root + path, handle, billed=True)


def _models() -> list[ModelRow]:
    return [*rows(), *v2.rows()]


PROVIDER = Provider(
    name="leonardo",
    title="Leonardo.Ai",
    base_path=_ROOT,
    hosts=("cloud.leonardo.ai",),
    currency=Currency("credits", 1, 0),
    # Subscription credits first, as the sample of /me lists less of them; enough for a full queue.
    starting_balance=(("apiSubscriptionTokens", 3_500), ("apiPaidTokens", 25_000)),
    pace=Pace(wait_s=1, run_s=4, run_per_output_s=0.5),
    operations=(
        _create(
            "createImageToVideoGeneration", "/generations-image-to-video", operations.image_to_video
        ),
        _create(
            "createTextToVideoGeneration", "/generations-text-to-video", operations.text_to_video
        ),
        _create("createSVDMotionGeneration", "/generations-motion-svd", operations.motion_svd),
        _create("createVideoUpscale", "/generations-video-upscale", operations.video_upscale),
        _create("createGeneration", "/generations", operations.create_images),
        _create("createGenerationV2", "/generations", v2.create, _V2),
        Operation(
            "getGenerationById", "GET", f"{_ROOT}/generations/{{id}}", generations.get_generation
        ),
        Operation(
            "deleteGenerationById",
            "DELETE",
            f"{_ROOT}/generations/{{id}}",
            generations.delete_generation,
        ),
        Operation(
            "getGenerationsByUserId",
            "GET",
            f"{_ROOT}/generations/user/{{userId}}",
            generations.list_generations,
        ),
        Operation(
            "getMotionVariationById",
            "GET",
            f"{_ROOT}/motion-variations/{{id}}",
            generations.get_variation,
        ),
        Operation("uploadInitImage", "POST", f"{_ROOT}/init-image", uploads.announce_image),
        Operation("getInitImageById", "GET", f"{_ROOT}/init-image/{{id}}", uploads.get_image),
        Operation(
            "deleteInitImageById", "DELETE", f"{_ROOT}/init-image/{{id}}", uploads.delete_image
        ),
        Operation("uploadMedia", "POST", f"{_ROOT}/media", uploads.announce_media),
        Operation("getUploadedMediaById", "GET", f"{_ROOT}/media/{{id}}", uploads.get_media),
        Operation(
            "deleteUploadedMediaById", "DELETE", f"{_ROOT}/media/{{id}}", uploads.delete_media
        ),
        Operation("getUserSelf", "GET", f"{_ROOT}/me", account.get_me),
        Operation(
            "pricingCalculator", "POST", f"{_ROOT}/pricing-calculator", account.calculate_price
        ),
        Operation("listElements", "GET", f"{_ROOT}/elements", account.list_elements),
        Operation("listPlatformModels", "GET", f"{_ROOT}/platformModels", account.list_models),
    ),
    states=STATES,
    refuse=refuse,
    head=False,
    finish=_finish,
    credential=_credential,
    key_shape=_KEY_SHAPE,
    mint_key=_mint_key,
    request_id=_request_id,
    windows=_windows,
    slots=_slots,
    refunds=_refunds,
    quirks=QUIRKS,
    standing=standing_beside(__file__),
    sample=SAMPLE,
    models=_models,
    webhooks=WEBHOOKS,
)
