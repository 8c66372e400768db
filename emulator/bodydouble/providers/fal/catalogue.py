"""fal's video apps, read from `catalogue.json`: what each takes, costs and gives; money is USD.

Source: each app's own page (its llms.txt, dated there) and, for what pages lack, the types of
@fal-ai/client 1.10.1. A price is an amount for a unit (a second, a video, a million tokens) by what
a request asks for; a new app is a row of data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from bodydouble.core.media.plan import PIXELS_MAX, SIDE_MAX, even
from bodydouble.core.money.amounts import Currency, rounded
from bodydouble.core.provider import ModelRow

MONEY = Currency("USD", 1_000_000, 6)
# The short side of a video in pixels, by what a request calls its resolution.
_SHORT_SIDES = {"4k": 2160}
_SHORT_SIDE = 720

Asked = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class App:
    """One endpoint. ``fields`` describe its input, ``output`` the members of its result.

    ``sound`` names the member that asks for sound; ``height`` is the short side where no member
    names a resolution; ``known`` says how well its price is; settings ``without`` do not go
    together.
    """

    id: str
    maker: str
    fields: Mapping[str, Mapping[str, Any]]
    price: Mapping[str, Any]
    fps: int
    output: list[str]
    known: str
    source: str
    date: str
    height: int = _SHORT_SIDE
    sound: str = ""
    without: Sequence[Mapping[str, str]] = ()

    @property
    def root(self) -> str:
        """Owner and alias, under which requests are followed."""
        return "/".join(self.id.split("/")[:2])

    @property
    def unit_price(self) -> Decimal:
        """What one unit costs at the first of its prices."""
        return Decimal(self.price["rows"][0]["amount"])

    def pictures(self) -> list[str]:
        """The members that take the address of a picture, the first frame's first."""
        return [name for name, kind in self.fields.items() if kind["type"] == "picture"]

    def seconds(self, asked: Asked) -> int:
        """How long the video is that was asked for."""
        return int(str(asked["duration"]).rstrip("s"))

    def frames(self, asked: Asked) -> int:
        """Its frames per second."""
        return int(asked.get("fps") or self.fps)

    def size(self, asked: Asked, given: tuple[int, int] | None = None) -> tuple[int, int]:
        """Width and height; ``given`` is a picture's, whose shape is taken where none is named."""
        named = str(asked.get("resolution") or self.height)
        short = _SHORT_SIDES.get(named) or int(named.rstrip("pP"))
        ratio = asked.get("aspect_ratio") or "auto"
        wide, high = (given or (16, 9)) if ratio == "auto" else map(int, ratio.split(":"))
        scale = short / min(wide, high)
        return _within(round(wide * scale), round(high * scale))

    def cost(self, asked: Asked, size: tuple[int, int]) -> int:
        """What a request costs, in the smallest unit of `MONEY`."""
        row = next(row for row in self.price["rows"] if _fits(row.get("when", {}), asked))
        amount = Decimal(row["amount"])
        for name, more in self.price.get("adds", {}).items():
            amount += Decimal(more) if asked.get(name) else 0
        for name, factors in self.price.get("times", {}).items():
            amount *= Decimal(factors.get(asked.get(name), "1"))
        if self.price["unit"] == "seconds":
            amount *= self.seconds(asked)
        elif self.price["unit"] == "1m tokens":
            pixels = size[0] * size[1] * self.frames(asked) * self.seconds(asked)
            amount *= Decimal(pixels) / 1024 / 1_000_000
        return rounded(amount * MONEY.scale)

    def units(self, price: int) -> str:
        """How many units ``price`` is, as the header of a result says it."""
        return f"{(Decimal(price) / MONEY.scale / self.unit_price).normalize():f}"


def _fits(when: Mapping[str, Any], asked: Asked) -> bool:
    return all(asked.get(name) in values for name, values in when.items())


def _within(width: int, height: int) -> tuple[int, int]:
    """The size, or the largest of its shape that can be drawn."""
    if width * height > PIXELS_MAX:
        fit = (PIXELS_MAX / (width * height)) ** 0.5
        width, height = int(width * fit) - 1, int(height * fit) - 1
    return even(min(width, SIDE_MAX)), even(min(height, SIDE_MAX))


@cache
def apps() -> dict[str, App]:
    """The apps by id, in the order listed."""
    assert __package__ is not None
    told = json.loads(files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8"))
    rows = [App(**row) for row in told["apps"]]
    return {row.id: row for row in rows}


def for_people() -> list[ModelRow]:
    """The catalogue for people."""
    return [
        ModelRow(
            model=app.id,
            makes="video with sound" if app.sound else "video",
            takes="; ".join(["prompt", *app.pictures()]),
            price=f"{app.unit_price} USD for {app.price['unit']}, at its first setting",
            known=app.known == "documented",
        )
        for app in apps().values()
    ]
