"""What can be turned about UniAll (quirks).

Why, from where, and what is merely assumed stands in `standing.yaml`, under the same names.
"""

from __future__ import annotations

from bodydouble.core.provider import quirks

QUIRKS = quirks(
    "uniall",
    wire=("documented", "newapi"),
    error_envelope=("newapi", "openai"),
    text_multi_prompt=(False, True),
    required_fields=("overview", "table", "letter"),
    concurrent_tasks=0,
    poller_pass_seconds=15,
    remix=("panic", "refused"),
)
