"""Forms as requests carry them: their texts by name, of a repeated one the first.

Of what is no form, and of one whose texts are none, nobody knows what is read. It refuses to know
what they mean.
"""

from __future__ import annotations

from email.parser import BytesParser
from urllib.parse import parse_qsl

MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"


def form_texts(content_type: str, body: bytes) -> dict[str, str] | None:
    """Return the texts of a form; files, which have a name of their own, are left out. None where
    what should be a text is no UTF-8, and for what is no form."""
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == URLENCODED:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
            return dict(reversed(pairs))
        return dict(reversed(parts(content_type, body))) if kind == MULTIPART else None
    except UnicodeDecodeError:
        return None


def parts(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Return name and text of each part that is no file, in order. Raises UnicodeDecodeError."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("utf-8", "replace")
    message = BytesParser().parsebytes(head + body)
    found = []
    for part in message.walk():
        if part is message:
            continue
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        if isinstance(name, str) and part.get_filename() is None and isinstance(data, bytes):
            found.append((name, data.decode()))
    return found
