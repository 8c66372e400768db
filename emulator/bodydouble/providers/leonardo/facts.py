"""What about Leonardo is disputed (quirks) and what is guessed (assumptions), for everybody to see.

Numbers are those of the fact sheet's section 14. Data only.
"""

from __future__ import annotations

from bodydouble.core.provider import Assumption, Quirk

QUIRKS = (
    Quirk(
        "leonardo.plan",
        "payg",
        ("payg", "credits"),
        "creates answer pay-as-you-go dollars with apiCreditCost null, or integer credits",
        "A15: examples of the specification against the calculator guide",
    ),
    Quirk(
        "leonardo.prompt_block_status",
        403,
        (403, 400),
        "status of a prompt refused by the content filter",
        "A24: errors page against the NSFW guide",
    ),
    Quirk(
        "leonardo.blocked_prompts",
        "words",
        ("words", "none"),
        "which prompts the content filter refuses: those with a listed word, or none",
        "the vendor's list is not public; ours is in moderation.json",
    ),
    Quirk(
        "leonardo.image_field",
        False,
        (False, True),
        "image-to-video takes `image` in place of imageId with imageType",
        "seed page: use only image or imageId with imageType; no schema has it",
    ),
    Quirk(
        "leonardo.null_fields",
        "null",
        ("null", "omit"),
        "a generation's empty fields are null, or left out for the TypeScript client",
        "A16: captures against that client's checks",
    ),
    Quirk(
        "leonardo.motion_fields",
        "top",
        ("top", "schema"),
        "motion fields beside generated_images, or inside each image as well",
        "A17: captures against the schema",
    ),
    Quirk(
        "leonardo.not_found",
        "null",
        ("null", 404),
        "an unknown generation is null, or a 404 to test defensive clients with",
        "A2: nullable schema; nobody documents a 404",
    ),
    Quirk(
        "leonardo.retired_models",
        False,
        (False, True),
        "SVD, VEO3, VEO3FAST and KLING2_1 are refused, as after their retirement",
        "A26: deprecations page of 2026-07-09",
    ),
    Quirk(
        "leonardo.lenient_models",
        False,
        (False, True),
        "Kling2_5 and VEO3_0 in a body mean KLING2_5 and VEO3",
        "A7: samples of guides against the schema",
    ),
    Quirk(
        "leonardo.end_frame",
        "seed",
        ("seed", "guides"),
        "endFrameImage on KLING2_1 (and VEO3_1) alone, or on KLING2_5 as well",
        "A4: seed page against the Kling 2.5 guide of 2026-01-23",
    ),
    Quirk(
        "leonardo.elements",
        "reject",
        ("reject", "ignore"),
        "elements on a model without them are refused, or ignored",
        "A4: said to be for Motion 2.0 only, no error given",
    ),
    Quirk(
        "leonardo.refund_failed",
        True,
        (True, False),
        "a failed generation gives its credits back",
        "A13: not stated anywhere",
    ),
    Quirk(
        "leonardo.retry_after",
        False,
        (False, True),
        "a 429 carries Retry-After",
        "A10: no such header was ever seen",
    ),
    Quirk("leonardo.requests_per_minute", 2000, (), "requests a minute", "limits, 2026-07-01"),
    Quirk(
        "leonardo.submissions_per_minute",
        100,
        (),
        "requests a minute to each create endpoint",
        "A11: limits page, by analogy with images",
    ),
    Quirk("leonardo.concurrent_jobs", 10, (), "jobs that run at once", "A11: limits page"),
    Quirk("leonardo.pending_jobs", 200, (), "jobs that may wait", "A11: limits page"),
    Quirk("leonardo.prompt_max_length", 1500, (), "characters of a prompt", "A20: errors page"),
    Quirk("leonardo.upload_lifetime_s", 120, (), "seconds to upload in", "upload guide"),
)

ASSUMPTIONS = (
    Assumption("A1", "a missing key is a 401 like an unknown one", "the page treats both alike"),
    Assumption("A2", "unknown and foreign ids are null, malformed ones 400", "see the quirk"),
    Assumption("A3", "a value the model does not make is 400, text ours", "guides say refused"),
    Assumption(
        "A4", "extras on models without them and seeds out of range are 400", "'supported only'"
    ),
    Assumption("A5", "duration is ignored on MOTION2 and MOTION2FAST", "clients always send 8"),
    Assumption("A6", "KLING2_1 from text is 400", "a guide calls the start frame mandatory"),
    Assumption(
        "A7", "VEO3_1 and VEO3_1FAST are taken; other unknown models 400", "guide; engine wording"
    ),
    Assumption("A8", "type errors on video name args.arg1 of the job field", "the image path"),
    Assumption(
        "A9",
        "image ids: malformed, unknown, foreign, never uploaded, or no picture are 400",
        "texts documented for images",
    ),
    Assumption("A10", "limits are 429 in the usual body", "no body is documented"),
    Assumption("A11", "limits of video are those of images", "guide to concurrency"),
    Assumption("A12", "an empty wallet is 400 before a job exists", "observed on images"),
    Assumption("A13", "failures are refunded", "see the quirk"),
    Assumption("A14", "/me shows whole credits on every plan", "client types are integers"),
    Assumption("A15", "credit plans get apiCreditCost and cost in CREDITS", "enum of units"),
    Assumption("A16", "scheduler, sdVersion and others are null on video", "captures"),
    Assumption("A17", "motion fields stand at the top", "captures"),
    Assumption("A18", "isPublic and promptEnhance false, frameInterpolation true", "examples"),
    Assumption("A19", "a video lies as its start frame does, Veo landscape", "v2 guides"),
    Assumption("A20", "prompts end at 1500 characters; an empty one is refused", "errors page"),
    Assumption("A21", "lists are newest first, 100 rows at most", "usual design"),
    Assumption("A22", "form fields of an upload are a presigned post's; key must match", "AWS"),
    Assumption("A23", "a webhook says video_generation.complete whatever the end", "a wrapper"),
    Assumption("once", "a callback is tried once and never again", "no retry is documented"),
    Assumption("bounds", "negative prompts end where prompts do; 24 elements at most", "ours"),
    Assumption("A24", "a blocked prompt is 403; our word list is short", "newer page"),
    Assumption("A25", "motionStrength 1 to 10, usually 5; SVD clips last 4 s", "a client"),
    Assumption("A26", "retired models still work", "see the quirk"),
    Assumption("A27", "720p costs twice 480p; an upscale 100; most prices", "no complete table"),
    Assumption("A28", "deleting a pending job forgets it, no refund, it runs on", "no cancel"),
    Assumption("A29", "one missing field is named: prompt, imageId, imageType", "the example"),
    Assumption("args", "in query and body, the body wins; unknown first, then missing", "engine"),
    Assumption("upscale", "generationId of an upscale is a generation of its own", "two ids"),
    Assumption("seeded", "the first three images' generation cannot be deleted", "it is ours"),
    Assumption(
        "still", "a video's image as start frame shows what that video started from", "ours"
    ),
    Assumption("nsfw", "a COMPLETE video with a flagged word is nsfw:true; our list", "captures"),
    Assumption("720", "MOTION2 at 720 makes 1280x720 and 720x1280", "no sizes are published"),
    Assumption("413", "a body over 16 MiB is 413", "no limit is documented"),
    Assumption("elements", "an unknown akUUID is 400; weights 0 to 2 are ours", "nothing said"),
)
