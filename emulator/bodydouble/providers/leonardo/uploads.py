"""Init images and media: announcing a presigned upload, and what became of it.

The upload itself is an S3 form post that carries no key and is served beside the vendors. Sources:
OAS, for media of 2026-04-15; docs.leonardo.ai/docs/how-to-upload-an-image-using-a-presigned-url.
The form fields are those of any presigned post (A22); none of them opens anything.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import SECOND_US, moment
from bodydouble.core.media.uploads import Upload
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.leonardo.errors import invalid
from bodydouble.providers.leonardo.replies import created_at, respond
from bodydouble.providers.leonardo.variables import Variable, read_uuid, read_variables

BUCKET = "bodydouble-init-images"
_EXTENSION = (Variable("extension", required=True),)


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be uploaded: the API's names for the three things one does, its folder and types."""

    announced: str
    read: str
    deleted: str
    folder: str
    types: Mapping[str, str]


INIT_IMAGE = Kind(
    "uploadInitImage",
    "init_images_by_pk",
    "delete_init_images_by_pk",
    "initImages",
    {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"},
)
MEDIA = Kind(
    "uploadMedia",
    "uploaded_media_by_pk",
    "delete_uploaded_media_by_pk",
    "media",
    {"mp4": "video/mp4", "mov": "video/quicktime"},
)


async def announce_image(call: Call, view: AccountView) -> Reply:
    """`POST /init-image`: where and how to post the file."""
    upload, form, url = await _announce(call, view, INIT_IMAGE)
    said = {"id": upload.id, "fields": form, "key": upload.key, "url": url}
    return respond({INIT_IMAGE.announced: said})


async def announce_media(call: Call, view: AccountView) -> Reply:
    """`POST /media`: the same for a video."""
    upload, form, url = await _announce(call, view, MEDIA)
    return respond({MEDIA.announced: {"uploadId": upload.id, "url": url, "fields": form}})


async def _announce(call: Call, view: AccountView, kind: Kind) -> tuple[Upload, str, str]:
    """An announced upload, its form fields as text, and its address."""
    extension = read_variables(call, kind.announced, _EXTENSION)["extension"]
    if extension not in kind.types:
        raise invalid("invalid file extension")
    serial = await view.upload_count() + 1
    id = view.draw("upload", serial).uuid4()
    key = f"users/{view.account.user_id}/{kind.folder}/{id}.{extension}"
    until_us = view.now_us + call.quirk("leonardo.upload_lifetime_s") * SECOND_US
    form = _form(view, id, key, until_us)
    upload = Upload(
        id=id,
        group=view.account.id,
        order=serial,
        key=key,
        extension=extension,
        created_at_us=view.now_us,
        expires_at_us=until_us,
        form=form,
    )
    url = await view.open_upload(upload)
    return upload, json.dumps({"Content-Type": kind.types[extension], **form}), url


def _form(view: AccountView, id: str, key: str, until_us: int) -> dict[str, str]:
    draw = view.draw("presigned", id)
    now = moment(view.now_us)
    policy = {
        "expiration": f"{created_at(until_us)}Z",
        "conditions": [{"bucket": BUCKET}, {"key": key}],
    }
    return {
        "bucket": BUCKET,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"BODYDOUBLE/{now:%Y%m%d}/us-east-1/s3/aws4_request",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-Security-Token": draw.text(64),
        "key": key,
        "Policy": base64.b64encode(json.dumps(policy).encode()).decode(),
        "X-Amz-Signature": draw.text(64),
    }


async def get_image(call: Call, view: AccountView) -> Reply:
    """`GET /init-image/{id}`; the address of a file that never came leads nowhere."""
    upload = await _upload(call, view, INIT_IMAGE, INIT_IMAGE.read)
    if upload is None:
        return respond({INIT_IMAGE.read: None})
    return respond({INIT_IMAGE.read: _row(upload, view)})


async def get_media(call: Call, view: AccountView) -> Reply:
    """`GET /media/{id}`; what a video is like is not looked into, and its states are assumed."""
    upload = await _upload(call, view, MEDIA, MEDIA.read)
    if upload is None:
        return respond({MEDIA.read: None})
    unknown = ("thumbnailUrl", "statusReason", "duration", "width", "height", "video_fps")
    row = _row(upload, view) | dict.fromkeys(unknown)
    row |= {"status": "COMPLETE" if upload.blob else "PENDING", "mediaType": "VIDEO"}
    return respond({MEDIA.read: row})


def _row(upload: Upload, view: AccountView) -> dict[str, Any]:
    url = view.picture_link("blob", upload.blob or upload.id, upload.extension)
    return {"id": upload.id, "createdAt": created_at(upload.created_at_us), "url": url}


async def delete_image(call: Call, view: AccountView) -> Reply:
    """`DELETE /init-image/{id}`; videos made from it keep showing it."""
    return await _delete(call, view, INIT_IMAGE)


async def delete_media(call: Call, view: AccountView) -> Reply:
    """`DELETE /media/{id}`."""
    return await _delete(call, view, MEDIA)


async def _delete(call: Call, view: AccountView, kind: Kind) -> Reply:
    upload = await _upload(call, view, kind, kind.deleted)
    if upload is None:
        return respond({kind.deleted: None})
    await view.delete_upload(upload.id)
    return respond({kind.deleted: {"id": upload.id}})


async def _upload(call: Call, view: AccountView, kind: Kind, field: str) -> Upload | None:
    read_variables(call, field, ())
    upload = await view.upload(read_uuid(call.params["id"]))
    return upload if upload is not None and upload.extension in kind.types else None
