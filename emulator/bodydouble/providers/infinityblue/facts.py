"""What can be turned about Infinity Blue (quirks), and what it asks of its clients.

Why, from where, and what is merely assumed stands in `standing.yaml`, under the same names.
"""

from __future__ import annotations

from bodydouble.core.provider import ClientRules, quirks

QUIRKS = quirks(
    "infinityblue",
    wire=("documented", "newapi"),
    auth_error_type=("authentication_error", "invalid_request_error"),
    empty_wallet_status=(403, 402, 429),
    creates_per_minute=60,
    videos_object=("documented", "generation2"),
    expired_status=(404, 410),
    poller_pass_seconds=15,
    veo_refund=("lost", "given"),
    remix=("panic", "refused"),
)

_POLLS = "newdocs.getinfinityblue.com/en-videos/videos/get-video-generation-task-status"

CLIENT_RULES = ClientRules(
    # Both from the same page: polls every 5 to 10 s, and a client's timeout of 10 minutes.
    poll_s=5,
    deadline_s=600,
    pages={
        "poll-too-fast": _POLLS,
        "no-deadline": _POLLS,
        "ignored-retry-after": "newdocs.getinfinityblue.com/quickstart/errors",
    },
)
