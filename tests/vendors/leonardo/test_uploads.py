"""Presigned uploads as S3 takes them: two virtual minutes, fields before the file, no key."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from bodydouble.core.media.sizes import picture_size
from bodydouble.core.media.uploads import Blob, Upload
from tests.vendors.leonardo.session import IMAGE, PNG, Leonardo, error, png


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an S3 refusal."""
    assert answer.headers["content-type"].startswith("application/xml")
    return answer.status_code, answer.text.partition("<Code>")[2].partition("</Code>")[0]


async def test_an_announced_upload_names_its_key_and_its_fields_in_a_string() -> None:
    session = Leonardo()
    upload = await session.announce("jpeg")
    assert set(upload) == {"id", "fields", "key", "url"}
    assert upload["key"] == f"users/{await session.user()}/initImages/{upload['id']}.jpeg"
    fields = json.loads(upload["fields"])
    assert fields["key"] == upload["key"]
    assert fields["Content-Type"] == "image/jpeg"
    policy = json.loads(base64.b64decode(fields["Policy"]))
    assert {"key": upload["key"]} in policy["conditions"]
    assert (await session.announce())["id"] != upload["id"]


async def test_the_whole_way_from_upload_to_video() -> None:
    session = Leonardo()
    upload = await session.announce()
    answer = await session.put(upload)
    assert (answer.status_code, answer.content) == (204, b"")
    path = f"/init-image/{upload['id']}"
    row = (await session.get(path)).json()["init_images_by_pk"]
    assert set(row) == {"id", "createdAt", "url"}
    body = {"prompt": "p", "imageId": upload["id"], "imageType": "UPLOADED"}
    assert (await session.post(IMAGE, body)).status_code == 200
    gone = await session.send("DELETE", path)
    assert gone.json() == {"delete_init_images_by_pk": {"id": upload["id"]}}
    assert (await session.get(path)).json() == {"init_images_by_pk": None}
    again = await session.send("DELETE", path)
    assert again.json() == {"delete_init_images_by_pk": None}
    assert error(await session.post(IMAGE, body))[1] == "couldn't access image"


async def test_an_upload_is_good_for_two_virtual_minutes() -> None:
    session = Leonardo()
    upload = await session.announce()
    await session.advance(119)
    assert (await session.put(upload)).status_code == 204
    await session.advance(1)
    assert code(await session.put(upload)) == (403, "AccessDenied")
    quick = Leonardo(quirks={"leonardo.upload_lifetime_s": 5})
    upload = await quick.announce()
    await quick.advance(5)
    assert code(await quick.put(upload)) == (403, "AccessDenied")
    assert await quick.count(Blob) == 0


async def test_a_key_on_the_upload_is_refused() -> None:
    session = Leonardo()
    upload = await session.announce()
    assert code(await session.put(upload, headers=session.headers)) == (403, "AccessDenied")
    assert await session.count(Blob) == 0


async def test_the_form_must_be_the_one_that_was_announced() -> None:
    session = Leonardo()
    upload = await session.announce()
    for fields, expected in (
        ({}, (400, "InvalidArgument")),
        ({"key": "users/else/initImages/x.png"}, (403, "AccessDenied")),
        ({f"x{n}": "1" for n in range(60)}, (400, "MalformedPOSTRequest")),
    ):
        assert code(await session.put(upload, fields=fields)) == expected
    handed_out = json.loads(upload["fields"])
    for name in handed_out.keys() - {"key", "Content-Type"}:
        rest = {other: value for other, value in handed_out.items() if other != name}
        assert code(await session.put(upload, fields=rest)) == (403, "AccessDenied"), name
        for wrong in ("", f"{handed_out[name]}x"):
            answer = await session.put(upload, fields={**handed_out, name: wrong})
            assert code(answer) == (403, "SignatureDoesNotMatch"), name
    bare = await session.client.post(upload["url"], data={"key": upload["key"]})
    assert code(bare) == (400, "MalformedPOSTRequest")
    assert await session.count(Blob) == 0


async def test_names_of_form_fields_have_no_case() -> None:
    session = Leonardo()
    upload = await session.announce()
    small = {
        name.lower() if name != "key" else name: value
        for name, value in json.loads(upload["fields"]).items()
    }
    assert (await session.put(upload, fields=small)).status_code == 204


async def test_media_is_uploaded_as_an_init_image_is_and_is_none() -> None:
    session = Leonardo()
    answer = await session.post("/media", {"extension": "mp4"})
    media = answer.json()["uploadMedia"]
    assert set(media) == {"uploadId", "url", "fields"}
    path = f"/media/{media['uploadId']}"
    row = (await session.get(path)).json()["uploaded_media_by_pk"]
    assert (row["id"], row["status"]) == (media["uploadId"], "PENDING")
    assert (await session.put(media, b"a film")).status_code == 204
    row = (await session.get(path)).json()["uploaded_media_by_pk"]
    assert (row["status"], row["mediaType"]) == ("COMPLETE", "VIDEO")
    as_image = await session.get(f"/init-image/{media['uploadId']}")
    assert as_image.json() == {"init_images_by_pk": None}
    image = (await session.announce())["id"]
    assert (await session.get(f"/media/{image}")).json() == {"uploaded_media_by_pk": None}
    gone = await session.send("DELETE", path)
    assert gone.json() == {"delete_uploaded_media_by_pk": {"id": media["uploadId"]}}
    again = await session.send("DELETE", path)
    assert again.json() == {"delete_uploaded_media_by_pk": None}
    for extension in ("png", "avi", ""):
        answer = await session.post("/media", {"extension": extension})
        assert error(answer) == (400, "invalid file extension", "$", "unexpected")


