"""Pictures that clients handed over: so many and so many bytes of them are kept in a sandbox.

What a picture shows, and who may see it, is not known here.
"""

from __future__ import annotations

from bodydouble.core.media.uploads import BLOBS_BYTES_MAX, BLOBS_PER_SANDBOX_MAX, Blob
from bodydouble.core.records import changed
from bodydouble.core.sandboxes import Counter
from bodydouble.sandbox.access import SandboxAccess

_BYTES = "blob bytes"


async def keep_picture(sandbox: SandboxAccess, blob: Blob) -> None:
    """Keeps a picture; the oldest make room, and a video that shows one gets a placeholder."""
    tx = sandbox.tx
    known, counted = await tx.get(Blob, blob.id), await tx.get(Counter, _BYTES)
    size = (counted.value if counted else 0) - (len(known.data) if known else 0) + len(blob.data)
    tx.put(changed(blob, order=await sandbox.serial("blobs")))
    count = await tx.count(Blob)
    while count > BLOBS_PER_SANDBOX_MAX or size > BLOBS_BYTES_MAX:
        oldest = await tx.first(Blob)
        if oldest is None or oldest.id == blob.id:
            break
        tx.delete(Blob, oldest.id)
        size, count = size - len(oldest.data), count - 1
    tx.put(Counter(_BYTES, max(0, size)))
