"""What can be turned about OpenAI's videos (quirks), and what it asks of its clients.

Why, from where, and what is merely assumed stands in `standing.yaml`, under the same names.
"""

from __future__ import annotations

from bodydouble.core.provider import ClientRules, quirks
from bodydouble.core.wire import Call

NAME = "openai-videos"
OPENAI, VLLM_OMNI = "openai", "vllm-omni"

QUIRKS = quirks(
    NAME,
    wire=(OPENAI, VLLM_OMNI),
    sunset=("off", "on"),
    limits=("guide", "reference"),
    tier=(1, 2, 3, 4, 5),
    failed_cost=("free", "charged"),
    no_money=("insufficient_quota", "billing_hard_limit_reached"),
    not_ready_status=(404, 409),
    expired_status=(404, 410),
    poll_after_ms=1000,
)

CLIENT_RULES = ClientRules(
    # "Every 10 to 20 seconds", as the guide says.
    poll_s=10,
    pages={"poll-too-fast": "developers.openai.com/api/docs/guides/video-generation"},
)


def is_vllm(call: Call) -> bool:
    """Whether the caller is answered as vLLM-Omni answers."""
    return bool(call.quirk("openai-videos.wire") == VLLM_OMNI)
