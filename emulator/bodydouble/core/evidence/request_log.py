"""The request log: every exchange with the decisions it met, secrets masked before it is stored.

The log is bounded; the oldest exchange makes room. It records and never decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from bodydouble.core.records import record

BODY_KEPT_BYTES = 16 * 1024
_SECRET_HEADERS = frozenset(
    (b"authorization", b"x-api-key", b"x-goog-api-key", b"cookie", b"set-cookie")
)


@record
class Exchange:
    """One request and its answer. ``order`` is the serial, ``at_us`` virtual, ``took_us`` real.

    ``decisions`` are the values of each `Decision`, in the order of its fields.
    """

    KEPT_MAX: ClassVar[int] = 4_096

    id: str
    order: int
    at_us: int
    provider: str
    operation: str
    account: str
    key: str
    key_hint: str
    method: str
    path: str
    query: str
    request_headers: tuple[tuple[bytes, bytes], ...]
    request_body: bytes
    status: int
    response_headers: tuple[tuple[str, str], ...]
    response_body: bytes
    request_id: str = ""
    job: str = ""
    cost: int = 0
    decisions: tuple[tuple[str, bool, int, int, int, int], ...] = ()
    notes: tuple[str, ...] = ()
    took_us: int = 0
    test: bool = False
    group: str = ""


def mask_headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """Headers with every credential replaced by three dots, after its scheme if it has one."""
    return tuple(
        [
            (header[0], _masked(header[1])) if header[0] in _SECRET_HEADERS else header
            for header in headers
        ]
    )


def _masked(value: bytes) -> bytes:
    scheme, space, _ = value.partition(b" ")
    # A key that was sent without a scheme, or with a space in it, is no scheme.
    return scheme + b" ..." if space and scheme.isalpha() and len(scheme) <= 10 else b"..."
