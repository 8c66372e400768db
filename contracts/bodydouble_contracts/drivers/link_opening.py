"""Opens a link that a reply shows, as a customer's browser would: without a key.

One that leads where nobody said it may, or into an app that no socket serves, is left with a
remark that says why. It refuses to judge what came.
"""

from __future__ import annotations

from typing import Any

from bodydouble_contracts.drivers.media_hosts import unreachable
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import Request
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.links import target_of
from bodydouble_contracts.vendors.profile import present


def open_link(
    session: Session, call: Call, name: str = "result", *, method: str = "GET", part: str = ""
) -> Call | None:
    """Open the link a reply shows under a name, without any key; None where it cannot be."""
    link: Any = call.at(name)
    if not present(link) or not isinstance(link, str):
        return None
    reason = unreachable(session.target.name, link, session.profile)
    if reason:
        session.mark("unopened", link=link, reason=reason)
        return None
    heads = (("Range", part),) if part else ()
    asked = Request(method, target_of(link), "nobody", heads)
    media = session.media.at(link)
    own = media is session.target
    intent = {"link": name} if own else {"link": name, "host": media.name}
    return session.send(asked, intent, media=media)
