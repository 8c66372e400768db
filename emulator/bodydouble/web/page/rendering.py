"""From a template to an answer: escaped text, a strict policy, and links that are all relative.

Relative links hold under whatever prefix a proxy serves this from, without being told of it. It
knows templates and headers, and no sandbox.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.templating import Jinja2Templates

from bodydouble import __version__
from bodydouble.web.control.wire.problems import Problem

HERE = Path(__file__).parent
_STATIC = HERE / "static"
_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
}
_templates = Jinja2Templates(directory=HERE / "templates")
_templates.env.trim_blocks = _templates.env.lstrip_blocks = True


def root_of(request: Request) -> str:
    """The way from this page's address to the server's root: ``../../``, or ``./``."""
    raw: bytes = request.scope.get("raw_path") or quote(request.scope["path"]).encode()
    below = raw.partition(b"?")[0].removeprefix(request.scope.get("root_path", "").encode())
    return "../" * (below.count(b"/") - 1) or "./"


def rendered(
    request: Request, name: str, context: dict[str, Any] | None = None, status: int = 200
) -> HTMLResponse:
    """The page ``name``; htmx, which asks for what stands in the frame, gets that alone."""
    root = root_of(request)
    whole = {
        "root": root,
        "ui": f"{root}_bodydouble/ui/",
        "home": f"{root}_bodydouble/",
        "version": __version__,
        "partial": request.headers.get("hx-request") == "true",
        **(context or {}),
    }
    text = _templates.env.get_template(name).render(whole)
    return HTMLResponse(text, status, HEADERS)


def moved(request: Request, to: str) -> Response:
    """Sends the browser to ``to``, which is below the server's root, to read it."""
    return RedirectResponse(root_of(request) + to, 303, {"cache-control": "no-store"})


def told(request: Request, problem: Problem) -> Response:
    """The problem in words, as a page."""
    return rendered(
        request,
        "problem.html",
        {"detail": problem.detail, "status": problem.status, "wrongs": problem.wrongs},
        problem.status,
    )


def static_file(name: str) -> Response:
    """A file of the page, which may be kept for good. Problem 404."""
    path = _STATIC / name
    if name not in _versions():
        raise Problem(404, "there is no such file")
    headers = {
        "cache-control": "public, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'",
    }
    return FileResponse(path, headers=headers, media_type=_KINDS[path.suffix])


_found: dict[str, str] = {}


def _versions() -> dict[str, str]:
    """Each file's name, and a digest of what it holds: another version, another address."""
    if not _found:
        for path in sorted(_STATIC.iterdir()):
            if path.suffix in _KINDS:
                _found[path.name] = blake2b(path.read_bytes(), digest_size=6).hexdigest()
    return _found


def _asset(name: str) -> str:
    return f"static/{name}?v={_versions()[name]}"


def _pretty(text: str) -> str:
    """JSON set out line by line; anything else as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _hour(iso: str | None) -> str:
    """``09:41:22`` of an instant; empty for none."""
    return iso[11:19] if iso else ""


def _day(iso: str | None) -> str:
    """``26 Jul 2026`` of an instant."""
    return f"{datetime.fromisoformat(iso):%-d %b %Y}" if iso else ""


def _span(seconds: float) -> str:
    """``2 days, 3:00:05`` of a number of seconds."""
    return str(timedelta(seconds=round(seconds)))


def _segment(text: object) -> str:
    """One segment of an address; a colon at its front would make it a scheme."""
    return quote(str(text), safe="")


_templates.env.globals["asset"] = _asset
_templates.env.filters.update(pretty=_pretty, hour=_hour, day=_day, span=_span, segment=_segment)
