"""What can be turned about Leonardo.Ai (quirks).

Why, from where, and what is merely assumed stands in `standing.yaml`, under the same names.
"""

from __future__ import annotations

from bodydouble.core.provider import quirks

QUIRKS = quirks(
    "leonardo",
    plan=("payg", "credits"),
    prompt_block_status=(403, 400),
    blocked_prompts=("words", "none"),
    image_field=(False, True),
    null_fields=("null", "omit"),
    motion_fields=("top", "schema"),
    not_found=("null", 404),
    retired_models=(False, True),
    lenient_models=(False, True),
    end_frame=("seed", "guides"),
    client_duration=(True, False),
    elements=("reject", "ignore"),
    refund_failed=(True, False),
    retry_after=(False, True),
    requests_per_minute=2000,
    submissions_per_minute=100,
    concurrent_jobs=10,
    pending_jobs=200,
    prompt_max_length=1500,
    upload_lifetime_s=120,
    flat_reply=(False, True),
)
