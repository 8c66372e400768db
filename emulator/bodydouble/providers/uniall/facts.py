"""What about UniAll is disputed (quirks) and what is guessed (assumptions), for everybody to see.

Numbers such as U2, V4 and B.5 are the fact sheet's. Data only.
"""

from __future__ import annotations

from bodydouble.core.provider import Assumption, Quirk

QUIRKS = (
    Quirk(
        "uniall.wire",
        "documented",
        ("documented", "newapi"),
        "bodies as the vendor's pages have them, or as stock new-api sends them",
        "B.2 to B.5 against C.3, C.4",
    ),
    Quirk(
        "uniall.error_envelope",
        "newapi",
        ("newapi", "openai"),
        "errors as new-api sends them, or each wrapped as {error: {message, type, code, param}}",
        "U3, B.7: no page shows an error",
    ),
    Quirk(
        "uniall.text_multi_prompt",
        False,
        (False, True),
        "multi_prompt without image is accepted",
        "V3: called an image mode; other hosts allow it for text",
    ),
    Quirk(
        "uniall.concurrent_tasks",
        0,
        (),
        "unfinished tasks an account may have, then creates are 429; 0 is no cap",
        "B.7: concurrency tiers are advertised without numbers",
    ),
    Quirk(
        "uniall.poller_pass_seconds",
        15,
        (),
        "newapi wire: seconds between two passes of the background poller; 0 shows states at once",
        "C.2: one pass each 15 s",
    ),
)

ASSUMPTIONS = (
    Assumption("U2", "the body of a create", "the Sora 2 page, its relay in new-api, B.4"),
    Assumption("U3", "every error, its envelope and code", "UniAll looks like new-api, B.7"),
    Assumption("U5", "a prompt-less multi_prompt is accepted", "its own example, against C.3"),
    Assumption("U6", "prices are another host's for the same models", "none found, B.7"),
    Assumption("U7", "result links and task ids do not expire", "nothing documented"),
    Assumption("U9", "the newapi wire is that of February 2026 and later", "latest known, C"),
    Assumption("B.2-alias", "both create paths and all three poll paths answer alike", "pages mix"),
    Assumption("B.2-content", "GET /v1/videos/{id}/content hands the file through", "C.5.3"),
    Assumption("B.2-data", "images may also be data URIs", "pages show URLs only"),
    Assumption(
        "B.4-model", "model is the requested id", "the Sora sample shows an upstream's name"
    ),
    Assumption("B.5-union", "polls are the union of two sibling samples", "no Kling query page"),
    Assumption("B.5-nulls", "video_url, result, thumbnail_url, error are null till then", "B.5"),
    Assumption("B.5-failed", "error of a failed task is {code: task_failed, message}", "B.5"),
    Assumption("B.5-final", "duration and metadata come with the end only", "samples are finished"),
    Assumption("B.5-progress", "progress is the share of the drawn running time", "integer 0-100"),
    Assumption("B.5-thumbnail", "thumbnail_url is a poster once completed", "string or null"),
    Assumption("B.6-models", "the four Kling ids are all that is listed", "what is emulated"),
    Assumption(
        "B.6-gemini", "Google's form of the list is {models: [{name, displayName}]}", "its API"
    ),
    Assumption("B.6-one", "GET /v1/models/{id} answers as stock new-api", "not documented"),
    Assumption(
        "B.7-refund", "a failed task is refunded in full", "refund eligibility is documented"
    ),
    Assumption("B.7-price", "price per second of output and model", "siblings' unit"),
    Assumption("B.7-cap", "a capped create is 429 with Retry-After 5", "no numbers"),
    Assumption("B.7-rate", "no request-rate limit", "stock video routes have none, C.1"),
    Assumption("V2", "at least one of prompt and multi_prompt", "not both is documented"),
    Assumption("V3", "text mode needs prompt and takes no multi_prompt", "called an image mode"),
    Assumption("V4", "duration may be a numeric string, never a fraction", "table: string"),
    Assumption("V5", "duration is 5 when absent", "other hosts of the model"),
    Assumption("V6", "a wrong aspect_ratio beside an image is ignored", "not guaranteed there"),
    Assumption("V7", "aspect_ratio is 16:9 when absent", "other hosts of the model"),
    Assumption("V8", "last_image requires image", "it is the end of a pair"),
    Assumption("V9", "last_image and multi_prompt exclude each other", "other hosts"),
    Assumption(
        "V10",
        "cfg_scale 0 to 1; texts to 2500 characters; 6 shots of 512; data URIs are JPEG or PNG of "
        "up to 10 MB, 300 px and more a side, at most 2.5 to 1",
        "other hosts of the model",
    ),
    Assumption("V10-shot", "shot_type is customize or intelligent, others are refused", "listed"),
    Assumption("V11", "shot lengths, where all shots have one, add up to duration", "other hosts"),
    Assumption("V12", "unknown fields are ignored", "raw JSON is forwarded on such channels"),
    Assumption(
        "V13", "std makes 720p, pro 1080p", "other hosts; the audio in the id is documented"
    ),
    Assumption("413", "a body over 16 MiB is 413", "stock has 128 MB; the bound is ours"),
    Assumption("A.5-405", "a wrong method is 404, too", "stock new-api has no 405"),
    Assumption("D.1-id", "task ids are task_ and 32 alphanumerics", "Happy-Horse prefix, stock"),
    Assumption("D.1-request", "every answer carries X-Oneapi-Request-Id", "stock header"),
    Assumption("D.2", "2 s queued, then 3 s and half the clip's length", "no timing documented"),
    Assumption(
        "C.2-passes",
        "newapi wire: passes are counted from a task's acceptance, refunds come at the true end",
        "the real passes have a phase of their own",
    ),
    Assumption("C.4-upstream", "newapi wire: data.data has Kling's public form", "raw, not shown"),
    Assumption(
        "C.7-price", "newapi wire: still charged per second", "a stock Kling channel would be flat"
    ),
    Assumption("C.7-bounds", "newapi wire: 1 to 60 s, else task_failed", "upstream's, not shown"),
    Assumption("C.8-wallet", "billing routes are stock; a key's quota is the wallet", "B.7, C.8"),
    Assumption("C.9-key", "the model list takes x-api-key, x-goog-api-key or ?key=", "dialects"),
    Assumption(
        "C.10", "the word Bearer is demanded but on the newapi wire", "as its pages write it"
    ),
)

LEFT_OUT = (
    "the newer facade of 2026-05 (generation_mode, estimates, webhooks, idempotency)",
    "every model but the four Kling v3 ids; images, chat",
    "newapi wire: form and compressed bodies, POST /v1/videos/{id}/remix, GET /v1beta/models",
    "newapi wire: the dashboard's own routes and pages",
    "newapi wire: eras before February 2026, and keys that name a channel (sk-KEY-CHANNEL)",
)
