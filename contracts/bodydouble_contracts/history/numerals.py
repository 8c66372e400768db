"""Whole numbers as texts on the wire: read where they are plain digits, else refused in silence.

Python calls more characters digits than it can count with (`²`), and gives up on very long ones;
a target's header must never break the judge.
"""

from __future__ import annotations

import re

PLAIN = re.compile(r"-?[0-9]{1,40}")


def whole(text: str | None) -> int | None:
    """Return the whole number that a text is, or None where it is none or absurdly long."""
    return int(text) if text is not None and PLAIN.fullmatch(text) else None
