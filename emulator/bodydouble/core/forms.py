"""Forms: multipart and urlencoded bodies taken apart, within bounds.

A form that breaks off, names no part or has no end is refused; so is one of more parts, or with
longer fields, than anybody sends. It knows no vendor.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from urllib.parse import parse_qsl, unquote_to_bytes

from bodydouble.core.errors import Cause, Refused

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
FORMS = (MULTIPART, URLENCODED)

PARTS_MAX = 200
FIELD_BYTES_MAX = 1024 * 1024
NAME_CHARS_MAX = 255
HEADERS_BYTES_MAX = 8 * 1024
_BOUNDARY_CHARS_MAX = 70
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form; a file is a part that came with a ``filename``."""

    name: str
    data: bytes
    filename: str | None = None
    media_type: str = ""

    @property
    def text(self) -> str:
        """The data as text. Refused: BAD_BODY where it is no UTF-8."""
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            raise Refused(Cause.BAD_BODY, f"the field {self.name!r} is no UTF-8") from None


@dataclass(frozen=True)
class Form:
    """The parts of a form in the order they came."""

    parts: tuple[Part, ...] = ()

    @cached_property
    def fields(self) -> dict[str, str]:
        """Text by name; of a repeated name, the first counts."""
        return {part.name: part.text for part in reversed(self.parts) if part.filename is None}

    @cached_property
    def files(self) -> dict[str, Part]:
        """Files by name; of a repeated name, the first counts."""
        return {part.name: part for part in reversed(self.parts) if part.filename is not None}

    def all(self, name: str) -> tuple[Part, ...]:
        """Every part called ``name``, fields and files."""
        return tuple([part for part in self.parts if part.name == name])

    def canonical(self) -> bytes:
        """What makes two forms the same: the boundary between parts, drawn anew, does not count."""
        return json.dumps(list(self._plain()), separators=(",", ":")).encode()

    def _plain(self) -> Iterator[tuple[str, str | None, str, str]]:
        for part in self.parts:
            digest = blake2b(part.data, digest_size=16).hexdigest()
            yield part.name, part.filename, part.media_type, digest


def media_type_of(content_type: str) -> str:
    """The media type in a ``Content-Type``, in lower case and without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def read_form(content_type: str, body: bytes, *, parts_max: int = PARTS_MAX) -> Form:
    """The form in ``body``, whose type is one of `FORMS`. Refused: BAD_BODY, TOO_LARGE."""
    if media_type_of(content_type) == URLENCODED:
        return _read_urlencoded(body, parts_max)
    if media_type_of(content_type) != MULTIPART:
        raise _malformed("its type is another")
    return _read_multipart(parameters(content_type).get("boundary", ""), body, parts_max)


def parameters(header: str) -> dict[str, str]:
    """The parameters of a header such as ``form-data; name="a"``, by name in lower case."""
    found = {}
    for name, quoted, plain in _PARAMETER.findall(header):
        found[name.lower()] = re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
    return found


def _read_urlencoded(body: bytes, parts_max: int) -> Form:
    if body.count(b"&") >= parts_max:
        raise _too_many(parts_max)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        raise Refused(Cause.BAD_BODY, "the body is no urlencoded form") from None
    return Form(tuple([_field(name, value.encode()) for name, value in pairs]))


def _read_multipart(boundary: str, body: bytes, parts_max: int) -> Form:
    if not 0 < len(boundary) <= _BOUNDARY_CHARS_MAX:
        raise _malformed("it names no boundary")
    mark = b"\r\n--" + boundary.encode("latin-1", "replace")
    body = b"\r\n" + body
    if body.count(mark) > parts_max + 1:
        raise _too_many(parts_max)
    parts: list[Part] = []
    begin: int | None = None
    for found in re.finditer(re.escape(mark) + rb"(?:(--)|[ \t]*\r\n)", body):
        if begin is not None:
            parts.append(_part(body[begin : found.start()]))
        if found[1]:
            return Form(tuple(parts))
        begin = found.end()
    raise _malformed("it breaks off before its last boundary")


def _part(raw: bytes) -> Part:
    head, found, data = raw.partition(b"\r\n\r\n")
    if not found and raw.endswith(b"\r\n"):
        # RFC 2046, 5.1.1: a part may end with its headers, and then has no data; Werkzeug sends so.
        head, found = raw[:-2], raw[-2:]
    if not found or len(head) > HEADERS_BYTES_MAX:
        raise _malformed("a part has no headers, or too long ones")
    headers = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise _malformed("a part's header has no colon")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    given = parameters(disposition)
    if media_type_of(disposition) != "form-data" or "name" not in given:
        raise _malformed("a part has no name")
    filename = _filename(given)
    if filename is None:
        return _field(given["name"], data)
    if len(filename) > NAME_CHARS_MAX or len(given["name"]) > NAME_CHARS_MAX:
        raise _malformed("a part's name is too long")
    return Part(given["name"], data, filename, media_type_of(headers.get("content-type", "")))


def _filename(given: dict[str, str]) -> str | None:
    # Some clients send a name that is not ASCII in this form, and no other.
    charset, _, rest = given.get("filename*", "").partition("'")
    if charset.lower() == "utf-8":
        return unquote_to_bytes(rest.partition("'")[2]).decode("utf-8", "replace")
    return given.get("filename")


def _field(name: str, data: bytes) -> Part:
    if len(data) > FIELD_BYTES_MAX or len(name) > NAME_CHARS_MAX:
        text = f"a field has at most {FIELD_BYTES_MAX} bytes"
        raise Refused(Cause.TOO_LARGE, text, limit=FIELD_BYTES_MAX)
    return Part(name, data)


def _malformed(why: str) -> Refused:
    return Refused(Cause.BAD_BODY, f"the body is no multipart form: {why}")


def _too_many(most: int) -> Refused:
    return Refused(Cause.TOO_LARGE, f"a form has at most {most} parts", limit=most)
