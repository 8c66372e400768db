"""Pictures inside requests: however they are encoded, and however the camera was held."""

import base64
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from bodydouble.core.media.inputs import is_web_url, read_picture
from bodydouble.core.media.orientation import orientation
from bodydouble.core.media.sizes import picture_size
from bodydouble.web.media.drawing.stills import _read

FORMATS = ("JPEG", "PNG", "WEBP")


def picture(kind: str, held: int | None, **more: object) -> bytes:
    """12 x 8, with one corner apart; with an EXIF block where ``held`` is given."""
    image = Image.new("RGB", (12, 8), "white")
    image.paste("black", (0, 0, 4, 3))
    out, exif = BytesIO(), Image.Exif()
    if held is not None:
        exif[0x0112] = held
        more["exif"] = exif
    image.save(out, kind, **more)
    return out.getvalue()


@pytest.mark.parametrize("held", [None, *range(1, 9)])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_size_is_that_of_the_picture_as_it_is_looked_at(kind: str, held: int | None) -> None:
    data = picture(kind, held)
    with Image.open(BytesIO(data)) as image:
        assert picture_size(data) == ImageOps.exif_transpose(image).size
    assert orientation(data) == (held or 1)


@pytest.mark.parametrize("held", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_is_drawn_as_it_is_looked_at(kind: str, held: int, tmp_path: Path) -> None:
    more = {"lossless": True} if kind == "WEBP" else {}
    file = tmp_path / "picture"
    file.write_bytes(picture(kind, held, **more))
    with Image.open(file) as image:
        expected = ImageOps.exif_transpose(image).convert("RGB")
    assert _read(str(file), expected.size).tobytes() == expected.tobytes()


def test_an_exif_block_that_makes_no_sense_turns_nothing() -> None:
    whole = picture("JPEG", 6)
    at = whole.index(b"Exif\0\0")
    for cut in range(at, at + 24):
        for byte in (0, 255):
            broken = whole[:cut] + bytes([byte]) + whole[cut + 1 :]
            assert orientation(broken) in range(1, 9)
            assert orientation(whole[:cut]) == 1


@pytest.mark.parametrize(
    "written",
    [
        lambda data: base64.encodebytes(data).decode(),
        lambda data: base64.b64encode(data).decode().rstrip("="),
        lambda data: "\r\n".join(
            base64.b64encode(data).decode()[i : i + 76] for i in range(0, 400, 76)
        ),
        lambda data: base64.b64encode(data).decode().replace("+", "%2B").replace("=", "%3D"),
        lambda data: " \t" + base64.b64encode(data).decode() + "\n",
    ],
    ids=["python", "unpadded", "mime", "percent", "spaces"],
)
def test_base64_is_read_as_other_languages_write_it(written: object) -> None:
    data = picture("PNG", None)
    given = read_picture("data:image/png;base64," + written(data))  # type: ignore[operator]
    assert given.blob is not None
    assert given.blob.data == data


@pytest.mark.parametrize("payload", ["A", "AA=A", "é", "AAAA====", "-_-_", "%", "====", ""])
def test_what_is_no_base64_is_refused(payload: str) -> None:
    with pytest.raises(ValueError, match=r"base64|PNG"):
        read_picture(f"data:image/png;base64,{payload}")


@pytest.mark.parametrize("host", ["a.example*", "(x)", "a,b", "a|b", "-", "", "*", "a^b.com"])
def test_an_address_names_a_host_that_can_be_one(host: str) -> None:
    assert not is_web_url(f"https://{host}/x.png")


@pytest.mark.parametrize("host", ["example.com", "a_b.example", "bücher.example", "[::1]", "10.0.0.1", "x:8080", "a-b.c."])  # noqa: E501  # fmt: skip
def test_an_ordinary_host_is_one(host: str) -> None:
    assert is_web_url(f"https://{host}/x.png")
