"""What kinds of body a create of the dialect may be, and its members by name.

Source: the `openai` packages 3.57 (PyPI) and 7.57 (npm), which send multipart for every create, and
in it a member of an object as ``object[member]``; codings: observed (gzip), and new-api's
middleware/gzip.go (br, zstd), no other.
"""

from __future__ import annotations

import re
from typing import Any

from bodydouble.core.bodies import JSON, Reads
from bodydouble.core.forms import FORMS
from bodydouble.core.wire import Call

READS = Reads(media_types=(JSON, *FORMS), codings=("gzip", "br", "zstd"))
# ``video[id]``, ``characters[0][id]``, ``characters[][id]``; nothing the dialect has goes deeper.
_MEMBER = re.compile(r"(\w+)(?:\[(\d*)\])?\[(\w+)\]")
_ITEMS_MAX = 100


def is_form(call: Call) -> bool:
    """Whether the body is a form."""
    return call.media_type in FORMS


def members(call: Call) -> dict[str, Any]:
    """The body by name, the parts of a form put together to the objects that they are parts of.

    Refused: as `Call.fields`.
    """
    given = call.fields()
    return _together(given) if is_form(call) and any("[" in name for name in given) else given


def _together(parts: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in parts.items():
        match = _MEMBER.fullmatch(name)
        if match is None:
            found[name] = value
            continue
        owner, place, member = match.groups()
        if place is None:
            one = found.setdefault(owner, {})
        else:
            items = found.setdefault(owner, [])
            at = int(place[:3] or 0)
            if not isinstance(items, list) or at > min(len(items), _ITEMS_MAX):
                found[name] = value
                continue
            if at == len(items):
                items.append({})
            one = items[at]
        if isinstance(one, dict):
            one[member] = value
        else:
            found[name] = value
    return found
