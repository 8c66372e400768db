"""What can be turned about Kling: quirks.

Why, from where, and what is merely assumed stands in `standing.yaml`, under the same names.
"""

from __future__ import annotations

from bodydouble.core.provider import quirks

QUIRKS = quirks(
    "kling",
    token_clock=("real", "sandbox"),
    concurrency=5,
    concurrency_scope=("model", "account"),
    unknown_task=("1201", "1203"),
    unknown_model=("1203", "1201"),
    retired=("served", "refused"),
    pack_days=365,
    remaining=("live", "late"),
    costs_limit=("advice", "held"),
    omni_ratio=("default", "required"),
)
