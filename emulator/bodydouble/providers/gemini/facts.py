"""What can be turned about Gemini (quirks), and what it asks of its clients.

Why, from where, and what is merely assumed stands in `standing.yaml`, under the same names.
"""

from __future__ import annotations

from bodydouble.core.provider import ClientRules, quirks

NAME = "gemini"

QUIRKS = quirks(
    NAME,
    veo=("served", "retired"),
    delivery=("inline", "uri"),
    moderated=("failed", "completed"),
    no_credit=(402, 429),
    key_error=("page", "front"),
)

CLIENT_RULES = ClientRules(
    # The samples of the page wait ten seconds between two looks at an operation.
    poll_s=10,
    pages={"poll-too-fast": "ai.google.dev/gemini-api/docs/video"},
)
