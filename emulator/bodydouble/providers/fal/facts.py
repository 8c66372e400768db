"""What can be turned about fal (quirks), and what it asks of its clients.

Why, from where, and what is merely assumed stands in `standing.yaml`, under the same names.
"""

from __future__ import annotations

from bodydouble.core.provider import ClientRules, quirks

QUIRKS = quirks(
    "fal",
    concurrency=2,
    validation=("runner", "submit"),
    failed_status=("explained", "bare"),
    completed_urls=("kept", "null"),
    completed_cancel=("status", "detail"),
    refused_input=("free", "billed"),
    webhook_attempts=(10, 32),
)

# Its own clients poll ten times a second, and no page names a pause.
CLIENT_RULES = ClientRules()