async def test_a_form_without_a_file_or_with_fields_behind_it_is_as_s3_has_it() -> None:
    session = Leonardo()
    upload = await session.announce()
    only = await session.client.post(upload["url"], files={"key": (None, upload["key"])})
    assert code(only) == (400, "InvalidArgument")
    parts: list[Any] = [("file", ("a.png", PNG, "image/png")), ("key", (None, upload["key"]))]
    assert code(await session.client.post(upload["url"], files=parts)) == (400, "InvalidArgument")


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\nno header\r\n\r\n--x--\r\n", b"\0" * 999])
async def test_a_broken_form_is_400(body: bytes) -> None:
    session = Leonardo()
    upload = await session.announce()
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "text/plain", ""):
        answer = await session.client.post(
            upload["url"], content=body, headers={"content-type": kind}
        )
        assert code(answer)[0] == 400


async def test_a_file_over_10_mib_is_too_large() -> None:
    session = Leonardo()
    upload = await session.announce()
    limit = 10 * 1024 * 1024
    for size in (limit + 1, 2 * limit):
        answer = await session.put(upload, b"\0" * size)
        assert code(answer) == (400, "EntityTooLarge")
    assert (await session.put(upload, b"\0" * limit)).status_code == 204


async def test_probing_addresses_leaves_nothing_behind() -> None:
    session = Leonardo()
    upload = await session.announce()
    before = await session.app.store.sandboxes()
    for url in ("/uploads/k000/x", f"/uploads/{session.sandbox}/x", f"/uploads/k1/{upload['id']}"):
        assert code(await session.put({**upload, "url": url})) == (403, "AccessDenied")
    assert await session.app.store.sandboxes() == before
    assert await session.count(Upload, "leonardo/main") == 1


async def test_other_extensions_and_wrong_types_are_refused() -> None:
    session = Leonardo()
    for extension in ("gif", "PNG", ""):
        answer = await session.post("/init-image", {"extension": extension})
        assert error(answer) == (400, "invalid file extension", "$", "unexpected")
    answer = await session.post("/init-image", {"extension": 5})
    assert error(answer)[2] == "$.selectionSet.uploadInitImage.args.arg1.extension"
    assert await session.count(Upload, "leonardo/main") == 0


def test_a_pictures_size_is_read_from_its_first_bytes() -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x11\x08\x00\x30\x00\x20\x03" + b"\0" * 9
    lossless = ((31) | (47 << 14)).to_bytes(4, "little")
    webp = b"RIFF\0\0\0\0WEBP"
    assert picture_size(png(300, 200)) == (300, 200)
    assert picture_size(jpeg) == (32, 48)
    assert picture_size(webp + b"VP8L\0\0\0\0\x2f" + lossless + b"\0" * 9) == (32, 48)
    extended = b"\x1f\0\0\x2f\0\0"
    assert picture_size(webp + b"VP8X\0\0\0\0\0\0\0\0" + extended) == (32, 48)
    lossy = b"VP8 " + b"\0" * 10 + b"\x20\0\x30\0"
    assert picture_size(webp + lossy) == (32, 48)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        PNG[:18],
        png(0, 5),
        b"\xff\xd8",
        b"\xff\xd8" + b"\xff" * 5_000_000,
        b"\xff\xd8\xff\xe0\0\0" * 9,
        b"RIFF\0\0\0\0WEBPVP8 ",
    ],
)
def test_bytes_that_are_no_picture_have_no_size(data: bytes) -> None:
    assert picture_size(data) is None


@pytest.mark.parametrize(("extension", "kind"), [("png", "image/png"), ("jpg", "image/jpeg"), ("webp", "image/webp")])  # noqa: E501  # fmt: skip
async def test_an_uploaded_picture_comes_back_as_it_came(extension: str, kind: str) -> None:
    session, written = Leonardo(), BytesIO()
    Image.new("RGB", (64, 48), "teal").save(written, kind.partition("/")[2].upper())
    upload = await session.announce(extension)
    assert (await session.put(upload, written.getvalue())).status_code == 204
    url = (await session.get(f"/init-image/{upload['id']}")).json()["init_images_by_pk"]["url"]
    assert url.endswith(f".{extension}")
    came = await session.client.get(url)
    assert (came.headers["content-type"], came.content) == (kind, written.getvalue())
