"""A rendered file as an HTTP answer that a web page can play, seek in and keep.

GET, HEAD, one or several byte ranges, a strong ETag, CORS, and every precondition of RFC 9110,
section 13, in its order. It trusts the path it is given: who may see which file is decided before.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

METHODS = "GET, HEAD, OPTIONS"
MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".bin": "application/octet-stream",
}
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
    "cross-origin-resource-policy": "cross-origin",
}
_ASKED = (
    "Range, If-Range, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, "
    "Authorization"
)
_PREFLIGHT = {
    **_CORS,
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": _ASKED,
    "access-control-max-age": "86400",
    "allow": METHODS,
}


def respond(scope: Scope, path: Path, changed_us: int) -> Response:
    """The answer to the HTTP request ``scope`` for the file at ``path``, typed by its name's end.

    ``changed_us`` is when what it shows came to be: the file itself is touched whenever it is read,
    and a client that goes on with a download compares dates. The response is an ASGI application.
    200, 206, 304, 405, 412, 416; 404 if the file is gone.
    """
    method = scope["method"].upper()
    if method == "OPTIONS":
        return Response(status_code=204, headers=_PREFLIGHT)
    if method not in {"GET", "HEAD"}:
        return Response(status_code=405, headers={**_CORS, "allow": METHODS})
    try:
        stat = path.stat()
    except OSError:
        return Response(status_code=404, headers=_CORS)
    etag = f'"{path.stem}-{path.suffix[1:]}-{stat.st_size:x}"'
    changed_s = changed_us // 1_000_000
    headers = {
        **_CORS,
        "etag": etag,
        "last-modified": formatdate(changed_s, usegmt=True),
        "cache-control": "public, max-age=3600",
        "accept-ranges": "bytes",
        # To pages that may not read it, it is served with other headers.
        "vary": "Origin",
    }
    status = _precondition(Headers(scope=scope), etag, changed_s)
    if status is not None:
        return Response(status_code=status, headers=headers)
    return _MediaFile(path, headers=headers, media_type=MEDIA_TYPES[path.suffix], stat_result=stat)


def _precondition(given: Headers, etag: str, changed_s: int) -> int | None:
    """The status that a precondition demands instead of the file (RFC 9110, 13.2.2).

    A date counts only where its tag is not given; ``If-Range`` is judged with the range.
    """
    wanted, known = _tags(given, "if-match"), _tags(given, "if-none-match")
    if wanted is not None:
        # The comparison is strong: a weak tag is nobody's (13.1.1).
        if etag not in wanted and wanted != ["*"]:
            return 412
    elif (since := _date(given.get("if-unmodified-since"))) is not None and changed_s > since:
        return 412
    if known is not None:
        return 304 if etag in [tag.removeprefix("W/") for tag in known] or known == ["*"] else None
    since = _date(given.get("if-modified-since"))
    return 304 if since is not None and changed_s <= since else None


class _MediaFile(FileResponse):
    """A file answer whose refusals of a range can be read by a web page too."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_readable(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                said = [*_CORS.items(), *[(n, v) for n, v in self.headers.items() if n == "date"]]
                more = [(name.encode(), value.encode()) for name, value in said]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        # A range is for GET alone, and one in another unit is to be ignored (RFC 9110, 14.2).
        wanted = Headers(scope=scope).get("range", "bytes=")
        ranged = wanted.strip().lower().startswith("bytes=")
        if scope["method"].upper() != "GET" or not ranged:
            kept = [pair for pair in scope["headers"] if pair[0].lower() != b"range"]
            scope = {**scope, "headers": kept}
        await super().__call__(scope, receive, send_readable)


def _tags(given: Headers, name: str) -> list[str] | None:
    """The tags of all headers called ``name``; ours hold no comma."""
    if name not in given:
        return None
    return [tag.strip() for text in given.getlist(name) for tag in text.split(",")]


def _date(text: str | None) -> float | None:
    """A date as an instant in seconds; one that cannot be read is to be ignored."""
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None
