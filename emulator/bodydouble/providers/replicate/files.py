"""Replicate's files: what a client hands over before it asks for a prediction, kept for a day.

Source: replicate.com/docs/reference/http (files) and the clients, which send a form with `content`
and sometimes `metadata`, and use `urls.get` as an input.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import DAY_US, iso_ms
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.forms import Part
from bodydouble.core.media.sizes import picture_size
from bodydouble.core.media.uploads import BLOB_BYTES_MAX, Upload, blob
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.replicate.inputs import invalid, problem
from bodydouble.providers.replicate.replies import base_of

NAME_CHARS_MAX = 255
METADATA_CHARS_MAX = 10_000


async def create(call: Call, view: AccountView) -> Reply:
    """Keeps a file."""
    form = call.form
    content = form.files.get("content")
    if content is None:
        raise invalid([problem("required", "", "content is required")])
    if len(content.data) > BLOB_BYTES_MAX:
        raise Refused(Cause.TOO_LARGE)
    kept, size = blob(content.data), picture_size(content.data) or (0, 0)
    serial = await view.upload_count() + 1
    made = Upload(
        id=view.draw("file", serial).text(48),
        group=view.account.id,
        order=serial,
        key=(content.filename or "file")[:NAME_CHARS_MAX],
        extension="",
        created_at_us=view.now_us,
        expires_at_us=view.now_us + DAY_US,
        width=size[0],
        height=size[1],
        form={
            "content_type": content.media_type or "application/octet-stream",
            "metadata": _metadata(form.files.get("metadata") or form.fields.get("metadata")),
            "sha256": sha256(content.data).hexdigest(),
            "size": str(len(content.data)),
        },
    )
    await view.keep_upload(made, kept)
    return Reply(201, _file(made, call))


def _metadata(given: Part | str | None) -> str:
    text = given if isinstance(given, str) else given.text if given is not None else ""
    if not text:
        return "{}"
    try:
        told = json.loads(text) if len(text) <= METADATA_CHARS_MAX else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise invalid([problem("invalid_type", "metadata", "metadata must be a JSON object")])
    return json.dumps(told)


async def listed(call: Call, view: AccountView) -> Reply:
    """The account's files that have not expired, newest first."""
    found = [_file(one, call) for one in await view.uploads() if view.now_us < one.expires_at_us]
    return Reply(200, {"next": None, "previous": None, "results": found})


async def read(call: Call, view: AccountView) -> Reply:
    """What is known of a file."""
    return Reply(200, _file(await _found(call, view), call))


async def remove(call: Call, view: AccountView) -> Reply:
    """Drops a file."""
    await view.delete_upload((await _found(call, view)).id)
    return Reply(204)


async def _found(call: Call, view: AccountView) -> Upload:
    upload = await view.upload(call.params["id"])
    if upload is None or view.now_us >= upload.expires_at_us:
        raise Refused(Cause.NOT_FOUND, id=call.params["id"])
    return upload


def _file(upload: Upload, call: Call) -> dict[str, Any]:
    digest = upload.form["sha256"]
    return {
        "id": upload.id,
        "name": upload.key,
        "content_type": upload.form["content_type"],
        "size": int(upload.form["size"]),
        "etag": digest[:32],
        "checksums": {"sha256": digest, "md5": digest[:32]},
        "metadata": json.loads(upload.form["metadata"]),
        "created_at": iso_ms(upload.created_at_us),
        "expires_at": iso_ms(upload.expires_at_us),
        "urls": {"get": f"{base_of(call)}/files/{upload.id}"},
    }
