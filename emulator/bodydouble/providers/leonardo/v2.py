"""`POST /api/rest/v2/generations`: the models of the second API, each read by a row of its own.

A row of `models_v2.json` is what the model's guide lists: lengths, sizes, guidances, bounds; what
it does not list is refused by the rules of `variables.py`. Guided by pictures and films the video
shows its start and end frame alone. Nobody publishes prices: the rates are ours.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.jobs import Submission
from bodydouble.core.lifecycle import State
from bodydouble.core.media.frames import DEFAULT_FPS
from bodydouble.core.media.plan import even
from bodydouble.core.provider import ModelRow
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.leonardo.catalogue import Size, lying_as
from bodydouble.providers.leonardo.errors import invalid, shown, unsupported
from bodydouble.providers.leonardo.images import Still, find_still
from bodydouble.providers.leonardo.operations import submit
from bodydouble.providers.leonardo.replies import IMAGES, accepted, respond
from bodydouble.providers.leonardo.requests import check_prompt
from bodydouble.providers.leonardo.uploads import MEDIA
from bodydouble.providers.leonardo.variables import Variable, is_uuid, read_variables

FIELD = "generate"
AUTO = (0, 0)
# The guides of Seedance 2.0 list no sizes: as large as its greatest known one, 1112 x 834.
FREE_SIDES, FREE_PIXELS = range(256, 1537), 1112 * 834
_TIER_PIXELS = 640 * 700
# The guides' other words for the two kinds of picture there are here.
_KINDS = {"INIT": "UPLOADED", "GENERATION": "GENERATED", "VARIATION": "GENERATED"}
_STRENGTHS = ("LOW", "MID", "HIGH")
_FRAMES, _REFERENCES = ("start_frame", "end_frame"), ("image_reference", "video_reference_base")


@dataclass(frozen=True, slots=True)
class Guidance:
    """One list of pictures, films or sounds (``of``); ``weighed`` items have a strength."""

    types: list[str]
    of: str = "image"
    most: int = 1
    weighed: bool = False

    def variable(self, name: str) -> Variable:
        """The list as it is read."""
        inner = (
            Variable("id", required=True),
            Variable("type", "ReferenceType", required=True, choices=tuple(self.types)),
        )
        weights = (Variable("strength", "Strength", choices=_STRENGTHS), Variable("order", "Int"))
        thing = Variable(self.of, "Reference", required=True, fields=inner)
        fields = (thing, *(weights if self.weighed else ()))
        return Variable(name, "Guidance", many=True, fields=fields)


@dataclass(frozen=True, slots=True)
class Model:
    """One model. ``durations`` are the shortest and the longest; ``sizes`` and ``rates`` (credits a
    second) by tier, the usual first; ``free`` ones make other sizes as well; ``mode`` ones may be
    told the tier by that name; without ``seed_max`` there is no seed."""

    model: str
    durations: tuple[int, int]
    usual: int
    sizes: dict[str, list[Size]]
    prompt_max: int
    guidances: dict[str, Guidance]
    rates: dict[str, int]
    page: str
    mode: bool = False
    free: bool = False
    needs_start: bool = False
    seed_max: int | None = None

    def variables(self) -> tuple[Variable, ...]:
        """What its requests may carry."""
        guidances = tuple(one.variable(name) for name, one in self.guidances.items())
        parameters = [
            Variable("prompt", required=True),
            *(Variable(name, "Int") for name in ("duration", "width", "height", "quantity")),
            Variable("motion_has_audio", "Boolean"),
            Variable("guidances", "Guidances", fields=guidances),
        ]
        if self.mode:
            parameters.append(Variable("mode", "MotionMode", choices=tuple(self.sizes)))
        if self.seed_max is not None:
            parameters.append(Variable("seed", "bigint"))
        return (
            Variable("model", required=True),
            Variable("public", "Boolean"),
            Variable("parameters", "Parameters", required=True, fields=tuple(parameters)),
        )


@cache
def _data() -> Any:
    return json.loads(files(__package__).joinpath("models_v2.json").read_text())


@cache
def models() -> dict[str, tuple[Model, tuple[Variable, ...]]]:
    """Every model by its name, with what its requests may carry."""
    listed = {}
    for row in _data()["models"]:
        sizes = {tier: [tuple(size) for size in some] for tier, some in row["sizes"].items()}
        known = {name: Guidance(**one) for name, one in _data()[row["guidances"]].items()}
        model = Model(**{**row, "sizes": sizes, "guidances": known})
        listed[model.model] = (model, model.variables())
    return listed


def rows() -> list[ModelRow]:
    """The models for people, the retired ones last."""
    listed = [
        ModelRow(
            model=one.model,
            makes="image_to_video" if one.needs_start else "text_to_video, image_to_video",
            takes=f"v2; {'/'.join(one.sizes)}; {one.durations[0]} to {one.durations[1]} s",
            price=f"{'/'.join(map(str, one.rates.values()))} credits a second (A30; {one.page})",
            known=False,
        )
        for one, _ in models().values()
    ]
    gone = ", ".join(f"{name} {day}" for name, day in _data()["retired"].items())
    return [*listed, ModelRow("retired", "-", "refused on v2", gone, False)]


async def create(call: Call, view: AccountView) -> Reply:
    """Accepts a video. Refused: INVALID, MODERATED, FUNDS, QUEUE_FULL."""
    model, known = _model(call)
    values = read_variables(call, FIELD, known)
    asked = values["parameters"]
    check_prompt(call, asked["prompt"], model.prompt_max)
    _within("duration", asked.get("duration", model.usual), *model.durations)
    _within("quantity", asked.get("quantity", 1), 1, 1)
    _within("seed", asked.get("seed", -1), -1, model.seed_max or 0)
    guided = {name: items for name, items in asked.get("guidances", {}).items() if items}
    _check_guidances(model, guided)
    tier, size = _size(model, asked)
    start, end = await _frames(view, guided)
    submission = _submission(model, values, (start, end), (tier, size))
    job = await submit(view, submission, images=1)
    if call.quirk("leonardo.flat_reply"):
        return respond({"generationId": job.id, "apiCreditCost": job.submission.price})
    return accepted(call, FIELD, job)


def _model(call: Call) -> tuple[Model, tuple[Variable, ...]]:
    rest = (Variable("public", ignored=True), Variable("parameters", ignored=True))
    name = read_variables(call, FIELD, (Variable("model", required=True), *rest))["model"]
    if name not in models():
        raise unsupported(shown(name))
    return models()[name]


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise invalid(f"{name} must be between {low} and {high}")


def _check_guidances(model: Model, guided: dict[str, Any]) -> None:
    """How many there may be, and which go together (guide to Seedance 2.0)."""
    for name, items in guided.items():
        most = model.guidances[name].most
        if len(items) > most:
            raise invalid(f"guidances.{name} takes at most {most}")
        if any(item.get("order", 0) < 0 for item in items):
            raise invalid(f"order of guidances.{name} must be 0 or more")
    if "start_frame" not in guided and (model.needs_start or "end_frame" in guided):
        raise invalid("guidances.start_frame is required")
    if any(name in guided for name in _FRAMES) and any(name in guided for name in _REFERENCES):
        raise invalid("guidances: a start_frame and references exclude each other")


def _size(model: Model, asked: dict[str, Any]) -> tuple[str, Size]:
    """The tier that is priced, and the size: (0, 0) where the model chooses."""
    tier = asked.get("mode", next(iter(model.sizes)))
    usual = model.sizes[tier][0]
    size = (asked.get("width", usual[0]), asked.get("height", usual[1]))
    if size == AUTO:
        return tier, size
    for name, listed in model.sizes.items():
        if size in listed:
            return name, size
    pixels = size[0] * size[1]
    if not model.free or pixels > FREE_PIXELS or not all(side in FREE_SIDES for side in size):
        raise invalid("invalid dimensions")
    large, small = model.sizes
    return small if pixels <= _TIER_PIXELS else large, (even(size[0]), even(size[1]))


async def _frames(view: AccountView, guided: dict[str, Any]) -> tuple[Still | None, Still | None]:
    """Start and end frame. Everything else that was named must be there, and is not looked at."""
    found: dict[str, Still] = {}
    for name, items in guided.items():
        for item in items:
            if "image" in item:
                kind = item["image"]["type"]
                found[name] = await find_still(view, item["image"]["id"], _KINDS.get(kind, kind))
            else:
                ((of, one),) = item.items()
                await _find_film(view, of, one)
    return found.get("start_frame"), found.get("end_frame")


async def _find_film(view: AccountView, of: str, one: dict[str, str]) -> None:
    id = one["id"].lower()
    if not is_uuid(id):
        raise invalid(f"invalid {of} id")
    if one["type"] == "UPLOADED":
        upload = await view.upload(id)
        there = upload is not None and bool(upload.blob) and upload.extension in MEDIA.types
    else:
        job = await view.job(id)
        there = (
            job is not None
            and job.state is State.SUCCEEDED
            and job.deleted_at_us is None
            and job.submission.operation != IMAGES
        )
    if not there:
        raise invalid(f"couldn't access {of}")


def _submission(
    model: Model,
    values: dict[str, Any],
    frames: tuple[Still | None, Still | None],
    made: tuple[str, Size],
) -> Submission:
    (start, end), (tier, size), asked = frames, made, values["parameters"]
    if size == AUTO:
        size = lying_as(model.sizes[tier], (start.width, start.height) if start else None)
    duration_s, seed = asked.get("duration", model.usual), asked.get("seed", -1)
    return Submission(
        operation="image_to_video" if start else "text_to_video",
        model=model.model,
        prompt=asked["prompt"],
        price=model.rates[tier] * duration_s,
        names={},
        width=size[0],
        height=size[1],
        fps=DEFAULT_FPS,
        duration_ms=duration_s * 1000,
        audio=asked.get("motion_has_audio", True),
        seed=None if seed < 0 else seed,
        first_frame=start.picture if start else None,
        last_frame=end.picture if end else None,
        extra={"public": values.get("public", False), "imageToVideo": start is not None},
    )
