"""What about InfinityBlue is disputed (quirks) and what is guessed (assumptions), for all to see.

Numbers such as U1, A.5 and C.4 are the fact sheet's. Data only.
"""

from __future__ import annotations

from bodydouble.core.provider import Assumption, ClientRules, Quirk

QUIRKS = (
    Quirk(
        "infinityblue.wire",
        "documented",
        ("documented", "newapi"),
        "bodies and errors as the vendor's pages have them, or as stock new-api sends them",
        "U1, A.4 against C.3 to C.5: the documented poll body is not what stock code sends",
    ),
    Quirk(
        "infinityblue.auth_error_type",
        "authentication_error",
        ("authentication_error", "invalid_request_error"),
        "the type of a 401",
        "A.5: the errors page's table against its own sample",
    ),
    Quirk(
        "infinityblue.empty_wallet_status",
        403,
        (403, 402),
        "the status of a create that the wallet does not cover",
        "U4: not documented; stock new-api says 403, other deployments 402",
    ),
    Quirk(
        "infinityblue.creates_per_minute",
        60,
        (),
        "creates a minute for each key; 0 is no limit; the newapi wire never has one",
        "U8: a limit and Retry-After are documented, no number is",
    ),
    Quirk(
        "infinityblue.poller_pass_seconds",
        15,
        (),
        "newapi wire: seconds between two passes of the background poller; 0 shows states at once",
        "C.2: one pass each 15 s",
    ),
)

ASSUMPTIONS = (
    Assumption("U1", "polls answer the flat documented body", "the pages; see infinityblue.wire"),
    Assumption("U4", "an empty wallet is 403 insufficient_user_quota", "stock new-api, C.5.1"),
    Assumption("U6", "every price is a placeholder", "no price list is public"),
    Assumption("U7", "result links and task ids do not expire", "nothing documented"),
    Assumption("U8", "60 creates a minute and key, polls unlimited", "no number documented"),
    Assumption("U9", "the newapi wire is that of February 2026 and later", "latest known, C"),
    Assumption("A.2-models", "GET /v1/models has the stock form", "named only; C.9"),
    Assumption("A.2-billing", "subscription, usage and token routes are stock", "docs shared, C.8"),
    Assumption("A.2-none", "no cancel, delete, list or webhooks: 404", "no such stock routes"),
    Assumption(
        "A.2-videos",
        "/v1/videos and /kling/v1 are unknown routes; newapi wire: as stock",
        "no page",
    ),
    Assumption("A.3-model", "any id but the four documented examples is 404", "errors page"),
    Assumption(
        "A.3-ranges",
        "duration 1 to 60 s, sides 16 to 4096, fps 1 to 60, n 1 to 10, seed within 2^53",
        "no range is documented; these are what can be made here",
    ),
    Assumption(
        "A.3-size", "1280 x 720 when absent, 16:9 from one side, odd sides made even", "A.3"
    ),
    Assumption("A.3-duration", "5 s for Kling and 8 s for Veo when absent", "samples; C.7"),
    Assumption("A.3-fps", "24 frames a second when absent", "nothing documented"),
    Assumption("A.3-n", "n is accepted, one video is made and charged", "stock drops n; one url"),
    Assumption("A.3-format", "response_format other than url is refused", "the page says: use url"),
    Assumption(
        "A.3-metadata", "metadata is checked to be an object and not used", "varies by model"
    ),
    Assumption("A.3-sound", "Veo videos have sound, Kling's have none", "the models' own nature"),
    Assumption("A.3-image", "an image is PNG, JPEG or WebP of up to 12 MiB", "no rule documented"),
    Assumption(
        "A.4-error", "error.code of a failed task is 400, 500 or 504", "documented: integer"
    ),
    Assumption(
        "A.5-401", "a 401 has type authentication_error", "table over sample, see the quirk"
    ),
    Assumption("A.5-codes", "codes but invalid_api_key", "promised stable, not listed"),
    Assumption(
        "A.5-task", "an unknown or foreign task is 404 task_not_exist", "docs of the schema"
    ),
    Assumption("A.5-405", "a wrong method is 404, too", "stock new-api has no 405"),
    Assumption("A.5-413", "a body over 16 MiB is 413", "row documented, bound ours"),
    Assumption("A.6", "charged on create, refunded in full on failure", "C.7"),
    Assumption("D.1-id", "task ids are task_ and 32 alphanumerics", "stock; the sample has 12"),
    Assumption("D.1-request", "every answer carries X-Oneapi-Request-Id", "stock header"),
    Assumption(
        "D.2", "2 s queued, then 3 s and half the clip's length", "no timing but 30 s to min"
    ),
    Assumption(
        "C.2-passes",
        "newapi wire: passes are counted from a task's acceptance, refunds come at the true end",
        "the real passes have a phase of their own",
    ),
    Assumption(
        "C.4-upstream", "newapi wire: data.data has Kling's public form", "raw upstream, not shown"
    ),
    Assumption(
        "C.4-veo", "newapi wire: a failed Veo task is refunded, too", "C.4.2 reads otherwise"
    ),
    Assumption(
        "C.7-bounds",
        "newapi wire: 1 to 60 s, known ratios and modes, cfg_scale 0 to 1, else task_failed",
        "the upstream's refusals are not documented here",
    ),
    Assumption("C.8-wallet", "a key's quota is its account's wallet", "simplest reading"),
    Assumption("C.9-key", "the model list takes x-api-key, x-goog-api-key or ?key=", "dialects"),
)

LEFT_OUT = (
    "POST /v1/chat/completions and every other product of the vendor",
    "tokens-per-minute limits",
    "newapi wire: form and compressed bodies, POST /v1/videos/{id}/remix",
    "newapi wire: the dashboard's own routes and pages",
    "newapi wire: eras before February 2026, and keys that name a channel (sk-KEY-CHANNEL)",
)

_POLLS = "newdocs.getinfinityblue.com/en-videos/videos/get-video-generation-task-status"

CLIENT_RULES = ClientRules(
    # Both from the same page: polls every 5 to 10 s, and a client's timeout of 10 minutes.
    poll_s=5,
    deadline_s=600,
    pages={
        "poll-too-fast": _POLLS,
        "no-deadline": _POLLS,
        "ignored-retry-after": "newdocs.getinfinityblue.com/quickstart/errors",
    },
)
