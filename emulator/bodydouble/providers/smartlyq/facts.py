"""What about SmartlyQ is disputed (quirks) and what is guessed (assumptions), for everybody to see.

Numbers are those of the fact sheet's sections 15 and 16. Data only.
"""

from __future__ import annotations

from bodydouble.core.provider import Assumption, ClientRules, Quirk

QUIRKS = (
    Quirk(
        "smartlyq.error_dialect",
        "prose",
        ("prose", "examples"),
        "error codes of the seed page (UNAUTHORIZED, FORBIDDEN, RATE_LIMIT_EXCEEDED, "
        "INTERNAL_ERROR), or of the published examples (INVALID_API_KEY, INSUFFICIENT_SCOPE, "
        "RATE_LIMITED, SERVER_ERROR)",
        "C4: seed page against OAS examples of 2026-07-26",
    ),
    Quirk(
        "smartlyq.idempotency_code",
        "CONFLICT",
        ("CONFLICT", "IDEMPOTENCY_CONFLICT"),
        "code of the 409 for a reused idempotency key",
        "seed page and OAS examples against OAS prose of 2026-07-26",
    ),
    Quirk(
        "smartlyq.idempotency_header",
        "both",
        ("both", "x-only"),
        "honour X-Idempotency-Key and the Idempotency-Key official clients send, or only the first",
        "C3: reference against client source",
    ),
    Quirk(
        "smartlyq.rate_tiers",
        False,
        (False, True),
        "budgets per workspace and unlimited job polling without rate headers",
        "C6: rate guide after 2026-08-05 against the seed page",
    ),
    Quirk("smartlyq.requests_per_minute", 60, (), "requests per minute and key", "seed page: 60"),
    Quirk(
        "smartlyq.job_id_alias",
        False,
        (False, True),
        "the 202 carries job_id beside job_uid",
        "C1: guides and client samples against the reference",
    ),
    Quirk(
        "smartlyq.test_keys_free",
        False,
        (False, True),
        "sqk_test_ keys cost 0.0000 and leave the wallet alone",
        "A17: authentication guide says no credits are charged",
    ),
    Quirk(
        "smartlyq.unsupported",
        "reject",
        ("reject", "ignore"),
        "a parameter the model does not support is a 422, or is ignored",
        "A9a: the generate page says 422",
    ),
    Quirk(
        "smartlyq.cancel_refund",
        "pending",
        ("pending", "always", "never"),
        "when a cancelled job is refunded",
        "A6: refunds are documented for provider failure only",
    ),
    Quirk(
        "smartlyq.result_aliases",
        False,
        (False, True),
        "a completed job's result also carries video_url and result_data",
        "A3: shapes of sibling jobs",
    ),
    Quirk(
        "smartlyq.balance_error",
        "details",
        ("details", "balance_sqc"),
        "a 402 is INSUFFICIENT_BALANCE with details, or the guides' INSUFFICIENT_CREDITS with "
        "error.balance_sqc",
        "C4, C5: seed page and OAS example against the billing guide",
    ),
    Quirk(
        "smartlyq.webhook_attempts",
        "4 retries",
        ("4 retries", "5 retries"),
        "a delivery is tried at once and again after 2, 4, 8, 16 minutes, or after 32 more as well",
        "A16: the guide lists five waits for five attempts",
    ),
    Quirk(
        "smartlyq.balance_low",
        "5.0000",
        (),
        "balance.low is sent when the balance falls below this",
        "A28: no threshold is documented; the recharge example uses 5.0000",
    ),
)

ASSUMPTIONS = (
    Assumption("A2", "every response carries meta", "all schemas have it, some examples do not"),
    Assumption(
        "A3", "result of a video job is {video_id, url}", "presentation jobs document id and url"
    ),
    Assumption(
        "A4", "error of a failed job is {code, message}, code PROVIDER_ERROR", "errors guide"
    ),
    Assumption("A5", "cancel answers the job with status cancelled", "schema and status list"),
    Assumption("A6", "a cancel refunds while pending, not once processing", "see the quirk"),
    Assumption("A7", "jobs wait about 1 s and run about 3 s", "no timing is documented"),
    Assumption(
        "A8", "the video exists from acceptance with status 2 and an empty url", "status 2 needs it"
    ),
    Assumption("A9", "422 lists every bad field in details.fields", "the only documented form"),
    Assumption("A9d", "unknown request fields are ignored", "the schema is open"),
    Assumption("A9f", "image_url is checked for syntax only", "the provider fetches it later"),
    Assumption("A10", "the limit is a fixed window from the first request", "header wording"),
    Assumption("A11", "only 2xx answers are remembered for a key", "failures are refunded"),
    Assumption("A12", "newest first; odd page values fall back or are clamped", "lenient lists"),
    Assumption("A13", "monthly credit is spent first; refunds go back where it came from", "usual"),
    Assumption("A14", "deleting a running video does not cancel its job", "nothing documented"),
    Assumption("A15", "t in a webhook signature is Unix seconds", "the 5-minute replay window"),
    Assumption("A16", "one attempt and four retries, then dead_letter", "see the quirk"),
    Assumption("A17", "test keys are charged like live ones here", "see the quirk"),
    Assumption("A18", "every model but the two documented ones", "an upstream's public tables"),
    Assumption("A20", "every price but kling-v2-1, 10 s, Professional", "invented rule"),
    Assumption("A21", "order: 401, 403, 429, idempotency, 400, 422, 402", "price needs parameters"),
    Assumption("A22", "job type is video_generation", "old example article_generation"),
    Assumption("A23", "result and error are {} before the end", "type object, not nullable"),
    Assumption("A24", "foreign ids are 404, never 403", "workspace isolation"),
    Assumption("A25", "unknown routes are 404, wrong methods 405, in the envelope", "agent skill"),
    Assumption("A27", "the video's address does not expire", "front end hints at 14 days"),
    Assumption("A28", "balance.low is sent on falling below 5.0000", "see the quirk"),
    Assumption("A29", "defaults are the first listed values", "example values"),
    Assumption("413", "a body over 16 MiB is 413 PAYLOAD_TOO_LARGE", "no limit is documented"),
    Assumption("depleted", "balance.depleted is sent on reaching 0", "only its name is documented"),
    Assumption(
        "eleventh", "an eleventh active webhook is 422 naming url or status", "no code given"
    ),
    Assumption(
        "held", "what waits for a paused or failing webhook goes on when it is active", "none"
    ),
    Assumption("redirects", "a receiver's redirect is a failed attempt", "not documented"),
    Assumption(
        "rehearsal", "a failed webhook.test is dead_letter and counts for nothing", "no retry"
    ),
    Assumption(
        "log-rows",
        "a delivery's log row is delivery_ and its number; a refunding cancel costs 0.0000",
        "only the fields are documented",
    ),
    Assumption(
        "payloads",
        "a log row's bodies are request_payload and response_payload",
        "only their being",
    ),
    Assumption("replay", "a delivery still pending cannot be replayed: 422", "422 is declared"),
    Assumption("health", "GET /health answers {status: ok} in the envelope", "only its being open"),
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
