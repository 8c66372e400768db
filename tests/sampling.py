"""Which vendors a test marked `sampled` meets at a landing; at night it meets them all.

What such a test says is said of a mechanism that every vendor shares, so a few vendors say it. The
draw goes by the test's name and the vendor's, not by chance: each test keeps its vendors, each
vendor has its share of the tests, and one vendor more changes one place of the draw at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

import pytest

from bodydouble import providers


def few(
    values: Sequence[Any],
    number: int,
    name: Callable[[Any], str] = str,
    mark: pytest.MarkDecorator | None = None,
) -> list[Any]:
    """Parameters of a test: about ``number`` of them, evenly spread, at a landing, all at night."""
    step = max(1, len(values) // number)
    always = [mark] if mark else []
    return [
        pytest.param(
            one, id=name(one), marks=[*always, pytest.mark.nightly] if at % step else always
        )
        for at, one in enumerate(values)
    ]


def drawn(test: str, vendors: set[str], number: int) -> set[str]:
    """The ``number`` vendors whose digest with the test's name is smallest."""

    def place(vendor: str) -> bytes:
        return blake2b(f"{test} {vendor}".encode(), digest_size=8).digest()

    return set(sorted(vendors, key=place)[:number])


def vendor_of(item: pytest.Item, known: set[str]) -> str | None:
    """The vendor among a test's parameters: by name, or something that is named or placed so."""
    call = getattr(item, "callspec", None)
    for value in call.params.values() if call else ():
        for word in (value, getattr(value, "name", None), getattr(value, "vendor", None)):
            if isinstance(word, str) and word in known:
                return word
    return None


def mark_the_rest(items: list[Any]) -> None:
    """Marks `nightly` what a test marked `sampled(number)` is not to say at a landing."""
    known = set(providers.names())
    groups: dict[tuple[str, str], list[tuple[str, pytest.Item]]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("sampled") and (vendor := vendor_of(item, known)):
            groups[str(item.path), item.originalname].append((vendor, item))
    for (_, test), found in groups.items():
        number = found[0][1].get_closest_marker("sampled").args[0]  # type: ignore[union-attr]
        stay = drawn(test, {vendor for vendor, _ in found}, number)
        for vendor, item in found:
            if vendor not in stay:
                item.add_marker(pytest.mark.nightly)
