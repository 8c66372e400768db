"""A web page can play, seek and keep what is served."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from bodydouble.web.media.serving import respond

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

CHANGED_US = 1_785_056_400_000_000  # 2026-07-26T09:00:00Z
CHANGED = "Sun, 26 Jul 2026 09:00:00 GMT"
BODY = bytes(range(256)) * 4


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A file of 1,024 known bytes."""
    path = tmp_path / "0123456789abcdef0123456789abcdef-1.mp4"
    path.write_bytes(BODY)
    return path


def ask(path: Path, method: str = "GET", **headers: str) -> httpx.Response:
    """One request for ``path``; underscores in header names stand for dashes."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(scope, path, CHANGED_US)(scope, receive, send)

    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, "/x.mp4", headers=sent)

    return asyncio.run(go())


def test_a_whole_file_says_what_it_is(clip: Path) -> None:
    """Type, length, that ranges work, and that any page may read it."""
    answer = ask(clip)
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == "1024"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["etag"].startswith('"')


def test_a_poster_is_a_jpeg(clip: Path) -> None:
    """The type follows the file."""
    poster = clip.rename(clip.with_suffix(".jpg"))
    assert ask(poster).headers["content-type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("wanted", "got"),
    [("bytes=0-9", (0, 10)), ("bytes=1000-", (1000, 1024)), ("bytes=-24", (1000, 1024))],
)
def test_one_range_is_answered_with_its_bytes(
    clip: Path, wanted: str, got: tuple[int, int]
) -> None:
    """That is how a player seeks."""
    answer = ask(clip, range=wanted)
    assert answer.status_code == 206
    assert answer.content == BODY[slice(*got)]
    assert answer.headers["content-range"] == f"bytes {got[0]}-{got[1] - 1}/1024"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_range_beyond_the_end_is_refused_with_the_size(clip: Path) -> None:
    """And a web page may read the refusal."""
    answer = ask(clip, range="bytes=1024-")
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */1024"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_range_in_an_unknown_unit_is_ignored(clip: Path) -> None:
    """RFC 9110 asks for it."""
    assert ask(clip, range="frames=0-9").content == BODY


def test_head_is_get_without_the_body(clip: Path) -> None:
    """Every header agrees."""
    get, head = ask(clip), ask(clip, "HEAD")
    assert head.status_code == 200
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_a_file_the_client_has_is_not_sent_again(clip: Path, form: str) -> None:
    """In each way a client may say so."""
    etag = ask(clip).headers["etag"]
    answer = ask(clip, if_none_match=form.format(etag))
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag


def test_a_file_that_was_read_meanwhile_has_not_changed(clip: Path) -> None:
    """Reading it touches the file, and whoever goes on with a download compares dates."""
    assert ask(clip).headers["last-modified"] == CHANGED
    os.utime(clip, (2**31, 2**31))
    assert ask(clip).headers["last-modified"] == CHANGED
    assert ask(clip, range="bytes=0-9", if_range=CHANGED).status_code == 206
    assert ask(clip, if_modified_since=CHANGED).status_code == 304


@pytest.mark.parametrize("since", ["Sun, 26 Jul 2026 08:59:59 GMT", "yesterday", ""])
def test_an_older_date_or_none_gets_the_file(clip: Path, since: str) -> None:
    """And where there is a tag, the date does not count."""
    assert ask(clip, if_modified_since=since).status_code == 200
    assert ask(clip, if_modified_since=CHANGED, if_none_match='"other"').status_code == 200


def test_another_etag_gets_the_file(clip: Path) -> None:
    """Otherwise nobody would ever see a change."""
    assert ask(clip, if_none_match='"other"').status_code == 200


def test_a_range_of_another_file_gets_the_whole_file(clip: Path) -> None:
    """`If-Range` with a stale tag must not splice two files."""
    etag = ask(clip).headers["etag"]
    assert ask(clip, range="bytes=0-9", if_range='"other"').status_code == 200
    assert ask(clip, range="bytes=0-9", if_range=etag).status_code == 206


def test_a_preflight_allows_seeking_from_a_page(clip: Path) -> None:
    """The browser asks before it sends Range."""
    answer = ask(clip, "OPTIONS", origin="http://page.test")
    assert answer.status_code == 204
    assert "Range" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-origin"] == "*"


def test_other_methods_and_missing_files_are_refused(clip: Path) -> None:
    """A file that was dropped between look-up and answer is a 404, not a crash."""
    assert ask(clip, "POST").status_code == 405
    clip.unlink()
    assert ask(clip).status_code == 404


def test_a_file_that_is_another_is_not_sent(clip: Path) -> None:
    """With a range or without, by its tag or by its date: the client has parts of another."""
    etag = ask(clip).headers["etag"]
    for more in ({}, {"range": "bytes=0-9"}, {"range": "bytes=0-9", "if_range": etag}):
        for wanted in ('"other"', f"W/{etag}", '"a", "b"', ""):
            answer = ask(clip, if_match=wanted, **more)
            assert (answer.status_code, answer.content) == (412, b"")
        older = ask(clip, if_unmodified_since="Sun, 26 Jul 2026 08:59:59 GMT", **more)
        assert (older.status_code, older.content) == (412, b"")
        for good in (etag, f'"other", {etag}', "*"):
            assert ask(clip, if_match=good, **more).status_code == (206 if more else 200)
        for date in (CHANGED, "Sun, 26 Jul 2026 09:00:01 GMT", "yesterday", ""):
            assert ask(clip, if_unmodified_since=date, **more).status_code == (206 if more else 200)


def test_preconditions_are_judged_in_their_order(clip: Path) -> None:
    """A tag before its date, what must hold before what must not."""
    etag, older = ask(clip).headers["etag"], "Sun, 26 Jul 2026 08:59:59 GMT"
    assert ask(clip, if_match=etag, if_unmodified_since=older).status_code == 200
    assert ask(clip, if_match=etag, if_none_match=etag).status_code == 304
    assert ask(clip, if_match='"other"', if_none_match=etag).status_code == 412
    assert ask(clip, if_none_match='"other"', if_modified_since=CHANGED).status_code == 200
    assert ask(clip, "HEAD", if_none_match=etag).status_code == 304
    assert ask(clip, range="bytes=0-9", if_none_match=etag).status_code == 304
    assert ask(clip, range="bytes=0-9", if_range=f"W/{etag}").status_code == 200
    assert ask(clip, range="bytes=0-9", if_range="Sun, 26 Jul 2026 09:00:01 GMT").status_code == 200
    assert ask(clip, "POST", if_match='"other"').status_code == 405


def test_a_range_is_for_get_alone(clip: Path) -> None:
    """HEAD tells of the whole file."""
    answer = ask(clip, "HEAD", range="bytes=0-9")
    assert (answer.status_code, answer.headers["content-length"]) == (200, "1024")
