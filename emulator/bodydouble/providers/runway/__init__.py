"""Runway: its routes, key, version header, limits and tiers, put together.

The developer API's video part, as docs.dev.runwayml.com and the official clients of 2026-08 to
2026-11 describe it. Its other parts (images, sound, avatars, workflows) are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bodydouble.core.clock import DAY_US
from bodydouble.core.errors import Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import Window
from bodydouble.core.links import LinkRules
from bodydouble.core.provider import Operation, Provider, RequiredHeader
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.slots import Slots
from bodydouble.core.wire import Call
from bodydouble.providers.runway import account, operations
from bodydouble.providers.runway.catalogue import MONEY, for_people, rows, tier
from bodydouble.providers.runway.details import DETAILS, code_of, refunded
from bodydouble.providers.runway.errors import refuse
from bodydouble.providers.runway.facts import CLIENT_RULES, QUIRKS
from bodydouble.providers.standing import standing_beside

KEY_SHAPE = re.compile(r"key_[0-9a-f]{128}")
VERSION = RequiredHeader("x-runway-version", ("2024-11-06",))


def _windows(call: Call, key: Key, operation: Operation) -> tuple[Window, ...]:
    if not operation.billed:
        return ()
    model = _model(call)
    return (account.daily(key.account, model, call.quirk("runway.tier")),) if model else ()


def _model(call: Call) -> str:
    """The model a body names; the handler refuses what is none, so here it is left alone."""
    try:
        told = call.json
    except Refused:
        return ""
    model = told.get("model") if isinstance(told, dict) else None
    return model if isinstance(model, str) and model in rows() else ""


def _slots(quirks: Mapping[str, Any], submission: Submission) -> Slots:
    return Slots(
        tier(quirks["runway.tier"]).concurrent, group=submission.model, from_acceptance=True
    )


def _refunds(quirks: Mapping[str, Any], job: Job, state: State) -> bool:
    if job.reason is None:
        # A cancel gives back what was not begun.
        return state is State.QUEUED
    return refunded(quirks, code_of(job))


# An address works for 24 to 48 hours from the read that gave it, to the end of a day.
LINKS = LinkRules(lifetime_us=DAY_US, parameter="_jwt", whole_us=DAY_US, expired_status=403)


PROVIDER = Provider(
    name="runway",
    title="Runway",
    base_path="",
    hosts=("api.dev.runwayml.com",),
    client_env=(("RUNWAYML_API_SECRET", "{key}"), ("RUNWAYML_BASE_URL", "{base_url}")),
    currency=MONEY,
    starting_balance=(("credits", 5000),),
    pace=Pace(wait_s=4, run_s=20, run_per_output_s=5),
    operations=(
        Operation(
            "textToVideo",
            "POST",
            "/v1/text_to_video",
            operations.create("textToVideo"),
            billed=True,
        ),
        Operation(
            "imageToVideo",
            "POST",
            "/v1/image_to_video",
            operations.create("imageToVideo"),
            billed=True,
        ),
        Operation(
            "videoToVideo",
            "POST",
            "/v1/video_to_video",
            operations.create("videoToVideo"),
            billed=True,
        ),
        Operation("getTask", "GET", "/v1/tasks/{id}", operations.read),
        Operation("deleteTask", "DELETE", "/v1/tasks/{id}", operations.remove, cancels=True),
        Operation("getOrganization", "GET", "/v1/organization", account.organization),
        Operation("getUsage", "POST", "/v1/organization/usage", account.usage),
        Operation("createUpload", "POST", "/v1/uploads", account.upload),
    ),
    states=operations.STATES,
    awaiting_slot_state=operations.AWAITING_SLOT,
    refuse=refuse,
    key_shape=KEY_SHAPE,
    mint_key=lambda draw: f"key_{draw.text(64)}{draw.text(64)}",
    required_headers=(VERSION,),
    windows=_windows,
    links=LINKS,
    details=DETAILS,
    slots=_slots,
    refunds=_refunds,
    quirks=QUIRKS,
    standing=standing_beside(__file__),
    shows_progress=True,
    client_rules=CLIENT_RULES,
    models=for_people,
)
