"""The request log: every exchange with the decisions it met, secrets masked before it is stored.

The log is bounded; the oldest exchange makes room. It records and never decides.
"""

from __future__ import annotations

from typing import ClassVar

from bodydouble.core.records import record

BODY_KEPT_BYTES = 16 * 1024


@record
class Exchange:
    """One request and its answer. ``order`` is the serial, ``at_us`` virtual, ``took_us`` real.

    ``decisions`` are the values of each `Decision`, in the order of its fields.
    """

    KEPT_MAX: ClassVar[int] = 4_096
    KEPT_BYTES_MAX: ClassVar[int] = 16 * 1024 * 1024

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
