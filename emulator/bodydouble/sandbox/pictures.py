"""Pictures that clients handed over: so many and so many bytes of them are kept in a sandbox.

What a picture shows, and who may see it, is not known here.
"""

from __future__ import annotations

from bodydouble.core.media.uploads import BLOBS_BYTES_MAX, BLOBS_PER_SANDBOX_MAX, Blob
from bodydouble.core.records import changed
from bodydouble.sandbox.access import SandboxAccess
from bodydouble.sandbox.bounds import PICTURES, make_room


async def keep_picture(sandbox: SandboxAccess, blob: Blob) -> None:
    """Keeps a picture; the oldest make room, and a video that shows one gets a placeholder."""
    tx = sandbox.tx
    known = await tx.get(Blob, blob.id)
    tx.put(changed(blob, order=await sandbox.serial("blobs")))

    async def forget() -> int | None:
        oldest = await tx.first(Blob)
        if oldest is None or oldest.id == blob.id:
            return None
        tx.delete(Blob, oldest.id)
        return len(oldest.data)

    came = len(blob.data) - (len(known.data) if known else 0)
    surplus = await tx.count(Blob) - BLOBS_PER_SANDBOX_MAX
    await make_room(sandbox, PICTURES, came, BLOBS_BYTES_MAX, forget, surplus=surplus)
