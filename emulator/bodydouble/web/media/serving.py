"""A rendered file as an HTTP answer that a web page can play, seek in and keep.

GET, HEAD, one or several byte ranges, a strong ETag, conditional requests and CORS. It trusts the
path it is given: who may see which file is decided before.
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
MEDIA_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg"}
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
    "cross-origin-resource-policy": "cross-origin",
}
_PREFLIGHT = {
    **_CORS,
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": "Range, If-Range, If-None-Match, Authorization",
    "access-control-max-age": "86400",
    "allow": METHODS,
}


def respond(scope: Scope, path: Path, changed_us: int) -> Response:
    """The answer to the HTTP request ``scope`` for the file at ``path`` (`.mp4` or `.jpg`).

    ``changed_us`` is when what it shows came to be: the file itself is touched whenever it is read,
    and a client that goes on with a download compares dates. The response is an ASGI application.
    200, 206, 304, 405, 416; 404 if the file is gone.
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
    }
    given = Headers(scope=scope)
    tags, since = given.get("if-none-match"), given.get("if-modified-since")
    # The date counts only where there is no tag (RFC 9110, 13.1.3).
    if _known(tags, etag) if tags is not None else _unchanged(since, changed_s):
        return Response(status_code=304, headers=headers)
    return _MediaFile(path, headers=headers, media_type=MEDIA_TYPES[path.suffix], stat_result=stat)


class _MediaFile(FileResponse):
    """A file answer whose refusals of a range can be read by a web page too."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_readable(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                cors = [(name.encode(), value.encode()) for name, value in _CORS.items()]
                message["headers"] = [*message["headers"], *cors]
            await send(message)

        # A range in another unit is to be ignored, not refused (RFC 9110, 14.2).
        wanted = Headers(scope=scope).get("range", "bytes=")
        if not wanted.strip().lower().startswith("bytes="):
            kept = [pair for pair in scope["headers"] if pair[0].lower() != b"range"]
            scope = {**scope, "headers": kept}
        await super().__call__(scope, receive, send_readable)


def _known(given: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    return etag in tags or tags == ["*"]


def _unchanged(since: str | None, changed_s: int) -> bool:
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since).timestamp() >= changed_s
    except (ValueError, OverflowError):
        return False  # a date that cannot be read is to be ignored
