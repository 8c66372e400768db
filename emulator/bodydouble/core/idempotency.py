"""Idempotency: a repeated key gives the first answer again and never a second effect.

Only accepted requests are remembered, so a refused one does not burn its key. The same key with
another request is a conflict. How the key travels, and for how long it counts, is the vendor's.
"""

from __future__ import annotations

import json
from hashlib import blake2b

from bodydouble.core.records import record

KEY_CHARS_MAX = 200
"""Longer keys are told apart by a digest, which is what is kept of them."""

REMEMBERED_PER_SANDBOX_MAX = 200_000
REMEMBERED_BYTES_MAX = 64 * 1024 * 1024


@record
class Remembered:
    """The answer to the first request with this key; ``id`` is `memory_id`."""

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


def memory_id(account: str, key: str) -> str:
    """Under what the answer to the first request of an account with this key is kept."""
    if len(key) > KEY_CHARS_MAX:
        # No key of 200 characters or fewer looks like this, as headers hold no line ends.
        key = "\n" + blake2b(key.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()
    return f"{account}:{key}"


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
