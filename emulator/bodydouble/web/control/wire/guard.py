"""Who may steer: the peer, the token, the Host and the Origin of a request, judged before anything.

Without a token only the loopback interface is served, and only under a name of this machine, so
that no web page can reach it through a rebound name or a form. Where there is a token, everybody
needs it, and it is proof enough, as no page knows it. Bound elsewhere without a token, the control
plane is off and says so.
"""

from __future__ import annotations

from hmac import compare_digest
from urllib.parse import urlsplit

from starlette.types import Scope

from bodydouble.core.addresses import is_loopback
from bodydouble.web.control.wire.problems import Problem
from bodydouble.web.settings import Settings

_OFF = (
    "the control plane is off, because this server listens on {host}, not only on loopback: "
    "start it with --control-token (BODYDOUBLE_CONTROL_TOKEN) and send that token"
)


def admit(scope: Scope, settings: Settings) -> None:
    """Lets the request pass, or raises Problem: 401 without the token, 403 otherwise."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    token = settings.control_token
    given = _token(headers)
    if token and given is not None:
        if compare_digest(given.encode(), token.encode()):
            return
        raise Problem(401, "this is not the control token", headers=_CHALLENGE)
    if not token and not is_loopback(settings.host):
        raise Problem(403, _OFF.format(host=settings.host))
    if token:
        # Loopback, too: what runs on this machine, a proxy or a webhook of ours, is not its owner.
        raise _asks_token()
    if not _from_loopback(scope):
        raise Problem(403, "the control plane answers loopback only")
    host = headers.get(b"host", b"localhost").decode("latin-1")
    if not _own_name(f"//{host}", settings.host):
        raise Problem(
            403,
            f"the control plane does not answer to the name {host!r}: use localhost, or a token",
        )
    origin = headers.get(b"origin")
    if origin is not None and not _own_name(origin.decode("latin-1"), settings.host):
        raise Problem(403, "the control plane does not answer pages of other sites")
    if headers.get(b"sec-fetch-site") == b"cross-site":
        raise Problem(403, "the control plane does not answer pages of other sites")


_CHALLENGE = {"www-authenticate": 'Bearer realm="bodydouble"'}


def _asks_token() -> Problem:
    detail = "send the control token, as Authorization: Bearer … or X-Bodydouble-Token: …"
    return Problem(401, detail, headers=_CHALLENGE)


def _token(headers: dict[bytes, bytes]) -> str | None:
    own = headers.get(b"x-bodydouble-token")
    if own is not None:
        return own.decode("latin-1")
    scheme, _, secret = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


def _from_loopback(scope: Scope) -> bool:
    # An application driven in process has no peer: whoever calls it is this process.
    client = scope.get("client")
    return client is None or is_loopback(client[0])


def _own_name(url: str, bound: str) -> bool:
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return is_loopback(name) or name == bound.lower()
