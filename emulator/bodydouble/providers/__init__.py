"""Providers: one package per vendor, its words, catalogue and prices, and nothing else.

Ours are found as everybody's are, through the entry point group `bodydouble.providers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points

from bodydouble.core.provider import Provider

GROUP = "bodydouble.providers"


@cache
def names() -> tuple[str, ...]:
    """Every provider that is installed, ours first, by name."""
    ours = {point.name: not point.value.startswith(__name__) for point in entry_points(group=GROUP)}
    return tuple(sorted(ours, key=lambda name: (ours[name], name)))


@cache
def load(name: str) -> Provider:
    """The provider called ``name``; ValueError that lists the known ones if there is none."""
    for point in entry_points(group=GROUP):
        if point.name == name:
            loaded = point.load()
            assert isinstance(loaded, Provider), f"{point.value} is no Provider"
            return loaded
    raise ValueError(f"no provider is called {name!r}: there are {', '.join(names())}")


class Installed(Mapping[str, Provider]):
    """Every installed provider by name, loaded when first asked for."""

    def __init__(self) -> None:
        self._loaded: dict[str, Provider] = {}

    def __getitem__(self, name: str) -> Provider:
        loaded = self._loaded.get(name)
        if loaded is None:
            if name not in names():
                raise KeyError(name)
            loaded = self._loaded[name] = load(name)
        return loaded

    def __iter__(self) -> Iterator[str]:
        return iter(names())

    def __len__(self) -> int:
        return len(names())
