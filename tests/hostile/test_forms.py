"""Forms that break off, lie or never end, and bodies that call themselves two things at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bodydouble.core.forms import FIELD_BYTES_MAX, FORMS, PARTS_MAX
from bodydouble.testing import Emulator
from tests.hostile.targets import TARGETS, Session, Target
from tests.hostile.test_wire import MEGABYTE, exchange, head, jobs, status

MULTIPART = "multipart/form-data; boundary=x"
# Each vendor, and once more on every wire that is spoken besides its first.
SPOKEN: list[tuple[Target, dict[str, Any]]] = [(target, {}) for target in TARGETS] + [
    (target, {quirk.name: wire})
    for target in TARGETS
    for quirk in target.provider.quirks
    if quirk.short == "wire"
    for wire in quirk.choices[1:]
]
WIRES = pytest.mark.parametrize(
    ("target", "quirks"), SPOKEN, ids=lambda one: one.name if isinstance(one, Target) else str(one)
)
EVERY = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


def part(name: str, data: bytes, filename: str = "") -> bytes:
    """One part of a form whose boundary is ``x``."""
    named = f'; filename="{filename}"' if filename else ""
    lead = f'--x\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return lead.encode() + data + b"\r\n"


def form(target: Target, *more: bytes) -> bytes:
    """The vendor's order as a form, and ``more`` parts."""
    order = {name: value for name, value in target.order.items() if isinstance(value, str | int)}
    parts = [part(name, str(value).encode()) for name, value in order.items()]
    return b"".join((*parts, *more, b"--x--\r\n"))


