"""What can be turned about SmartlyQ (quirks), and what it asks of its clients.

Why, from where, and what is merely assumed stands in `standing.yaml`, under the same names.
"""

from __future__ import annotations

from bodydouble.core.provider import ClientRules, quirks

QUIRKS = quirks(
    "smartlyq",
    error_dialect=("prose", "examples"),
    idempotency_code=("CONFLICT", "IDEMPOTENCY_CONFLICT"),
    idempotency_header=("both", "x-only"),
    rate_tiers=(False, True),
    requests_per_minute=60,
    job_id_alias=(False, True),
    test_keys_free=(True, False),
    unsupported=("reject", "ignore"),
    cancel_refund=("pending", "always", "never"),
    result_aliases=(False, True),
    balance_error=("details", "balance_sqc"),
    webhook_attempts=("4 retries", "5 retries"),
    balance_low="5.0000",
)

CLIENT_RULES = ClientRules(
    # "every 3 to 5 seconds"; no page says when to give a job up.
    poll_s=3,
    pages={
        "poll-too-fast": "docs.smartlyq.com/guides/async-jobs",
        "ignored-retry-after": "docs.smartlyq.com/guides/rate-limiting",
        "create-without-idempotency-key": "docs.smartlyq.com/guides/idempotency",
        "polling-finished-job": "docs.smartlyq.com/guides/async-jobs",
        "never-verified-signature": "docs.smartlyq.com/guides/webhooks",
        "live-looking-key": "docs.smartlyq.com/authentication",
    },
)
