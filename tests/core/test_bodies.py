"""Forms and content codings are read within bounds, and whatever is not read is refused."""

import gzip
import zlib

import brotli
import pytest
from backports import zstd

import bodydouble.web.http.codings  # noqa: F401  (brings the codings the core lacks)
from bodydouble.core.bodies import BODY_BYTES_MAX, CODINGS, JSON, Reads
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.forms import FIELD_BYTES_MAX, FORMS, MULTIPART, URLENCODED, Form, Part
from bodydouble.core.wire import Call

EVERYTHING = Reads((JSON, *FORMS), CODINGS)
OBJECT = b'{"prompt": "a fox"}'


def call(body: bytes, kind: str = JSON, reads: Reads = EVERYTHING, coding: str = "") -> Call:
    headers = [(b"content-type", kind.encode())] if kind else []
    if coding:
        headers.append((b"content-encoding", coding.encode()))
    one = Call("POST", "/v1/x", headers=tuple(headers), body=body)
    one.reads = reads
    return one


def cause_of(one: Call) -> Cause:
    with pytest.raises(Refused) as refused:
        one.fields()
    return refused.value.refusal.cause


def raw_deflate(body: bytes) -> bytes:
    folding = zlib.compressobj(wbits=-15)
    return folding.compress(body) + folding.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(OBJECT)),
        ("X-GZIP", gzip.compress(OBJECT)),
        ("deflate", zlib.compress(OBJECT)),
        ("deflate", raw_deflate(OBJECT)),
        ("br", brotli.compress(OBJECT)),
        ("zstd", zstd.compress(OBJECT)),
        ("gzip, br", brotli.compress(gzip.compress(OBJECT))),
        ("identity", OBJECT),
        ("", OBJECT),
    ],
    ids=lambda value: value if isinstance(value, str) else "body",
)
def test_a_coding_that_is_read_is_undone(coding: str, body: bytes) -> None:
    one = call(body, coding=coding)
    assert one.json_object() == {"prompt": "a fox"}
    assert one.body == body


@pytest.mark.parametrize(
    "coding",
    [
        "gzip",
        "br",
        "zstd",
        "gzip, gzip",
        "identity, gzip",
        "x" * 5000,
        "\xff",
        "gzip" + ",gzip" * 99,
    ],
)
def test_a_coding_that_is_not_read_is_refused_as_a_content_type(coding: str) -> None:
    one = call(gzip.compress(OBJECT), reads=Reads(), coding="br" if coding == "\xff" else coding)
    assert cause_of(one) is Cause.CONTENT_TYPE


BOMB = gzip.compress(b"\0" * (BODY_BYTES_MAX + 1))
# A frame that wants a window of 128 MiB for one byte.
WIDE = bytes.fromhex("28b52ffd0088") + b"\x09\x00\x00x"


@pytest.mark.parametrize(
    ("coding", "body", "cause"),
    [
        ("gzip", OBJECT, Cause.BAD_BODY),
        ("gzip", b"", Cause.BAD_BODY),
        ("gzip", gzip.compress(OBJECT)[:-9], Cause.BAD_BODY),
        ("gzip", gzip.compress(OBJECT) + b"x", Cause.BAD_BODY),
        ("gzip", gzip.compress(OBJECT) * 2, Cause.BAD_BODY),
        ("deflate", b"\xff" * 50, Cause.BAD_BODY),
        ("gzip", BOMB, Cause.TOO_LARGE),
        ("gzip", gzip.compress(BOMB), Cause.BAD_BODY),
        ("deflate", zlib.compress(b" " * (BODY_BYTES_MAX + 1)), Cause.TOO_LARGE),
        ("br", OBJECT, Cause.BAD_BODY),
        ("br", b"", Cause.BAD_BODY),
        ("br", brotli.compress(OBJECT)[:-1], Cause.BAD_BODY),
        ("br", brotli.compress(OBJECT) + b"x", Cause.BAD_BODY),
        ("br", brotli.compress(b" " * (BODY_BYTES_MAX + 1)), Cause.TOO_LARGE),
        ("br", brotli.compress(b" " * (3 * BODY_BYTES_MAX)), Cause.TOO_LARGE),
        ("zstd", OBJECT, Cause.BAD_BODY),
        ("zstd", b"", Cause.BAD_BODY),
        ("zstd", zstd.compress(OBJECT)[:-1], Cause.BAD_BODY),
        ("zstd", zstd.compress(OBJECT) + b"x", Cause.BAD_BODY),
        ("zstd", zstd.compress(b" " * (BODY_BYTES_MAX + 1)), Cause.TOO_LARGE),
        ("zstd", zstd.compress(b" " * (3 * BODY_BYTES_MAX)), Cause.TOO_LARGE),
        ("gzip, gzip", gzip.compress(BOMB), Cause.TOO_LARGE),
        ("zstd", WIDE, Cause.BAD_BODY),
    ],
    ids=lambda value: value if isinstance(value, str) else "body",
)
def test_what_a_coding_hides_is_bounded_and_whole(coding: str, body: bytes, cause: Cause) -> None:
    assert cause_of(call(body, coding=coding)) is cause


