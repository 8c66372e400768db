"""Idempotency: a repeated key gives the first answer again and never a second effect.

Only accepted requests are remembered, so a refused one does not burn its key. The same key with
another request is a conflict. How the key travels, and for how long it counts, is the vendor's.
"""

from __future__ import annotations

import json
from hashlib import blake2b

from bodydouble.core.records import record


@record
class Remembered:
    """The answer to the first request with this key; ``id`` is account and key."""

    id: str
    fingerprint: str
    at_us: int
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    job: str = ""
    group: str = ""
    order: int = 0
    secrets: tuple[str, ...] = ()


def fingerprint(method: str, path: str, body: bytes) -> str:
    """What makes two requests the same: a JSON body counts by its value, not its spelling."""
    try:
        value = json.loads(body)
        body = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        pass
    return blake2b(b"\0".join((method.encode(), path.encode(), body)), digest_size=16).hexdigest()


def still_counts(memory: Remembered, now_us: int, lifetime_us: int) -> bool:
    """Whether a remembered answer is young enough to be given again."""
    return now_us < memory.at_us + lifetime_us
