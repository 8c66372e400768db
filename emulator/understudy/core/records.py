"""How a record is made: a dataclass that nobody changes, at the price of one that could be.

The type checker treats it as frozen; at run time it is not, because freezing triples the time it
takes to make one, and every request makes a dozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """A slotted dataclass, frozen for the type checker."""
    return dataclass(slots=True)(cls)
