"""The texts of a form, as the judge reads them in what was sent."""

from __future__ import annotations

import pytest

from bodydouble_contracts.reading.forms import URLENCODED, form_texts

EDGE = "multipart/form-data; boundary=edge"
QUOTED = 'multipart/form-data; boundary="edge"'


def form(*parts: tuple[str, bytes]) -> bytes:
    told = [b"--edge\r\n%s\r\n\r\n%s" % (head.encode(), data) for head, data in parts]
    return b"\r\n".join([*told, b"--edge--", b""])


@pytest.mark.parametrize(
    ("kind", "body", "texts"),
    [
        (EDGE, form(('Content-Disposition: form-data; name="a"', b"1")), {"a": "1"}),
        (QUOTED, form(("Content-Disposition: form-data; name=a", b"1")), {"a": "1"}),
        (
            EDGE,
            form(
                ('Content-Disposition: form-data; name="a"', "é".encode()),
                ('Content-Disposition: form-data; name="a"', b"2"),
                ('Content-Disposition: form-data; name="f"; filename="f.png"', b"\x89PNG"),
                ("Content-Type: text/plain", b"3"),
            ),
            {"a": "é"},
        ),
        (URLENCODED, b"a=1&a=2&b=%C3%A9&c=", {"a": "1", "b": "é", "c": ""}),
        ("multipart/form-data", form(('Content-Disposition: form-data; name="a"', b"1")), {}),
        (EDGE, form(('Content-Disposition: form-data; name="a"', b"\xff")), None),
        (URLENCODED, b"a=%ff", None),
        (EDGE, b"", {}),
        (EDGE, b"nonsense \x00\xff", {}),
        ("application/json", b'{"a": 1}', None),
        ("text/plain", b"a=1", None),
        ("", b"a=1", None),
    ],
)
def test_texts_are_read_by_name_and_what_is_no_form_has_none(
    kind: str, body: bytes, texts: dict[str, str] | None
) -> None:
    assert form_texts(kind, body) == texts
