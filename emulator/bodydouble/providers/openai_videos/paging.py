"""Lists by cursor: `after`, `limit` and `order`, and the envelope that they come in.

Source: the reference (`limit` of 0 to 100, 20 unless given; the newest first).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bodydouble.core.errors import Refused
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.openai_videos.errors import bad
from bodydouble.providers.openai_videos.wording import unlisted, wrong_type

LIMIT = 20
LIMIT_MAX = 100


@dataclass(frozen=True, slots=True)
class PageAsked:
    """What a list is asked for."""

    after: str
    limit: int
    newest_first: bool


def page_asked(call: Call) -> PageAsked:
    """The query of a list. Refused: INVALID."""
    limit, order = call.query.get("limit", str(LIMIT)), call.query.get("order", "desc")
    if not (limit.isascii() and limit.lstrip("-").isdigit() and len(limit) < 10):
        raise wrong_type("limit", "an integer", limit)
    count = int(limit)
    if count < 0:
        raise _beyond("below_min", f"below minimum value. Expected a value >= 0, but got {count}")
    if count > LIMIT_MAX:
        text = f"above maximum value. Expected a value <= {LIMIT_MAX}, but got {count}"
        raise _beyond("above_max", text)
    if order not in ("asc", "desc"):
        raise unlisted("order", order, ("asc", "desc"))
    return PageAsked(call.query.get("after", ""), count, order == "desc")


def _beyond(code: str, text: str) -> Refused:
    return bad("limit", f"integer_{code}_value", f"Invalid 'limit': integer {text} instead.")


def page_said(rows: list[dict[str, Any]], *, more: bool) -> Reply:
    """One page of a list."""
    body = {
        "object": "list",
        "data": rows,
        "first_id": rows[0]["id"] if rows else None,
        "last_id": rows[-1]["id"] if rows else None,
        "has_more": more,
    }
    return Reply(200, body)
