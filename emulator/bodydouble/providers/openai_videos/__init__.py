"""OpenAI's Videos API: its routes, keys, limits and prices, put together; and vLLM-Omni's wire.

The vendor shut it down on 2026-09-24. Its dialect lives on in gateways and servers, and `sunset=on`
answers as it may answer since. What else the vendor's API does is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bodydouble.core.chance import ALNUM
from bodydouble.core.errors import Refused
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import Decision, Window, window
from bodydouble.core.provider import Handler, Operation, Provider
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.openai_dialect.requests import READS
from bodydouble.providers.openai_videos import characters, endpoints, operations
from bodydouble.providers.openai_videos.catalogue import DEFAULT_MODEL, MONEY, for_people, rows
from bodydouble.providers.openai_videos.errors import DETAILS, refuse
from bodydouble.providers.openai_videos.events import WEBHOOKS
from bodydouble.providers.openai_videos.facts import CLIENT_RULES, NAME, QUIRKS, is_vllm
from bodydouble.providers.openai_videos.replies import LINKS, STATES
from bodydouble.providers.openai_videos.sample import SAMPLE
from bodydouble.providers.standing import standing_beside

KEY_SHAPE = re.compile(r"sk-[A-Za-z0-9_-]{20,200}")


def _windows(call: Call, key: Key, operation: Operation) -> tuple[Window, ...]:
    if not operation.billed or is_vllm(call):
        return ()
    model = _model(call)
    limit = key.rate_limit or rows()[model].per_minute[call.quirk("openai-videos.tier") - 1]
    return (window(f"requests:{model}", limit, key.account),)


def _model(call: Call) -> str:
    """The model a body names; the handler refuses what is none, so here it is left alone."""
    try:
        model = call.fields().get("model")
    except Refused:
        return DEFAULT_MODEL
    return model if isinstance(model, str) and model in rows() else DEFAULT_MODEL


def _finish(
    reply: Reply, call: Call, decisions: tuple[Decision, ...]
) -> tuple[tuple[str, str], ...]:
    usual = (("x-request-id", call.request_id), ("openai-version", "2020-10-01"))
    if is_vllm(call):
        return ()
    if not decisions:
        return usual
    told = decisions[0]
    reset_s = max(0, -(-(told.reset_at_us - call.now_us) // 1_000_000))
    return (
        *usual,
        ("x-ratelimit-limit-requests", str(told.limit)),
        ("x-ratelimit-remaining-requests", str(told.remaining)),
        ("x-ratelimit-reset-requests", f"{reset_s}s"),
    )


def _refunds(quirks: Mapping[str, Any], job: Job, state: State) -> bool:
    return bool(quirks["openai-videos.failed_cost"] == "free" or job.state is State.CANCELED)


def _makes(name: str, path: str, handle: Handler) -> Operation:
    return Operation(name, "POST", path, handle, billed=True)


_ENDPOINT = "/v1/webhook_endpoints/{webhook_endpoint_id}"

PROVIDER = Provider(
    name=NAME,
    title="OpenAI Videos",
    base_path="/v1",
    hosts=("api.openai.com",),
    client_env=(("OPENAI_API_KEY", "{key}"), ("OPENAI_BASE_URL", "{base_url}")),
    currency=MONEY,
    starting_balance=(("prepaid", MONEY.parse("20.0000")),),
    pace=Pace(wait_s=5, run_s=40, run_per_output_s=5),
    operations=(
        _makes("createVideo", "/v1/videos", operations.create),
        Operation("listVideos", "GET", "/v1/videos", operations.list_videos),
        _makes("createVideoEdit", "/v1/videos/edits", operations.edit),
        _makes("createVideoExtension", "/v1/videos/extensions", operations.extend),
        Operation("createCharacter", "POST", "/v1/videos/characters", characters.create_character),
        Operation(
            "getCharacter", "GET", "/v1/videos/characters/{character_id}", characters.read_character
        ),
        Operation("getVideo", "GET", "/v1/videos/{video_id}", operations.read),
        Operation("deleteVideo", "DELETE", "/v1/videos/{video_id}", operations.remove),
        Operation("getVideoContent", "GET", "/v1/videos/{video_id}/content", operations.content),
        _makes("remixVideo", "/v1/videos/{video_id}/remix", operations.remix),
        Operation(
            "createWebhookEndpoint", "POST", "/v1/webhook_endpoints", endpoints.create_endpoint
        ),
        Operation("listWebhookEndpoints", "GET", "/v1/webhook_endpoints", endpoints.list_endpoints),
        Operation("getWebhookEndpoint", "GET", _ENDPOINT, endpoints.read_endpoint),
        Operation("updateWebhookEndpoint", "POST", _ENDPOINT, endpoints.change_endpoint),
        Operation("deleteWebhookEndpoint", "DELETE", _ENDPOINT, endpoints.delete_endpoint),
        Operation(
            "rotateWebhookSecret", "POST", f"{_ENDPOINT}/rotate_secret", endpoints.rotate_secret
        ),
        Operation("testWebhookEndpoint", "POST", f"{_ENDPOINT}/test", endpoints.try_endpoint),
        Operation(
            "listWebhookEventTypes", "GET", "/v1/webhook_event_types", endpoints.list_event_types
        ),
    ),
    states=STATES,
    refuse=refuse,
    details=DETAILS,
    finish=_finish,
    reads=READS,
    key_shape=KEY_SHAPE,
    mint_key=lambda draw: f"sk-proj-{draw.text(48, ALNUM)}",
    request_id=lambda draw, now_us: f"req_{draw.text(32)}",
    windows=_windows,
    refunds=_refunds,
    links=LINKS,
    forgets_deleted=True,
    shows_progress=True,
    shows_links=False,
    webhooks=WEBHOOKS,
    quirks=QUIRKS,
    standing=standing_beside(__file__),
    client_rules=CLIENT_RULES,
    sample=SAMPLE,
    models=for_people,
)
