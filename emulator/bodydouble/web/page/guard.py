"""Who may see the page, and whose forms count: the control plane's rules, and a browser's.

A browser cannot send the control token as a header, so it shows it once, in a form, and gets a
cookie that proves it and does not contain it. A form counts only where the browser says that it was
sent from this very page: no other site and no other port can press a button here.
"""

from __future__ import annotations

from hmac import compare_digest, new
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bodydouble.web.control.wire.guard import admit
from bodydouble.web.control.wire.problems import Problem
from bodydouble.web.settings import Settings

COOKIE = "bodydouble_page"
_LIFETIME_S = 12 * 3600


def admit_page(request: Request, settings: Settings) -> None:
    """Lets the request pass, or raises Problem: 401 without the token, 403 otherwise."""
    if request.method not in ("GET", "HEAD"):
        check_own_form(request)
    token = settings.control_token
    given = request.cookies.get(COOKIE, "")
    if token and compare_digest(given.encode(), _proof(token).encode()):
        return
    admit(request.scope, settings)


def check_own_form(request: Request) -> None:
    """Problem 403 where a form comes from anywhere but this page."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        own = site == "same-origin"
    else:
        origin = request.headers.get("origin", "")
        seen = urlsplit(request.state.origin)
        here = {f"{request.url.scheme}://{request.headers.get('host', '')}".lower()}
        own = origin.lower() in here | {f"{seen.scheme}://{seen.netloc}"}
    if not own:
        raise Problem(403, "a form of this page must be sent from this page")


def sign_in(response: Response, request: Request, settings: Settings, given: str) -> None:
    """Gives the browser its cookie. Problem 401 where ``given`` is not the token."""
    token = settings.control_token
    if not token or not compare_digest(given.encode(), token.encode()):
        raise Problem(401, "this is not the control token")
    response.set_cookie(
        COOKIE,
        _proof(token),
        max_age=_LIFETIME_S,
        httponly=True,
        samesite="strict",
        secure=request.state.origin.startswith("https:"),
    )


def _proof(token: str) -> str:
    return new(token.encode(), b"bodydouble page", "sha256").hexdigest()
