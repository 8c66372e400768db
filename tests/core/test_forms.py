"""A multipart form is taken apart within bounds; whatever is wrong with it is a refusal."""

from __future__ import annotations

import contextlib
import time

import httpx
import pytest

from bodydouble.core.bodies import BODY_BYTES_MAX
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.forms import FIELD_BYTES_MAX, PARTS_MAX, Part, parameters, read_form

KIND = "multipart/form-data; boundary=x"
HEAD = b'--x\r\nContent-Disposition: form-data; name="a"'


def part(headers: bytes = HEAD[5:], data: bytes = b"1") -> bytes:
    return b"--x\r\n" + headers + b"\r\n\r\n" + data + b"\r\n"


def cause_of(body: bytes, kind: str = KIND) -> Cause:
    with pytest.raises(Refused) as refused:
        read_form(kind, body)
    return refused.value.refusal.cause


def test_what_a_client_sends_comes_out_part_by_part() -> None:
    request = httpx.Request(
        "POST",
        "http://x",
        data={"prompt": "ein Füchslein 🎬", "seconds": "4"},
        files={"input_reference": ("ä.png", b"\x89PNG\r\n\0--x", "Image/PNG")},
    )
    form = read_form(request.headers["content-type"], request.read())
    assert form.fields == {"prompt": "ein Füchslein 🎬", "seconds": "4"}
    expected = Part("input_reference", b"\x89PNG\r\n\0--x", "ä.png", "image/png")
    assert form.files == {"input_reference": expected}
    assert [one.name for one in form.parts] == ["prompt", "seconds", "input_reference"]


def test_a_boundary_that_goes_on_is_none() -> None:
    body = part(data=b"1\r\n--xylophone\r\n2") + b"--x \t\r\n" + part()[5:] + b"--x--epilogue"
    assert [one.data for one in read_form(KIND, body).parts] == [b"1\r\n--xylophone\r\n2", b"1"]


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ('form-data; name="a b"; FILENAME=x.png', {"name": "a b", "filename": "x.png"}),
        (r'form-data; name="a\"b\\"', {"name": 'a"b\\'}),
        ('form-data;name=""', {"name": ""}),
        ('form-data; name="a', {}),
        ("form-data", {}),
    ],
)
def test_the_parameters_of_a_header_are_read(header: str, read: dict[str, str]) -> None:
    assert {name: value for name, value in parameters(header).items() if value or read} == read


def test_a_part_may_end_with_its_headers() -> None:
    form = read_form(KIND, HEAD + b"\r\n\r\n" + part(HEAD[5:-2] + b'b"') + b"--x--")
    assert form.fields == {"a": "", "b": "1"}


def test_a_file_name_may_be_sent_in_the_other_form() -> None:
    head = HEAD[5:] + b"; filename*=utf-8''%E6%BC%A2.png"
    assert read_form(KIND, part(head) + b"--x--").files["a"].filename == "漢.png"


BROKEN = {
    "nothing": b"",
    "no boundary": b"prompt=x",
    "half a boundary": b"--",
    "a part that breaks off": HEAD + b"\r\n\r\n1",
    "no last boundary": part() + b"--x\r\n",
    "no header": b"--x\r\n\r\n1\r\n--x--\r\n",
    "a header without a colon": b"--x\r\nname\r\n\r\n1\r\n--x--\r\n",
    "no name": part(b"Content-Disposition: form-data") + b"--x--\r\n",
    "another disposition": part(b'Content-Disposition: attachment; name="a"') + b"--x--\r\n",
    "a file name without end": part(HEAD[5:] + b'; filename="' + b"n" * 300 + b'"') + b"--x--",
    "headers without end": part(HEAD[5:] + b"\r\nX: " + b"y" * 9000) + b"--x--\r\n",
    "many headers": part(HEAD[5:] + b"\r\nX: yyyyyyyy" * 9000) + b"--x--\r\n",
    "another boundary": part().replace(b"--x", b"--y") + b"--y--\r\n",
    "zeros": b"\0" * 5000,
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_broken_form_is_refused(body: bytes) -> None:
    assert cause_of(body) is Cause.BAD_BODY


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data", "multipart/mixed; boundary=x", "multipart/form-data; boundary=", ""],
)
def test_a_form_that_does_not_say_where_its_parts_end_is_refused(kind: str) -> None:
    assert cause_of(part() + b"--x--\r\n", kind) is Cause.BAD_BODY


def test_a_boundary_without_end_is_refused() -> None:
    assert cause_of(part(), f"multipart/form-data; boundary={'x' * 5000}") is Cause.BAD_BODY


def test_parts_and_fields_are_bounded_and_files_only_by_the_body() -> None:
    assert len(read_form(KIND, part() * PARTS_MAX + b"--x--\r\n").parts) == PARTS_MAX
    assert cause_of(part() * 10_000 + b"--x--\r\n") is Cause.TOO_LARGE
    long = part(data=b"x" * (FIELD_BYTES_MAX + 1))
    assert cause_of(long + b"--x--\r\n") is Cause.TOO_LARGE
    assert cause_of(part(HEAD[5:-1] + b"n" * 300 + b'"') + b"--x--\r\n") is Cause.TOO_LARGE
    file = part(HEAD[5:] + b'; filename="f"', b"x" * (FIELD_BYTES_MAX + 1))
    assert len(read_form(KIND, file + b"--x--\r\n").files["a"].data) == FIELD_BYTES_MAX + 1


@pytest.mark.parametrize("filler", [b"\r\n--", b"\r", b"-", b"\r\n--x\n", b"\0"], ids=repr)
def test_no_filler_of_a_whole_body_takes_long(filler: bytes) -> None:
    data = (filler * (BODY_BYTES_MAX // len(filler)))[: BODY_BYTES_MAX - 200]
    body = part(HEAD[5:] + b'; filename="f"', data) + b"--x--\r\n"
    begun = time.process_time()
    with contextlib.suppress(Refused):
        read_form(KIND, body)
    assert time.process_time() - begun < 5
