"""Init images: announcing a presigned upload, and what became of it.

The upload itself is an S3 form post that carries no key and is served beside the vendors. Sources:
OAS; docs.leonardo.ai/docs/how-to-upload-an-image-using-a-presigned-url. The form fields are those
of any presigned post (A22); none of them opens anything.
"""

from __future__ import annotations

import base64
import json

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import SECOND_US, moment
from bodydouble.core.media.uploads import Upload
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.leonardo.errors import invalid
from bodydouble.providers.leonardo.replies import created_at, respond
from bodydouble.providers.leonardo.variables import Variable, read_uuid, read_variables

EXTENSIONS = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
BUCKET = "bodydouble-init-images"
_EXTENSION = (Variable("extension", required=True),)


async def announce(call: Call, view: AccountView) -> Reply:
    """`POST /init-image`: where and how to post the file."""
    extension = read_variables(call, "uploadInitImage", _EXTENSION)["extension"]
    if extension not in EXTENSIONS:
        raise invalid("invalid file extension")
    serial = await view.upload_count() + 1
    id = view.draw("upload", serial).uuid4()
    upload = Upload(
        id=id,
        group=view.account.id,
        order=serial,
        key=f"users/{view.account.user_id}/initImages/{id}.{extension}",
        extension=extension,
        created_at_us=view.now_us,
        expires_at_us=view.now_us + call.quirk("leonardo.upload_lifetime_s") * SECOND_US,
    )
    url = await view.open_upload(upload)
    fields = json.dumps(_fields(upload, view))
    return respond({"uploadInitImage": {"id": id, "fields": fields, "key": upload.key, "url": url}})


def _fields(upload: Upload, view: AccountView) -> dict[str, str]:
    draw = view.draw("presigned", upload.id)
    now = moment(upload.created_at_us)
    policy = {
        "expiration": f"{created_at(upload.expires_at_us)}Z",
        "conditions": [{"bucket": BUCKET}, {"key": upload.key}],
    }
    return {
        "Content-Type": EXTENSIONS[upload.extension],
        "bucket": BUCKET,
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"BODYDOUBLE/{now:%Y%m%d}/us-east-1/s3/aws4_request",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-Security-Token": draw.text(64),
        "key": upload.key,
        "Policy": base64.b64encode(json.dumps(policy).encode()).decode(),
        "X-Amz-Signature": draw.text(64),
    }


async def get_init_image(call: Call, view: AccountView) -> Reply:
    """`GET /init-image/{id}`; the address of a file that never came leads nowhere."""
    upload = await view.upload(_id(call, "init_images_by_pk"))
    if upload is None:
        return respond({"init_images_by_pk": None})
    url = view.picture_link("blob", upload.blob or upload.id)
    row = {"id": upload.id, "createdAt": created_at(upload.created_at_us), "url": url}
    return respond({"init_images_by_pk": row})


async def delete_init_image(call: Call, view: AccountView) -> Reply:
    """`DELETE /init-image/{id}`; videos made from it keep showing it."""
    upload = await view.upload(_id(call, "delete_init_images_by_pk"))
    if upload is None:
        return respond({"delete_init_images_by_pk": None})
    await view.delete_upload(upload.id)
    return respond({"delete_init_images_by_pk": {"id": upload.id}})


def _id(call: Call, field: str) -> str:
    read_variables(call, field, ())
    return read_uuid(call.params["id"])
