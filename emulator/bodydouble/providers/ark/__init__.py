"""Ark: ByteDance's Seedance on Volcengine and BytePlus; its routes, keys, limits and prices.

The video part alone (`/contents/generations/tasks`), as volcengine.com/docs/82379 and the official
clients of 2026-11 describe it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bodydouble.core.chance import Draw
from bodydouble.core.clock import DAY_US
from bodydouble.core.errors import Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import Window, window
from bodydouble.core.links import LinkRules
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.provider_kit import request_id_header
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.slots import Slots
from bodydouble.core.wire import Call
from bodydouble.providers.ark import operations, replies
from bodydouble.providers.ark.catalogue import MONEY, for_people, rows
from bodydouble.providers.ark.errors import refuse
from bodydouble.providers.ark.facts import CLIENT_RULES, QUIRKS
from bodydouble.providers.ark.sample import SAMPLE
from bodydouble.providers.standing import standing_beside

TASKS = "/api/v3/contents/generations/tasks"
KEY_SHAPE = re.compile(r"(?:ark-)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-[0-9a-z]{1,8})?")


def _request_id(draw: Draw, now_us: int) -> str:
    return f"021{now_us // 1000}{draw.text(32)}"


def _windows(call: Call, key: Key, operation: Operation) -> tuple[Window, ...]:
    """So many creates a minute for each key and model; what looks is not counted."""
    limit = key.rate_limit or call.quirk("ark.requests_per_minute")
    if not operation.billed or not limit:
        return ()
    return (window(f"creates:{_model(call)}", limit, key.id),)


def _model(call: Call) -> str:
    """The model a body names; the handler refuses what is none, so here it is left alone."""
    try:
        told = call.json
    except Refused:
        return ""
    model = told.get("model") if isinstance(told, dict) else None
    return model if isinstance(model, str) and model in rows() else ""


def _slots(quirks: Mapping[str, Any], submission: Submission) -> Slots:
    return Slots(quirks["ark.concurrent_tasks"], group=submission.model)


def _refunds(quirks: Mapping[str, Any], job: Job, struck: State) -> bool:
    """Only what succeeds is billed."""
    return True


PROVIDER = Provider(
    name="ark",
    title="Ark",
    base_path="/api/v3",
    hosts=("ark.cn-beijing.volces.com", "ark.ap-southeast.bytepluses.com"),
    currency=MONEY,
    starting_balance=(("main", MONEY.parse("100")),),
    pace=Pace(wait_s=5, run_s=40, run_per_output_s=6),
    operations=(
        Operation("createTask", "POST", TASKS, operations.create, billed=True),
        Operation("listTasks", "GET", TASKS, operations.listing),
        Operation("getTask", "GET", f"{TASKS}/{{id}}", operations.read),
        Operation("deleteTask", "DELETE", f"{TASKS}/{{id}}", operations.remove, cancels=True),
    ),
    states=replies.STATES,
    refuse=refuse,
    finish=request_id_header("x-request-id"),
    request_id=_request_id,
    key_shape=KEY_SHAPE,
    mint_key=lambda draw: draw.uuid4(),
    windows=_windows,
    slots=_slots,
    refunds=_refunds,
    links=LinkRules(lifetime_us=DAY_US),
    details=replies.DETAILS,
    forgets_deleted=True,
    webhooks=replies.WEBHOOKS,
    quirks=QUIRKS,
    standing=standing_beside(__file__),
    client_rules=CLIENT_RULES,
    sample=SAMPLE,
    models=for_people,
)
