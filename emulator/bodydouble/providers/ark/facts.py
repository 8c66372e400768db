"""What can be turned about Ark (quirks), and what it asks of its clients.

Why, from where, and what is merely assumed stands in `standing.yaml`, under the same names.
"""

from __future__ import annotations

from bodydouble.core.provider import ClientRules, quirks

QUIRKS = quirks("ark", requests_per_minute=600, concurrent_tasks=10)

CLIENT_RULES = ClientRules()
