"""Whatever is sent to Leonardo, it answers in its envelope, with no 500, no charge and no job."""

from __future__ import annotations

import pytest

from tests.vendors.leonardo.session import (
    IMAGE,
    SVD,
    TEXT,
    UPSCALE,
    Leonardo,
    error,
    nothing_happened,
)

UUID = "00000000-0000-4000-8000-000000000001"


@pytest.mark.parametrize("path", ["/generations/", "/motion-variations/", "/init-image/"])
async def test_a_malformed_id_is_a_data_exception(path: str) -> None:
    session = Leonardo()
    expected = (400, 'invalid input syntax for type uuid: "nope"', "$", "data-exception")
    assert error(await session.get(path + "nope")) == expected
    assert error(await session.get("/generations/user/nope")) == expected
    assert error(await session.get(path + UUID, params={"x": 1}))[1] == "Unexpected variable x"


BODIES = [
    b"{",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b'{"prompt": NaN}',
    b'{"prompt": "\\ud800"}',
    b'{"prompt": "p", "seed": 1e999}',
    b'{"prompt": "p", "seed": 123456789012345678901234567890}',
    b'{"prompt": "p", "width": 1e308}',
    b'{"prompt": "p", "duration": 4.5, "model": "VEO3"}',
    b'{"prompt": {"a": 1}}',
    b'{"prompt": "p", "styleIds": [1]}',
    b'{"prompt": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"' + b"x" * 1_000_000 + b'": 1}',
    b"prompt=p",
]


@pytest.mark.parametrize("body", BODIES, ids=[str(body[:20]) for body in BODIES])
async def test_bad_bodies_are_400_everywhere_and_nothing_is_charged(body: bytes) -> None:
    session = Leonardo()
    headers = {**session.headers, "content-type": "application/json"}
    for path in (TEXT, IMAGE, SVD, UPSCALE, "/generations", "/init-image", "/pricing-calculator"):
        answer = await session.send("POST", path, content=body, headers=headers)
        status, text, _, _ = error(answer)
        assert status == 400, (path, text)
        assert len(text) < 1_000
    assert await nothing_happened(session)


async def test_bad_query_strings_are_400_or_taken_as_text() -> None:
    session = Leonardo()
    for query in ("prompt=p&width=nan", "prompt=p&elements=%5B", "prompt=p&seed=1e5", "&" * 5000):
        answer = await session.send("POST", f"{TEXT}?{query}")
        assert answer.status_code == 400, (query, answer.text)
    many = "&".join(f"a{n}=1" for n in range(300))
    assert (await session.send("POST", f"{TEXT}?{many}")).status_code == 400
    for page in ("limit=-1", "offset=x", "limit=99999999999999999999"):
        answer = await session.get(f"/generations/user/{await session.user()}?{page}")
        assert answer.status_code == 400, (page, answer.text)
    assert await nothing_happened(session)


async def test_a_body_over_16_mib_is_413() -> None:
    session = Leonardo()
    answer = await session.send("POST", TEXT, content=b" " * (16 * 1024 * 1024 + 1))
    assert error(answer)[0] == 413
