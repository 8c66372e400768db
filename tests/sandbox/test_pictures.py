"""Pictures of a sandbox: so many bytes of them are kept, and the oldest make room."""

from __future__ import annotations

import pytest

from bodydouble.core.media.uploads import Blob, blob
from bodydouble.core.sandboxes import Counter
from bodydouble.sandbox import pictures
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.stores.memory import MemoryStore
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings


async def kept(most: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of what is left, oldest first, when pictures of these sizes came one by one."""
    monkeypatch.setattr(pictures, "BLOBS_BYTES_MAX", most)
    app = Application(Settings(seed=1), MemoryStore())
    record = app.registry.new_record("here")
    for number, size in enumerate(sizes):
        async with app.store.transaction("here") as tx:
            sandbox = OpenSandbox(tx, record, app.providers, 0)
            await pictures.keep_picture(sandbox, blob(bytes([number]) * size))
    async with app.store.transaction("here") as tx:
        left = [len(one.data) for one in await tx.list(Blob)]
        counted = await tx.get(Counter, "blob bytes")
    assert counted is not None
    assert counted.value == sum(left)
    return left


async def test_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await kept(100, [40, 40, 40], monkeypatch) == [40, 40]
    assert await kept(100, [40, 40, 90], monkeypatch) == [90]
    assert await kept(100, [40, 40, 20], monkeypatch) == [40, 40, 20]


async def test_the_newest_stays_whatever_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await kept(100, [40, 400], monkeypatch) == [400]


async def test_a_picture_that_comes_again_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "BLOBS_BYTES_MAX", 100)
    app = Application(Settings(seed=1), MemoryStore())
    record = app.registry.new_record("here")
    for _ in range(5):
        for data in (b"a" * 30, b"b" * 60):
            async with app.store.transaction("here") as tx:
                await pictures.keep_picture(OpenSandbox(tx, record, app.providers, 0), blob(data))
    async with app.store.transaction("here") as tx:
        assert await tx.get(Counter, "blob bytes") == Counter("blob bytes", 90)
        assert await tx.count(Blob) == 2