def test_as_much_as_a_body_may_hold_may_be_folded() -> None:
    whole = b'{"a": "' + b"x" * (BODY_BYTES_MAX - 9) + b'"}'
    assert len(call(gzip.compress(whole), coding="gzip").json_object()["a"]) == BODY_BYTES_MAX - 9


@pytest.mark.parametrize(
    ("kind", "reads"),
    [
        ("text/plain", EVERYTHING),
        ("", EVERYTHING),
        ("multipart/form-data; boundary=x", Reads()),
        ("application/x-www-form-urlencoded", Reads()),
        ("application/x-www-form-urlencoded", Reads((MULTIPART,))),
        ("application/json", Reads(FORMS)),
    ],
)
def test_a_kind_that_a_provider_does_not_read_is_refused(kind: str, reads: Reads) -> None:
    assert cause_of(call(OBJECT, kind, reads)) is Cause.CONTENT_TYPE


def test_a_body_of_no_type_is_json_where_the_provider_says_so() -> None:
    assert call(OBJECT, "", Reads()).fields() == {"prompt": "a fox"}


def form(body: bytes) -> Form:
    return call(body, "Application/X-WWW-Form-Urlencoded; charset=utf-8").form


def test_an_urlencoded_form_is_read_and_the_first_of_a_name_counts() -> None:
    read = form(b"a=1&a=2&b=%F0%9F%8E%AC+x&c=&d")
    assert read.fields == {"a": "1", "b": "🎬 x", "c": "", "d": ""}
    assert [part.text for part in read.all("a")] == ["1", "2"]
    assert not read.files


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        (b"a=%ff", Cause.BAD_BODY),
        (b"a=\xff", Cause.BAD_BODY),
        (b"a=1&" * 10_000, Cause.TOO_LARGE),
        (b"a=" + b"x" * (FIELD_BYTES_MAX + 1), Cause.TOO_LARGE),
        (b"x" * 300 + b"=1", Cause.TOO_LARGE),
    ],
    ids=lambda value: value if isinstance(value, str) else "body",
)
def test_an_urlencoded_form_is_bounded(body: bytes, cause: Cause) -> None:
    with pytest.raises(Refused) as refused:
        form(body)
    assert refused.value.refusal.cause is cause


def test_a_field_that_is_no_text_is_refused_when_it_is_read() -> None:
    with pytest.raises(Refused):
        _ = Form((Part("a", b"\xff"),)).fields


def test_two_forms_are_the_same_whatever_stands_between_their_parts() -> None:
    parts = b'--%b\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--%b--\r\n'
    one, two, other = (
        call(parts.replace(b"%b", mark), f"multipart/form-data; boundary={mark.decode()}")
        for mark in (b"aaa", b"bbb", b"ccc")
    )
    assert one.body != two.body
    assert one.canonical() == two.canonical()
    other.body = other.body.replace(b"\r\n1\r\n", b"\r\n2\r\n")
    assert other.canonical() != one.canonical()


def test_whoever_only_looks_is_not_refused() -> None:
    assert call(OBJECT).peek() == {"prompt": "a fox"}
    assert call(b"prompt=a+fox", URLENCODED).peek() == {"prompt": "a fox"}
    for one in (call(b"["), call(b"{"), call(b"{}", coding="br"), call(b"", "multipart/form-data")):
        assert one.peek() is None
        assert one.canonical() == one.body
