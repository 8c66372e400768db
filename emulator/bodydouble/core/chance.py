"""Seeded chance: every id, duration and outcome is drawn from here and nowhere else.

A draw is a hash of (seed, what it is for) followed by a counter, so two draws with the same
purpose agree in every store, process and Python version, and one draw never disturbs another.
It knows nothing of what it is drawing for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

HEX = "0123456789abcdef"
ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BLOCK_BYTES = 64
_UNIT = float(1 << 53)
_VARIANTS = {digit: "89ab"[int(digit, 16) & 3] for digit in HEX}


class Draw:
    """An endless stream of seeded bytes: ``Draw(seed, "job", 7)``.

    ``seed`` is any integer; ``purpose`` is any sequence of printable values.
    """

    __slots__ = ("_block", "_count", "_name", "_used")

    def __init__(self, seed: int, *purpose: object) -> None:
        name = str(seed)
        for part in purpose:
            name = f"{name}:{part}"
        self._name = name.encode()
        self._count = 0
        self._block = b""
        self._used = _BLOCK_BYTES

    def at(self, place: int) -> Draw:
        """This stream again, from byte ``place`` (up to 64) of its beginning."""
        if self._count != 1:
            self._block = blake2b(b"%b#0" % self._name).digest()
            self._count = 1
        self._used = place
        return self

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes (``count`` up to 64)."""
        start = self._used
        if start + count > _BLOCK_BYTES:
            self._block = blake2b(b"%b#%d" % (self._name, self._count)).digest()
            self._count += 1
            start = 0
        self._used = end = start + count
        return self._block[start:end]

    def uniform(self) -> float:
        """A float in [0, 1)."""
        return (int.from_bytes(self.take(8), "big") >> 11) / _UNIT

    def between(self, low: int, high: int) -> int:
        """An integer in [low, high], both ends included."""
        return low + int.from_bytes(self.take(8), "big") % (high - low + 1)

    def choice(self, items: Sequence[T]) -> T:
        """One of ``items`` (not empty)."""
        return items[self.between(0, len(items) - 1)]

    def text(self, count: int, alphabet: str = HEX) -> str:
        """``count`` (up to 64) characters of ``alphabet``."""
        return self.take(count).translate(_letters(alphabet)).decode()

    def uuid4(self) -> str:
        """A UUID whose version nibble is 4."""
        digits = self.take(16).hex()
        fourth = f"{_VARIANTS[digits[16]]}{digits[17:20]}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{fourth}-{digits[20:]}"

    def uuid6(self, at_us: int) -> str:
        """A time-ordered UUID (version nibble 6) for the instant ``at_us`` (Unix microseconds)."""
        ticks = (at_us * 10 + 0x01B21DD213814000) & ((1 << 60) - 1)
        stamp = f"{ticks:015x}"
        digits = stamp[:12] + "6" + stamp[12:] + self.take(8).hex()
        fourth = _VARIANTS[digits[16]] + digits[17:20]
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{fourth}-{digits[20:]}"


@cache
def _letters(alphabet: str) -> bytes:
    """The letter that stands for each of the 256 bytes."""
    return bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))


@lru_cache(maxsize=1024)
def _request_block(seed: int, number: int) -> Draw:
    return Draw(seed, "request", number)


def request_draw(seed: int, serial: int) -> Draw:
    """The draw for what a sandbox's request number ``serial`` needs: one hash is for four."""
    number, place = divmod(serial, 4)
    return _request_block(seed, number).at(16 * place)
