"""Opens a link that a reply shows, over sockets, as a customer's browser would: without a key.

Only a link to the target's own origin is opened. One that leads elsewhere, or into an app that no
socket serves, is left with a remark that says why. It refuses to judge what came.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.links import SOCKETS, target_of
from bodydouble_contracts.vendors.profile import present


def open_link(
    session: Session, call: Call, name: str = "result", *, method: str = "GET", part: str = ""
) -> Call | None:
    """Open the link a reply shows under a name, without any key; None where it cannot be."""
    link: Any = call.at(name)
    if not present(link) or not isinstance(link, str):
        return None
    reason = unreachable(session.target.name, link)
    if reason:
        session.mark("unopened", link=link, reason=reason)
        return None
    heads = (("Range", part),) if part else ()
    return session.send(Request(method, target_of(link), "nobody", heads), {"link": name})


def unreachable(base: str, link: str) -> str:
    """Return why a link is not opened from a target's address, or an empty text."""
    ours, theirs = urlsplit(base), urlsplit(link)
    if "://" not in base:
        return SOCKETS
    if ours.path.strip("/"):
        return f"the target is a folder of {ours.netloc}, and its links may lie beside it"
    if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
        return f"the link leads to {theirs.netloc or 'nowhere'}, and only {ours.netloc} is judged"
    return ""
