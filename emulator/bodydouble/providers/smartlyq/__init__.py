"""SmartlyQ: its routes, limits, quirks and assumptions, put together.

Behaviour is the core's; see `requests.py` for what it reads, `replies.py` and `errors.py` for what
it says, `catalogue.json` for what it sells. Numbers such as A6 and C3 are the fact sheet's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bodydouble.core.chance import ALNUM, Draw
from bodydouble.core.clock import DAY_US, SECOND_US
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import Decision, FixedWindow, window
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.smartlyq import account, operations, webhooks
from bodydouble.providers.smartlyq.catalogue import rows
from bodydouble.providers.smartlyq.errors import MONEY, refuse
from bodydouble.providers.smartlyq.events import WEBHOOKS
from bodydouble.providers.smartlyq.facts import CLIENT_RULES, QUIRKS
from bodydouble.providers.smartlyq.replies import STATES
from bodydouble.providers.smartlyq.sample import SAMPLE
from bodydouble.providers.standing import standing_beside

_KEY_SHAPE = re.compile(r"sqk_(live|test)_[!-~]{1,200}")


def _mint_key(draw: Draw) -> str:
    return f"sqk_live_{draw.text(32, ALNUM)}"


def _request_id(draw: Draw, now_us: int) -> str:
    return f"req_{draw.uuid4()}"


def _windows(call: Call, key: Key, operation: Operation) -> tuple[FixedWindow, ...]:
    limit = key.rate_limit or call.quirk("smartlyq.requests_per_minute")
    if not call.quirk("smartlyq.rate_tiers"):
        return (window("requests", limit, key.id),)
    if operation.name == "getJob":
        return ()
    # Live keys share their workspace's budget; test keys have one of the same size.
    owner = key.id if key.rate_limit else key.account + (":test" if key.test else "")
    return (window("requests", limit, owner),)


def _refunds(quirks: Mapping[str, Any], job: Job, struck: State) -> bool:
    if job.state is State.FAILED:
        return True
    on_cancel = quirks["smartlyq.cancel_refund"]
    return on_cancel == "always" or (on_cancel == "pending" and struck is State.QUEUED)


def _idempotency_key(call: Call) -> str | None:
    value = call.header(b"x-idempotency-key")
    if value is None and call.quirk("smartlyq.idempotency_header") == "both":
        value = call.header(b"idempotency-key")
    return value or None


def _finish(
    reply: Reply, call: Call, decisions: tuple[Decision, ...]
) -> tuple[tuple[str, str], ...]:
    headers = [("x-request-id", call.request_id)]
    for decision in decisions:
        reset_s = -(-decision.reset_at_us // SECOND_US)
        headers += [
            ("x-ratelimit-limit", str(decision.limit)),
            ("x-ratelimit-remaining", str(decision.remaining)),
            ("x-ratelimit-reset", str(reset_s)),
        ]
    return tuple(headers)


PROVIDER = Provider(
    name="smartlyq",
    title="SmartlyQ",
    base_path="/v1",
    hosts=("api.smartlyq.com",),
    currency=MONEY,
    # 15.0000, so that the documented example leaves its documented 14.7200; the split is ours.
    starting_balance=(("monthly", 50_000), ("purchased", 100_000)),
    pace=Pace(wait_s=1, run_s=3),
    operations=(
        Operation("health", "GET", "/v1/health", operations.health, open=True),
        Operation(
            "listVideoModels", "GET", "/v1/videos/models", operations.list_models, "videos:read"
        ),
        Operation(
            "generateVideo",
            "POST",
            "/v1/videos/generate",
            operations.generate,
            "videos:write",
            idempotent=True,
            billed=True,
        ),
        Operation("listVideos", "GET", "/v1/videos", operations.list_videos, "videos:read"),
        Operation("getVideo", "GET", "/v1/videos/{video_id}", operations.get_video, "videos:read"),
        Operation(
            "deleteVideo",
            "DELETE",
            "/v1/videos/{video_id}",
            operations.delete_video,
            "videos:write",
        ),
        Operation("listJobs", "GET", "/v1/jobs", operations.list_jobs, "jobs:read"),
        Operation("getJob", "GET", "/v1/jobs/{job_id}", operations.get_job, "jobs:read"),
        # The scope table puts cancel under jobs:read although it writes (C12).
        Operation(
            "cancelJob",
            "POST",
            "/v1/jobs/{job_id}/cancel",
            operations.cancel_job,
            "jobs:read",
            idempotent=True,
            cancels=True,
        ),
        Operation("getMe", "GET", "/v1/me", account.get_me),
        Operation("getMeUsage", "GET", "/v1/me/usage", account.get_usage),
        Operation("getMeBalance", "GET", "/v1/me/balance", account.get_balance),
        Operation("getBilling", "GET", "/v1/me/billing", account.get_billing),
        Operation("listLogs", "GET", "/v1/logs", operations.list_logs, "logs:read"),
        *webhooks.OPERATIONS,
    ),
    states=STATES,
    refuse=refuse,
    finish=_finish,
    key_shape=_KEY_SHAPE,
    mint_key=_mint_key,
    request_id=_request_id,
    windows=_windows,
    refunds=_refunds,
    quirks=QUIRKS,
    standing=standing_beside(__file__),
    sample=SAMPLE,
    models=rows,
    idempotency_key=_idempotency_key,
    idempotency_lifetime_us=DAY_US,
    webhooks=WEBHOOKS,
    client_rules=CLIENT_RULES,
    test_key=lambda secret: secret.startswith("sqk_test_"),
)
