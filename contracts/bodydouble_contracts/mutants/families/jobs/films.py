"""Mutants whose links give a film, and not the one that was ordered."""

from __future__ import annotations

from bodydouble_contracts.mutants.families.jobs.links import OnLink
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import mutant
from bodydouble_contracts.reading.links import shows_links
from bodydouble_contracts.vendors.profile import Profile

SIDES = {b"tkhd": (76, 4), b"stsd": (40, 2)}
"""Where a box keeps its width, counted from its content, and in how many bytes."""


def content_at(film: bytes | bytearray, kind: bytes, nth: int = 0) -> int:
    """Return where the content of the nth box of a kind begins, -1 where there is none."""
    found = -1
    for _ in range(nth + 1):
        found = film.find(kind, found + 1)
    return found + 4 if found >= 0 else -1


class Film(OnLink):
    """Changes whole films."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where the profile says what film is ordered."""
        return bool(profile.section("links").get("film")) and shows_links(profile) > 0

    def served(self, req: Ask, resp: Answer) -> Answer:
        if resp.status == 200 and req.method == "GET" and b"ftyp" in resp.body[:12]:
            resp.content = self.changed(bytearray(resp.body))
        return resp

    def changed(self, film: bytearray) -> bytes:
        """Return another film of the same length in bytes."""
        return bytes(film)


class Paced(Film):
    """Shows every frame for `times` as long as it was made for."""

    times = 1.0

    def changed(self, film: bytearray) -> bytes:
        at = content_at(film, b"stts")
        count = int.from_bytes(film[at + 4 : at + 8], "big")
        for entry in range(count):
            place = at + 12 + 8 * entry
            delta = int.from_bytes(film[place : place + 4], "big")
            film[place : place + 4] = max(1, round(delta * self.times)).to_bytes(4, "big")
        self.scale(film, b"mvhd", 16)
        self.scale(film, b"mdhd", 16)
        self.scale(film, b"tkhd", 20)
        return bytes(film)

    def scale(self, film: bytearray, kind: bytes, offset: int) -> None:
        """Scale the length in a box of version 0."""
        at = content_at(film, kind)
        if at >= 0 and film[at] == 0:
            old = int.from_bytes(film[at + offset : at + offset + 4], "big")
            film[at + offset : at + offset + 4] = round(old * self.times).to_bytes(4, "big")


@mutant("L60", "a film is half as long as ordered", ["JOB-29"])
class HalfAsLong(Paced):
    times = 0.5


@mutant("L61", "a film is twice as long as ordered", ["JOB-29"])
class TwiceAsLong(Paced):
    times = 2.0


class Sized(Film):
    """Says another size in every box that has one."""

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return the size to say."""
        return width, height

    def changed(self, film: bytearray) -> bytes:
        for kind, (offset, digits) in SIDES.items():
            at = content_at(film, kind)
            if at < 0:
                continue
            first, second = at + offset, at + offset + digits
            shift = 16 if digits == 4 else 0
            width = int.from_bytes(film[first : first + digits], "big") >> shift
            height = int.from_bytes(film[second : second + digits], "big") >> shift
            told = self.size(width, height)
            film[first : first + digits] = (told[0] << shift).to_bytes(digits, "big")
            film[second : second + digits] = (told[1] << shift).to_bytes(digits, "big")
        return bytes(film)


@mutant("L62", "a film is half as wide and half as high as ordered", ["JOB-29"])
class Small(Sized):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a size is promised, and not its ratio alone."""
        named = "width" in profile.section("links").get("film", {})
        return named and super().possible(profile)

    def size(self, width: int, height: int) -> tuple[int, int]:
        return width // 2, height // 2


@mutant("L63", "a film lies on its side", ["JOB-29"])
class OnItsSide(Sized):
    def size(self, width: int, height: int) -> tuple[int, int]:
        return height, width


@mutant("L64", "every link leads to the first film", ["JOB-30"])
class OneFilm(OnLink):
    def reset(self) -> None:
        super().reset()
        self.first: bytes = b""

    def served(self, req: Ask, resp: Answer) -> Answer:
        if resp.status == 200 and req.method == "GET":
            self.first = self.first or resp.body
            resp.content = self.first
        return resp


@mutant("L65", "the same order twice leads to one film", ["JOB-30"])
class Remembered(OnLink):
    """A cache by length, which two films of one order share or nearly so."""

    def reset(self) -> None:
        super().reset()
        self.kept: list[bytes] = []

    def served(self, req: Ask, resp: Answer) -> Answer:
        if resp.status == 200 and req.method == "GET":
            near = [k for k in self.kept if abs(len(k) - len(resp.body)) * 4 < len(resp.body)]
            self.kept.append(resp.body)
            resp.content = near[0] if near else resp.body
        return resp


@mutant("L66", "the film has frames that none can decode", ["JOB-29"])
class Noise(Film):
    def changed(self, film: bytearray) -> bytes:
        at = content_at(film, b"mdat")
        film[at + 64 : len(film) - 8] = bytes(len(film) - 8 - at - 64)
        return bytes(film)
