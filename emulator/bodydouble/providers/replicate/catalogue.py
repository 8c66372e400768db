"""Replicate's models with inputs and prices, deployments and hardware, from `catalogue.json`.

Inputs: the models' own pages of versions (replicate.com/…/versions/…/api, 2026). Prices: reports
that cite the models' pages (2026-10); what is assumed says so in its row.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bodydouble.core.money.amounts import Currency
from bodydouble.core.provider import ModelRow

MONEY = Currency("USD", 10_000, 4)
# What an official model's version is called: https://replicate.com/docs/topics/models/official-models
HIDDEN = "hidden"
OWNER = "acme"
COG_VERSION = "0.16.8"
MADE_AT = "2025-10-01T12:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class Row:
    """One model. ``rates`` are dollars by resolution or mode (else ""), with sound ``sounds``.

    ``input`` are the members of its input as JSON Schema, ``first`` and ``last`` those that are
    frames; ``seconds`` and the side ``short`` count where no member says them; ``many``: its output
    is a list.
    """

    model: str
    about: str
    official: bool
    version: str
    input: dict[str, dict[str, Any]]
    required: list[str]
    first: str
    last: str
    seconds: int
    short: int
    rates: dict[str, str]
    sounds: dict[str, str]
    per: str
    many: bool
    runs: int
    known: str
    dated: str

    def value(self, given: dict[str, Any], name: str) -> Any:
        """A member of an input, or what it is by default."""
        return given.get(name, self.input.get(name, {}).get("default"))

    def price(self, given: dict[str, Any], seconds: float) -> int:
        """What an input costs, in the smallest unit."""
        loud = self.sounds and self.value(given, "generate_audio")
        rates = self.sounds if loud else self.rates
        tier = self.value(given, "resolution") or self.value(given, "mode")
        rate = MONEY.parse(rates.get(tier) or rates[""])
        return rate if self.per == "video" else round(rate * seconds)


@cache
def _told() -> Any:
    assert __package__ is not None
    return json.loads(files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8"))


@cache
def rows() -> dict[str, Row]:
    """The models by ``owner/name``, in the order listed."""
    return {row["model"]: Row(**row) for row in _told()["models"]}


@cache
def by_version() -> dict[str, Row]:
    """The models by the id of their latest version."""
    return {row.version: row for row in rows().values()}


@cache
def deployments() -> dict[str, dict[str, Any]]:
    """The account's deployments by ``owner/name``."""
    return {f"{OWNER}/{one['name']}": one for one in _told()["deployments"]}


def hardware() -> Any:
    """What deployments run on."""
    return _told()["hardware"]


@cache
def schema(model: str) -> dict[str, Any]:
    """The schema of a model's version: what it takes and what it gives."""
    row = rows()[model]
    link = {"type": "string", "format": "uri", "title": "Output"}
    properties = {
        name: {**one, "title": name.replace("_", " ").capitalize(), "x-order": place}
        for place, (name, one) in enumerate(row.input.items())
    }
    taken = {
        "type": "object",
        "title": "Input",
        "required": row.required,
        "properties": properties,
    }
    given = {"type": "array", "items": link, "title": "Output"} if row.many else link
    return {
        "openapi": "3.0.2",
        "info": {"title": "Cog", "version": "0.1.0"},
        "paths": {},
        "components": {"schemas": {"Input": taken, "Output": given}},
    }


def for_people() -> list[ModelRow]:
    """The catalogue for people."""
    return [
        ModelRow(
            model=row.model if row.official else f"{row.model}:{row.version[:8]}…",
            makes="video with sound" if row.sounds else "video",
            takes=row.about,
            price=_price(row),
            known=row.known == "documented",
        )
        for row in rows().values()
    ]


def _price(row: Row) -> str:
    def told(rates: dict[str, str]) -> str:
        return ", ".join(f"{tier} ${rate}".strip() for tier, rate in rates.items())

    sound = f", with sound {told(row.sounds)}" if row.sounds else ""
    return f"{told(row.rates)}{sound} per {row.per} ({row.known} {row.dated})"
