"""Gemini's handlers for files: those that a video is handed over in.

Source: ai.google.dev/api/files and google-genai 2.34.0 and 3.6.1. A client that was given a full
address asks for it within a path of its own, and its query after another one: whatever stands
before the last `files/` is passed over, and so is what the query says.
"""

from __future__ import annotations

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Flaw, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.wire import Call, Reply, Served
from bodydouble.providers.gemini.errors import bad
from bodydouble.providers.gemini.replies import available, file, file_id

PAGE_USUAL, PAGE_MAX = 10, 100


async def listed(call: Call, view: AccountView) -> Reply:
    """A page of files, the newest first."""
    text = call.query.get("pageSize", str(PAGE_USUAL))
    size = int(text) if text.isdecimal() and len(text) < 6 else -1
    if not 0 <= size <= PAGE_MAX:
        say = f"page_size must be between 0 and {PAGE_MAX}."
        raise bad("pageSize", Flaw.RANGE, say, text)

    def keep(job: Job) -> bool:
        return available(job, view.now_us)

    page = await view.page(call.query.get("pageToken", ""), limit=size or PAGE_USUAL, keep=keep)
    body = {"files": [file(job) for job in page.jobs]} if page.jobs else {}
    return Reply(200, body | ({"nextPageToken": page.next} if page.next else {}))


async def read(call: Call, view: AccountView) -> Reply:
    """A file, without its bytes."""
    return Reply(200, file(await _found(call, view)))


async def download(call: Call, view: AccountView) -> Reply:
    """A file's bytes."""
    job = await _found(call, view)
    return Reply(200, Served(job.id, "mp4"), media_type="video/mp4")


async def remove(call: Call, view: AccountView) -> Reply:
    """Deletes a file, and with it what is known of how it was made."""
    await view.mark_deleted(await _found(call, view))
    return Reply(200, {})


async def _found(call: Call, view: AccountView) -> Job:
    """The job that made a file. Refused: NOT_FOUND."""
    id = call.params["id"].rpartition("files/")[2]
    job = await view.job(id)
    if job is None or file_id(job) != id or not available(job, view.now_us):
        raise Refused(Cause.NOT_FOUND, file=id)
    return job
