"""Gemini's handlers for files: those that a video is handed over in, and those that are sent.

Source: ai.google.dev/gemini-api/docs/files and google-genai 2.34.0 and 3.6.1. A client that was
given a full address asks for it within a path of its own, and its query after another one: whatever
stands before the last `files/` is passed over, and so is what the query says.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Flaw, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.media.uploads import Upload
from bodydouble.core.wire import Call, Reply, Served
from bodydouble.providers.gemini.errors import SERVICE, bad, version_of
from bodydouble.providers.gemini.replies import KEPT_US, available, file, file_id, sent_file

PAGE_USUAL, PAGE_MAX = 10, 100
NAME_MAX = 512
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_ID = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_OF_BYTES = "upload, finalize"


def base_of(call: Call) -> str:
    """Where the API is that was asked, for addresses in replies."""
    return f"{call.root.removesuffix('/upload')}/{version_of(call)}"


async def listed(call: Call, view: AccountView) -> Reply:
    """A page of files: those that were sent, then those that were made, each the newest first."""
    text, token = call.query.get("pageSize", ""), call.query.get("pageToken", "")
    if text and not (text.isdecimal() and len(text) < 10):
        raise bad("pageSize", Flaw.TYPE, "Invalid value at 'page_size'", text)
    size = min(int(text or 0), PAGE_MAX) or PAGE_USUAL
    known = [one for one in await view.uploads() if _ready(one, view.now_us)]
    place = int(token) if token.isdecimal() and len(token) < 6 else 0
    sent = [] if token and not token.isdecimal() else known[place : place + size]
    shown: list[dict[str, Any]] = [sent_file(upload) for upload in sent]
    following = str(place + size) if len(known) > place + size and sent else ""
    if len(shown) < size:

        def keep(job: Job) -> bool:
            return available(job, view.now_us)

        cursor = "" if token.isdecimal() else token
        page = await view.page(cursor, limit=size - len(shown), keep=keep)
        shown += [file(job) for job in page.jobs]
        following = page.next or ""
    body: dict[str, Any] = {"files": shown} if shown else {}
    return Reply(200, body | ({"nextPageToken": following} if following else {}))


async def read(call: Call, view: AccountView) -> Reply:
    """A file, without its bytes."""
    found = await _found(call.params["id"], view)
    return Reply(200, sent_file(found) if isinstance(found, Upload) else file(found))


async def download(call: Call, view: AccountView) -> Reply:
    """The bytes of a file that was made; what was sent is not given back."""
    found = await _found(call.params["id"], view)
    if isinstance(found, Upload):
        raise bad("file", Flaw.UNSUPPORTED, "Only generated files can be downloaded.")
    return Reply(200, Served(found.id, "mp4"), media_type="video/mp4")


async def remove(call: Call, view: AccountView) -> Reply:
    """Deletes a file, and with it what is known of how it was made."""
    found = await _found(call.params["id"], view)
    if isinstance(found, Upload):
        await view.delete_upload(found.id)
    else:
        await view.mark_deleted(found)
    return Reply(200, {})


async def check_file(uri: str, call: Call, view: AccountView) -> None:
    """A file of this API that a request names is there. Refused: NOT_FOUND."""
    ours = uri.startswith("files/") or SERVICE in uri or uri.startswith(f"{call.root}/")
    if ours and "files/" in uri:
        await _found(uri.partition("?")[0].removesuffix(":download"), view)


async def _found(name: str, view: AccountView) -> Job | Upload:
    """The job that made a file, or the file that was sent. Refused: NOT_FOUND."""
    id = name.rpartition("files/")[2]
    job = await view.job(id)
    if job is not None and file_id(job) == id and available(job, view.now_us):
        return job
    upload = await view.upload(id)
    if upload is None or not _ready(upload, view.now_us):
        raise Refused(Cause.NOT_FOUND, file=id)
    return upload


def _ready(upload: Upload, now_us: int) -> bool:
    return bool(upload.blob) and now_us < upload.expires_at_us


# Sending -----------------------------------------------------------------------------------------


async def start_upload(call: Call, view: AccountView) -> Reply:
    """Announces a file; the reply's header says where its bytes go, which want no key there."""
    protocol = call.header(b"x-goog-upload-protocol") or ""
    command = call.header(b"x-goog-upload-command") or ""
    if (protocol.lower(), command.lower()) != ("resumable", "start"):
        raise bad("", Flaw.UNSUPPORTED, "Only resumable uploads are supported: command start.")
    told = call.json_object().get("file", {}) if call.content.strip() else {}
    if not isinstance(told, dict):
        raise bad("file", Flaw.TYPE, "Invalid value at 'file'.", told)
    serial = await view.upload_count() + 1
    id = _text(told, "name").removeprefix("files/") or view.draw("file", serial).text(12, LETTERS)
    if not _ID.fullmatch(id):
        raise bad("file.name", Flaw.FORMAT, "Invalid value at 'file.name'.", id)
    if await view.upload(id) is not None or await view.job(id) is not None:
        raise bad("file.name", Flaw.CONFLICT, f"File files/{id} already exists.", id)
    kind = call.header(b"x-goog-upload-header-content-type") or _text(told, "mimeType")
    made = Upload(
        id=id,
        group=view.account.id,
        order=serial,
        key=_text(told, "displayName") or _text(told, "display_name"),
        extension="",
        created_at_us=view.now_us,
        expires_at_us=view.now_us + KEPT_US,
        form={
            "base": base_of(call),
            "mimeType": kind[:NAME_MAX] or "application/octet-stream",
        },
    )
    address = await view.open_upload(made)
    said = (("x-goog-upload-url", address), ("x-goog-upload-status", "active"))
    return Reply(200, None, said)


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str) or len(value) > NAME_MAX:
        raise bad(f"file.{name}", Flaw.TYPE, f"Invalid value at 'file.{name}'.", value)
    return value


def received(upload: Upload, data: bytes, headers: Mapping[str, str]) -> tuple[Upload, Reply]:
    """A file whose bytes came, all at once, as it is kept; and the reply. Refused: INVALID."""
    command = headers.get("x-goog-upload-command", "").lower().replace(" ", "")
    if command != _OF_BYTES.replace(" ", "") or headers.get("x-goog-upload-offset", "0") != "0":
        text = f"The bytes of a file come at once: command '{_OF_BYTES}' and offset 0."
        raise bad("", Flaw.UNSUPPORTED, text)
    kept = replace(upload, form={**upload.form, **_measured(data)})
    body = {"file": sent_file(kept)}
    return kept, Reply(200, body, (("x-goog-upload-status", "final"),))


def _measured(data: bytes) -> dict[str, str]:
    from hashlib import sha256

    digest = sha256(data).hexdigest().encode()
    return {"sizeBytes": str(len(data)), "sha256Hash": b64encode(digest).decode()}
