"""How much one sandbox keeps of what clients send; other bounds stand beside what they bound.

`docs/bounds.md` lists them all. Money bounds most clients long before.
"""

from __future__ import annotations

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Submission
from bodydouble.core.sandboxes import Counter

JOBS_PER_SANDBOX_MAX = 200_000
TEXT_LONG = 4_096
"""Characters of a job that are not counted: the number of jobs bounds them."""
TEXTS_PER_SANDBOX_MAX = 64 * 1024 * 1024


def check_room(submission: Submission, serial: int, kept: int) -> Counter | None:
    """The characters that all long texts of jobs have with this one; None if this one is short.

    Refused(INTERNAL), with what to do, where there is no room.
    """
    if serial > JOBS_PER_SANDBOX_MAX:
        raise Refused(Cause.INTERNAL, "this sandbox has as many jobs as it may: make another")
    size = len(submission.prompt) + len(str(submission.extra))
    if size <= TEXT_LONG:
        return None
    if kept + size > TEXTS_PER_SANDBOX_MAX:
        raise Refused(Cause.INTERNAL, "this sandbox's jobs have as much text as they may keep")
    return Counter("texts", kept + size)
