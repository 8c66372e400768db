"""The catalogue: every contract of every family, in one order, and how people name some of them.

It collects what the modules of `contracts/` enter when they are imported; none stands here.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from fnmatch import fnmatchcase
from functools import cache

from bodydouble_contracts import contracts as families
from bodydouble_contracts.contracts.contract import ENTERED, FAMILIES, Contract, rank


class UnknownContract(ValueError):
    """No contract has that id; the text lists near ones."""


@cache
def all_contracts() -> tuple[Contract, ...]:
    """Return every contract, family by family, in order of number."""
    for module in pkgutil.iter_modules(families.__path__):
        importlib.import_module(f"{families.__name__}.{module.name}")
    order = list(FAMILIES)
    return tuple(sorted(ENTERED.values(), key=lambda c: (order.index(c.family), c.id)))


def find(id: str) -> Contract:
    """Return a contract by id. Raises UnknownContract."""
    for entry in all_contracts():
        if entry.id == id.upper():
            return entry
    near = [c.id for c in all_contracts() if c.family == id.upper()[:3]]
    raise UnknownContract(
        f"no contract {id!r}: "
        + (f"this family has {', '.join(near)}" if near else f"families are {', '.join(FAMILIES)}")
    )


def select(globs: str = "*", tier: str = "E") -> tuple[Contract, ...]:
    """Return contracts whose id matches one of the comma-separated globs, up to a tier.

    Raises UnknownContract when a glob matches nothing.
    """
    chosen: list[Contract] = []
    for glob in [g.strip().upper() for g in globs.split(",") if g.strip()]:
        found = [c for c in all_contracts() if fnmatchcase(c.id, glob) or c.family == glob]
        if not found:
            find(glob)
        chosen += [c for c in found if c not in chosen]
    return tuple(c for c in chosen if rank(c.tier) <= rank(tier))


def fingerprint() -> str:
    """Return twelve hex digits over ids, levels and sentences: it changes when a contract does."""
    text = "\n".join(f"{c.id} {c.level} {c.tier} {c.sentence}" for c in all_contracts())
    return hashlib.sha256(text.encode()).hexdigest()[:12]
