"""Leonardo's video models, prices and motion elements, read from the data files beside this one.

Nobody publishes a complete price table: `catalogue.json` says where each figure comes from. What
is charged is decided here, what is asked for in `requests.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from bodydouble.core.provider import ModelRow

# Nine dollar prices seen by others are whole credits at this rate; good, not official.
DOLLARS_PER_CREDIT = Decimal("0.001495")

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Model:
    """One model. ``sizes`` by resolution, the default first; ``prices`` by resolution (or ``""``
    for all of them) in the order of ``durations``; ``fixed`` ones make clips of one length.

    ``end_frame`` says who allows an end frame: ``seed`` pages, ``guides`` or nobody, and
    ``durations_from`` who gives the durations: the ``seed`` page, or others.
    """

    model: str
    text: bool
    sizes: dict[str, list[Size]]
    durations: list[int]
    prices: dict[str, list[int]]
    known: str
    seed_max: int
    usual: int = 5
    fixed: bool = False
    elements: bool = False
    audio: bool = False
    landscape: bool = False
    end_frame: str = ""
    retired: bool = False
    durations_from: str = ""

    def price(self, resolution: str, duration_s: int) -> int:
        """Credits for one video."""
        listed = self.prices.get(resolution) or self.prices[""]
        return listed[self.durations.index(duration_s)]

    def size(self, resolution: str, shape: Size | None) -> Size:
        """The size made when none is asked for: the first that lies as ``shape`` does (A19)."""
        return lying_as(self.sizes[resolution], None if self.landscape else shape)


def lying_as(sizes: list[Size], shape: Size | None) -> Size:
    """The first of ``sizes`` that lies as ``shape`` does; else the first."""
    if shape is None:
        return sizes[0]
    return next((size for size in sizes if _lie(size) == _lie(shape)), sizes[0])


def _lie(size: Size) -> int:
    return (size[0] > size[1]) - (size[0] < size[1])


@cache
def _read(name: str) -> Any:
    return json.loads(files(__package__).joinpath(name).read_text())


@cache
def models() -> dict[str, Model]:
    """Every model by its token on the wire."""
    listed = {}
    for row in _read("catalogue.json")["models"]:
        sizes = {name: [tuple(size) for size in some] for name, some in row["sizes"].items()}
        listed[row["model"]] = Model(**{**row, "sizes": sizes})
    return listed


def special(name: str) -> dict[str, int]:
    """Prices and numbers of what is no model: ``svd``, ``upscale``, ``image``."""
    found: dict[str, int] = _read("catalogue.json")[name]
    return found


def lenient_names() -> dict[str, str]:
    """Model names that guides misspell, by what they mean."""
    found: dict[str, str] = _read("catalogue.json")["lenient"]
    return found


@cache
def elements() -> dict[str, str]:
    """Names of the motion elements by their ``akUUID``, in the order they are listed."""
    return {row["akUUID"]: row["name"] for row in _read("elements.json")}


def platform_models() -> list[dict[str, str]]:
    """Ids and names of the image models that the guides name."""
    found: list[dict[str, str]] = _read("platform_models.json")
    return found


def words(kind: str) -> list[str]:
    """Words of a prompt that are ``blocked`` or ``flagged``; the lists are ours."""
    found: list[str] = _read("moderation.json")[kind]
    return found


def dollars(credits: int) -> str:
    """What pay-as-you-go says for a number of credits: four decimals."""
    value = (credits * DOLLARS_PER_CREDIT).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return f"{value:f}"


def rows() -> list[ModelRow]:
    """The catalogue for people."""
    listed = [
        ModelRow(
            model=model.model,
            makes="text_to_video, image_to_video" if model.text else "image_to_video",
            takes=f"{'/'.join(model.sizes)}; {'/'.join(map(str, model.durations))} s",
            price=f"{_prices(model)} credits ({model.known})",
            known=model.durations_from == "seed",
        )
        for model in models().values()
    ]
    svd, upscale, image = special("svd"), special("upscale"), special("image")
    listed += [
        ModelRow("SVD", "image_to_video", "motionStrength", f"{svd['price']} credits", True),
        ModelRow("upscale", "video", "RESOLUTION_720", f"{upscale['price']} credits (A27)", False),
        ModelRow("images", "image", "-", f"{image['price']} credits each (invented)", False),
    ]
    return listed


def _prices(model: Model) -> str:
    return "; ".join(
        f"{resolution} {'/'.join(map(str, prices))}".strip()
        for resolution, prices in model.prices.items()
    )
