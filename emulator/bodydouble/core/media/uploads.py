"""Pictures a client hands over: an announced upload, and the bytes themselves.

Bytes are named by their digest, so the same picture is kept once. Sizes are bounded here, for
every vendor and every store; where bytes are kept is the store's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

BLOB_BYTES_MAX = 12 * 1024 * 1024
BLOBS_PER_SANDBOX_MAX = 64
BLOBS_BYTES_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes and nothing else; ``id`` is their digest."""

    id: str
    data: bytes
    group: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class Upload:
    """A place a client may put one picture until ``expires_at_us``; ``blob`` once it did.

    ``width`` and ``height`` are the picture's; 0 where nothing came or it is no picture we know.
    ``form`` are the fields that were handed out and must come back with the file as they were; of
    one that came with its bytes, what the vendor keeps to say of it.
    """

    id: str
    group: str
    order: int
    key: str
    extension: str
    created_at_us: int
    expires_at_us: int
    blob: str = ""
    width: int = 0
    height: int = 0
    form: Mapping[str, str] = field(default_factory=dict)


def blob(data: bytes, serial: int = 0) -> Blob:
    """``data`` under its own name."""
    return Blob(blake2b(data, digest_size=16).hexdigest(), data, order=serial)
