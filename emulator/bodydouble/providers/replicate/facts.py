"""What can be turned about Replicate (quirks), and what it asks of its clients.

Why, from where, and what is merely assumed stands in `standing.yaml`, under the same names.
"""

from __future__ import annotations

from bodydouble.core.provider import ClientRules, quirks

QUIRKS = quirks(
    "replicate",
    creates_per_minute=600,
    requests_per_minute=3000,
    low_credit=("tight", "none"),
    start_event=("processing", "created"),
)

CLIENT_RULES = ClientRules(deadline_s=1800.0)
