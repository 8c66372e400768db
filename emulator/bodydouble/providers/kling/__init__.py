"""Kling: its two APIs, keys and signed tokens, packs of units and the slots that come with them.

The older API names the model in its body and takes tokens, the newer one has it in the path and
takes API keys alone. Images, sounds, avatars and effects are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bodydouble.core.clock import DAY_US
from bodydouble.core.jobs import Submission
from bodydouble.core.links import LinkRules
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.slots import Slots
from bodydouble.providers.kling import account, operations
from bodydouble.providers.kling.callbacks import WEBHOOKS
from bodydouble.providers.kling.catalogue import MONEY, for_people
from bodydouble.providers.kling.errors import DETAILS, refuse
from bodydouble.providers.kling.facts import QUIRKS
from bodydouble.providers.kling.keys import KEY_SHAPE, credential, key_pair, mint_key
from bodydouble.providers.kling.replies import STATES
from bodydouble.providers.kling.sample import SAMPLE
from bodydouble.providers.standing import standing_beside

# The older API's routes: what each is called, and its path below /v1/videos.
_OLDER = {
    "TextVideo": "text2video",
    "ImageVideo": "image2video",
    "ImagesVideo": "multi-image2video",
    "OmniVideo": "omni-video",
    "MotionVideo": "motion-control",
    "LongerVideo": "video-extend",
}
# The newer API's: product and model.
_NEWER = {
    "submitText": ("text-to-video", "kling-3.0"),
    "submitTurboText": ("text-to-video", "kling-3.0-turbo"),
    "submitSixText": ("text-to-video", "kling-2.6"),
    "submitFiveText": ("text-to-video", "kling-2.5-turbo"),
    "submitImage": ("image-to-video", "kling-3.0"),
    "submitTurboImage": ("image-to-video", "kling-3.0-turbo"),
    "submitSixImage": ("image-to-video", "kling-2.6"),
    "submitFiveImage": ("image-to-video", "kling-2.5-turbo"),
    "submitOmni": ("omni-video", "kling-3.0-omni"),
    "submitOmniOne": ("omni-video", "kling-o1"),
    "submitMotion": ("motion-control", "kling-3.0"),
    "submitSixMotion": ("motion-control", "kling-2.6"),
}


def _slots(quirks: Mapping[str, Any], submission: Submission) -> Slots:
    """A task has its slot from its acceptance to its end, and nobody waits for one."""
    by_model = quirks["kling.concurrency_scope"] == "model"
    group = submission.model if by_model else "video"
    return Slots(quirks["kling.concurrency"], waiting=0, group=group, from_acceptance=True)


def _older(name: str, route: str) -> tuple[Operation, ...]:
    path, made = f"/v1/videos/{route}", f"create{name}"
    create = operations.create(made, route)
    if route == "video-extend":
        create = operations.extend(made)
    return (
        Operation(made, "POST", path, create, billed=True),
        Operation(f"list{name}s", "GET", path, operations.listed(made)),
        Operation(f"get{name}", "GET", f"{path}/{{task_id}}", operations.read(made)),
    )


def _newer(name: str, product: str, model: str) -> Operation:
    handle = operations.create_at(name, product, model)
    return Operation(name, "POST", f"/{product}/{model}", handle, billed=True)


PROVIDER = Provider(
    name="kling",
    title="Kling",
    base_path="",
    hosts=("api-singapore.klingai.com", "api-beijing.klingai.com", "api.klingai.com"),
    client_env=(
        ("KLINGAI_API_KEY", "{key}"),
        ("KLINGAI_ACCESS_KEY", "{access_key}"),
        ("KLINGAI_SECRET_KEY", "{secret_key}"),
        ("KLING_ACCESS_KEY", "{access_key}"),
        ("KLING_SECRET_KEY", "{secret_key}"),
    ),
    standing=standing_beside(__file__),
    sample=SAMPLE,
    operations=(
        *(one for name, route in _OLDER.items() for one in _older(name, route)),
        *(_newer(name, *where) for name, where in _NEWER.items()),
        Operation("getTasks", "GET", "/tasks", operations.tasks),
        Operation("listTasks", "POST", "/tasks", operations.listing),
        Operation(account.COSTS, "GET", "/account/costs", account.costs),
    ),
    models=for_people,
    states=STATES,
    refuse=refuse,
    details=DETAILS,
    request_id=lambda draw, now_us: draw.uuid4(),
    quirks=QUIRKS,
    credential=credential,
    key_shape=KEY_SHAPE,
    mint_key=mint_key,
    key_pair=key_pair,
    windows=account.windows,
    slots=_slots,
    currency=MONEY,
    starting_balance=(("units", MONEY.parse("100")),),
    pace=Pace(wait_s=5, run_s=40, run_per_output_s=8),
    # A result is cleared thirty days after its end.
    links=LinkRules(lifetime_us=30 * DAY_US, expired_status=403),
    webhooks=WEBHOOKS,
)
