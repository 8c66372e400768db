"""Presigned uploads: the post that puts a file where a vendor announced a place for it.

It answers as S3 does, because that is what vendors hand out: 204 and nothing, or XML; or, where a
vendor takes the bytes as they are, in that vendor's words. No key opens it and a key on a form is
refused; the announced place is the permission, and it ends with its time. A place nobody announced
leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import escape

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bodydouble.core import forms
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.media.sizes import picture_size
from bodydouble.core.media.uploads import Upload, blob
from bodydouble.core.provider import Provider
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.store import Transaction
from bodydouble.core.wire import Call, encode_json
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.sandbox.pictures import keep_picture
from bodydouble.web.keys.registry import Registry, real_us

FILE_BYTES_MAX = 10 * 1024 * 1024
# Everything of the form that is not the file.
FIELDS_BYTES_MAX = 64 * 1024
PARTS_MAX = 50


class UploadRefused(Exception):
    """The post is turned down with an S3 status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(slots=True)
class Form:
    """What was posted: the fields before the file, and the file; what follows it is ignored."""

    fields: dict[str, str] = field(default_factory=dict)
    file: bytes | None = None


def upload_route(registry: Registry, providers: Mapping[str, Provider]) -> Route:
    """`POST /uploads/{sandbox}/{upload_id}`."""

    async def post(request: Request) -> Response:
        try:
            receiver = await _receiver(registry, providers, request)
            if receiver is not None:
                return await _received(registry, providers, receiver, request)
            if "authorization" in request.headers:
                raise UploadRefused(
                    403, "AccessDenied", "A presigned upload takes no Authorization header."
                )
            form = read_form(request.headers.get("content-type", ""), await _body(request))
            async with registry.store.transaction(request.path_params["sandbox"]) as tx:
                sandbox = await _keep(tx, providers, request, form)
            await registry.weighed(sandbox)
        except ClientDisconnect:
            return Response(status_code=400)
        except UploadRefused as refused:
            return _xml(refused)
        return Response(status_code=204)

    return Route("/uploads/{sandbox}/{upload_id}", post, methods=["POST"])


async def _receiver(
    registry: Registry, providers: Mapping[str, Provider], request: Request
) -> Provider | None:
    """The vendor that announced the place, if it takes the bytes as they are."""
    async with registry.store.transaction(request.path_params["sandbox"]) as tx:
        known = await tx.get(Sandbox, request.path_params["sandbox"])
        upload = await tx.get(Upload, request.path_params["upload_id"]) if known else None
    vendor = providers.get(upload.group.partition("/")[0]) if upload is not None else None
    return vendor if vendor is not None and vendor.receives is not None else None


async def _received(
    registry: Registry, providers: Mapping[str, Provider], vendor: Provider, request: Request
) -> Response:
    """Keeps bytes that came as they are, and answers in the vendor's words."""
    assert vendor.receives is not None, "the vendor takes bytes as they are"
    try:
        try:
            data = await _body(request)
        except UploadRefused:
            raise Refused(Cause.TOO_LARGE) from None
        async with registry.store.transaction(request.path_params["sandbox"]) as tx:
            sandbox, upload = await _announced(tx, providers, request)
            kept, reply = vendor.receives(upload, data, request.headers)
            await _put(sandbox, kept, data)
        await registry.weighed(sandbox)
    except Refused as refused:
        reply = vendor.refuse(refused.refusal, Call(request.method, request.url.path))
    return Response(
        encode_json(reply.body), reply.status, dict(reply.headers), media_type=reply.media_type
    )


async def _announced(
    tx: Transaction, providers: Mapping[str, Provider], request: Request
) -> tuple[OpenSandbox, Upload]:
    record = await tx.get(Sandbox, request.path_params["sandbox"])
    upload = await tx.get(Upload, request.path_params["upload_id"]) if record else None
    if record is None or upload is None:
        raise UploadRefused(403, "AccessDenied", "No upload was announced here.")
    sandbox = OpenSandbox(tx, record, providers, real_us())
    if sandbox.now_us >= upload.expires_at_us:
        raise UploadRefused(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
    return sandbox, upload


async def _put(sandbox: OpenSandbox, upload: Upload, data: bytes) -> None:
    picture = blob(data)
    await keep_picture(sandbox, picture)
    width, height = picture_size(data) or (0, 0)
    sandbox.tx.put(replace(upload, blob=picture.id, width=width, height=height))


async def _keep(
    tx: Transaction, providers: Mapping[str, Provider], request: Request, form: Form
) -> OpenSandbox:
    sandbox, upload = await _announced(tx, providers, request)
    _check_form(form, upload)
    assert form.file is not None, "checked just above"
    await _put(sandbox, upload, form.file)
    return sandbox


def _check_form(form: Form, upload: Upload) -> None:
    if form.file is None:
        raise UploadRefused(
            400, "InvalidArgument", "POST requires exactly one file upload per request."
        )
    if "key" not in form.fields:
        raise UploadRefused(400, "InvalidArgument", "Bucket POST must contain a field named 'key'.")
    if form.fields["key"] != upload.key:
        raise UploadRefused(
            403, "AccessDenied", "Invalid according to Policy: Policy Condition failed: key"
        )
    # The policy and its signature are the permission: S3 has names of any case, values as signed.
    posted = {name.lower(): value for name, value in form.fields.items()}
    for name, value in upload.form.items():
        if name.lower() not in posted:
            raise UploadRefused(403, "AccessDenied", "Access Denied")
        if posted[name.lower()] != value:
            raise UploadRefused(403, "SignatureDoesNotMatch", "The signature does not match.")


async def _body(request: Request) -> bytes:
    """The whole post, refused while it is read once it can hold no file we take."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > FILE_BYTES_MAX + FIELDS_BYTES_MAX:
            raise _too_large()
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large() -> UploadRefused:
    message = "Your proposed upload exceeds the maximum allowed size"
    return UploadRefused(400, "EntityTooLarge", message)


def read_form(content_type: str, body: bytes) -> Form:
    """The form in ``body``. Raises `UploadRefused` (400 MalformedPOSTRequest, EntityTooLarge)."""
    if forms.media_type_of(content_type) != forms.MULTIPART:
        raise _malformed()
    try:
        parts = forms.read_form(content_type, body, parts_max=PARTS_MAX).parts
    except Refused:
        raise _malformed() from None
    form = Form()
    for part in parts:
        if part.name == "file":
            if len(part.data) > FILE_BYTES_MAX:
                raise _too_large()
            # As S3 has it: the file is last, and what stands behind it is not looked at.
            form.file = part.data
            break
        form.fields[part.name] = part.data.decode("utf-8", "replace")
    return form


def _malformed() -> UploadRefused:
    message = "The body of your POST request is not well-formed multipart/form-data."
    return UploadRefused(400, "MalformedPOSTRequest", message)


def _xml(refused: UploadRefused) -> Response:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{refused.code}</Code><Message>{escape(refused.message)}</Message></Error>"
    )
    return Response(text, refused.status, media_type="application/xml")