def broken(target: Target) -> dict[str, tuple[str, bytes]]:
    """What is no form, by what is wrong with it: its content type and its bytes."""
    whole = form(target)
    return {
        "no end": (MULTIPART, whole.removesuffix(b"--x--\r\n")),
        "cut in a part": (MULTIPART, whole[: len(whole) // 2]),
        "cut in a boundary": (MULTIPART, whole[:-5]),
        "no boundary": ("multipart/form-data", whole),
        "an empty boundary": ("multipart/form-data; boundary=", whole),
        "another boundary": ("multipart/form-data; boundary=y", whole),
        "an endless boundary": (f"multipart/form-data; boundary={'x' * 5_000}", whole),
        "no parts at all": (MULTIPART, b""),
        "no name": (MULTIPART, b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n"),
        "no headers": (MULTIPART, b"--x\r\n\r\nv\r\n--x--\r\n"),
        "no colon": (MULTIPART, b"--x\r\nNonsense\r\n\r\nv\r\n--x--\r\n"),
        "endless headers": (MULTIPART, b"--x\r\nA: " + b"a" * 20_000 + b"\r\n\r\nv\r\n--x--\r\n"),
        "bare newlines": (MULTIPART, whole.replace(b"\r\n", b"\n")),
        "no UTF-8": (MULTIPART, form(target, part("prompt2", b"\xff"))[:-8] + b"\xff"),
        "JSON": (MULTIPART, json.dumps(target.order).encode()),
        "ten thousand parts": (MULTIPART, form(target, part("a", b"b") * 10_000)),
        "ten thousand pairs": (FORMS[1], b"&".join([b"a=b"] * 10_000)),
        "one part too many": (MULTIPART, form(target, part("a", b"b") * (PARTS_MAX + 1))),
        "a long field": (MULTIPART, form(target, part("a", b"b" * (FIELD_BYTES_MAX + 1)))),
        "a long name": (MULTIPART, form(target, part("a" * 1_000, b"b", "f.png"))),
        "no pairs": (FORMS[1], b"\xff\xfe=\x00"),
    }


@WIRES
@pytest.mark.parametrize("kind", list(broken(TARGETS[0])))
def test_a_form_that_is_none_is_refused_and_leaves_nothing(
    target: Target, quirks: dict[str, Any], kind: str
) -> None:
    session = Session(target, quirks=quirks)
    before = session.kept()
    content_type, body = broken(target)[kind]
    headers = {"content-type": content_type}
    answer = session.ask("POST", target.path, content=body, headers=headers)
    if kind == "JSON" and answer.status_code < 300:
        assert MULTIPART.partition(";")[0] not in target.provider.reads.media_types
    else:
        session.refusal(answer, before)
        assert answer.status_code in (400, 413, 415, 422)
    session.close()


CONTRADICTIONS = {
    "JSON and form": ("application/json", MULTIPART),
    "form and JSON": (MULTIPART, "application/json"),
    "both in one": (f"application/json, {MULTIPART}",),
    "nearly JSON": ("application/jsonlines",),
    "a suffix": ("application/vnd.api+json",),
    "two charsets": ("application/json; charset=utf-8; charset=utf-16",),
    "no type": ("/",),
    "bytes": ("\xff\xfe",),
    "long": ("a/" + "b" * 20_000,),
}


@WIRES
@pytest.mark.parametrize("types", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_body_that_calls_itself_two_things_is_read_as_one_or_refused(
    target: Target, quirks: dict[str, Any], types: tuple[str, ...]
) -> None:
    session = Session(target, quirks=quirks)
    for body in (json.dumps(target.order).encode(), form(target)):
        before = session.kept()
        headers = [*session.target.key().items(), *session.target.headers.items()]
        headers += [("content-type", one) for one in types]
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        address = f"/{target.name}{target.path}"
        answer = session.send("POST", address, content=body, headers=raw)
        if answer.status_code >= 300:
            session.refusal(answer, before)
    session.close()


# Over a socket -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as running:
        yield running


@EVERY
def test_a_part_of_thirty_megabytes_is_413_and_read_by_its_sender(
    emulator: Emulator, target: Target
) -> None:
    body = form(target, part("image", b"\x89PNG" + b" " * (30 * MEGABYTE), "a.png"))
    headers = {**target.key(), **target.headers, "content-type": MULTIPART}
    address = f"{emulator.url}/{target.name}{target.path}"
    answer = httpx.post(address, content=body, headers=headers, timeout=60)
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("application/json")
    assert jobs(emulator, target) == 0


@EVERY
def test_lengths_that_lie_are_no_order(emulator: Emulator, target: Target) -> None:
    body = json.dumps(target.order).encode()
    typed = "Content-Type: application/json"
    for lines, sent in (
        ([f"Content-Length: {len(body) + 10}"], body),
        ([f"Content-Length: {len(body) - 10}"], body),
        (["Content-Length: 0"], body),
        ([f"Content-Length: {len(body)}", "Transfer-Encoding: chunked"], body),
        (["Transfer-Encoding: chunked", f"Content-Length: {len(body)}"], b"0\r\n\r\n" + body),
        (["Transfer-Encoding: chunked, chunked"], b"0\r\n\r\n"),
        (["Transfer-Encoding: identity"], body),
        (["Content-Length: 10", f"Content-Length: {len(body)}"], body),
        ([f"Content-Length: +{len(body)}"], body),
        ([f"Content-Length: {len(body)}, {len(body)}"], body),
        (["Content-Length: 99999999999999999999999999"], body),
    ):
        answer = exchange(emulator, head(target, typed, *lines), sent)
        assert status(answer) == 0 or 400 <= status(answer) < 500, (lines, answer[:200])
        assert jobs(emulator, target) == 0, lines
    assert httpx.get(emulator.url).status_code == 200


UPLOADS = {
    "not a form": ("application/json", b"{}", 400),
    "broken": (MULTIPART, b"--x\r\nContent-Disposition", 400),
    "many parts": (MULTIPART, part("a", b"b") * 10_000 + b"--x--\r\n", 400),
    "too large": (MULTIPART, part("file", b" " * (11 * MEGABYTE), "a.png") + b"--x--\r\n", 400),
    "far too large": (MULTIPART, part("file", b" " * (30 * MEGABYTE), "a") + b"--x--\r\n", 400),
    "nobody's": (MULTIPART, part("key", b"k") + part("file", b"f", "a") + b"--x--\r\n", 403),
}


@pytest.mark.parametrize("sent", UPLOADS.values(), ids=UPLOADS)
def test_an_upload_is_refused_as_s3_does(emulator: Emulator, sent: tuple[str, bytes, int]) -> None:
    content_type, body, expected = sent
    answer = httpx.post(
        f"{emulator.url}/uploads/nobody/nothing",
        content=body,
        headers={"content-type": content_type},
        timeout=60,
    )
    assert answer.status_code == expected
    assert answer.text.startswith("<?xml")
