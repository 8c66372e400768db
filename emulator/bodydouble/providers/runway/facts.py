"""What can be turned about Runway (quirks), and what it asks of its clients.

Why, from where, and what is merely assumed stands in `standing.yaml`, under the same names.
"""

from __future__ import annotations

from bodydouble.core.provider import ClientRules, quirks

QUIRKS = quirks(
    "runway",
    tier=(1, 2, 3, 4, 5),
    canceled=("gone", "readable"),
    moderation_refund=("output", "none", "all"),
)

CLIENT_RULES = ClientRules(
    # "No more often than every five seconds", as the document says of a task.
    poll_s=5,
    pages={"poll-too-fast": "docs.dev.runwayml.com/openapi.json"},
)
