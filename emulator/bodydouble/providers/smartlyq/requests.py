"""Reading SmartlyQ's bodies; a generate request by its types, then by what its model allows.

Everything wrong is reported at once, in the order it was sent (A9): where the model or the type is
wrong, too, a value is wrong if nothing it could have been meant for takes it. It prices nothing and
stores nothing. Source: docs.smartlyq.com/api-reference/videos/generate-video (seed page).
"""

from __future__ import annotations

from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.media.inputs import is_web_url
from bodydouble.core.wire import Call
from bodydouble.providers.smartlyq.catalogue import (
    USUAL_DURATION_S,
    Entry,
    duration_allowed,
    entries,
)

_LISTED = ("resolution", "mode", "aspect_ratio", "style", "movement")
_FLAGS = ("generate_audio", "camera_fixed")


class Generate(BaseModel):
    """The request body as documented; unknown fields are ignored (A9d), null means absent."""

    model_config = ConfigDict(strict=True, extra="ignore", protected_namespaces=())

    model: str | None = None
    type: Literal["text_to_video", "image_to_video"] | None = None
    prompt: str | None = None
    image_url: str | None = None
    duration: int | None = None
    resolution: str | None = None
    mode: str | None = None
    aspect_ratio: str | None = None
    style: str | None = None
    movement: str | None = None
    negative_prompt: str | None = None
    seed: int | None = None
    generate_audio: bool | None = None
    camera_fixed: bool | None = None


class Wanted(BaseModel):
    """A webhook's body, in create and update; what is required of which is checked apart."""

    model_config = ConfigDict(strict=True, extra="ignore")

    url: str | None = None
    events: list[str] | None = None
    status: str | None = None


WANTED = tuple(Wanted.model_fields)


def read_webhook(body: dict[str, Any]) -> tuple[Wanted, list[FieldProblem]]:
    """What can be read of a webhook's body, and the fields whose type is wrong."""
    problems = [FieldProblem(name, Flaw.TYPE) for name in WANTED if body.get(name, "") is None]
    try:
        return Wanted.model_validate(body), problems
    except ValidationError as error:
        names = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors())
    rest = Wanted.model_validate({name: body[name] for name in body if name not in names})
    return rest, [*problems, *(FieldProblem(name, Flaw.TYPE, body[name]) for name in names)]


def read_generate(call: Call) -> tuple[Generate, Entry, dict[str, Any]]:
    """The request, its catalogue entry and its resolved parameters. Refused: BAD_BODY, INVALID."""
    asked, problems = _typed(call)
    entry = entries().get((asked.model or "", asked.type or ""))
    if entry is not None and not problems:
        problems = _wrong(asked, entry, call)
    else:
        problems += _meant(asked, entry, call, {problem.path for problem in problems})
    if problems or entry is None:
        refuse(call, problems)
    return asked, entry, resolved(asked, entry)


def _typed(call: Call) -> tuple[Generate, list[FieldProblem]]:
    """What can be read of the body, and the fields whose type is wrong, which are left out."""
    body = call.json_object()
    # 10.0 is the integer 10 in JSON, whatever a language makes of it.
    tidy = {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in body.items()
    }
    try:
        return Generate.model_validate(tidy), []
    except ValidationError as error:
        names = dict.fromkeys(str(problem["loc"][0]) for problem in error.errors())
    rest = Generate.model_validate({name: tidy[name] for name in tidy if name not in names})
    return rest, [FieldProblem(name, Flaw.TYPE, body[name]) for name in names]


def _meant(asked: Generate, entry: Entry | None, call: Call, told: set[str]) -> list[FieldProblem]:
    """What is wrong beside the fields in ``told``, whatever entry the request is meant for."""
    of_model = [one for one in entries().values() if one.model == asked.model]
    flaws = {}
    if not of_model:
        flaws["model"] = Flaw.CHOICE if (asked.model or "").strip() else Flaw.MISSING
    if entry is None and (of_model or asked.type is None):
        flaws["type"] = Flaw.CHOICE if asked.type else Flaw.MISSING
    problems = [FieldProblem(name, flaw, getattr(asked, name)) for name, flaw in flaws.items()]
    meant = [entry] if entry is not None else of_model or list(entries().values())
    found = [_wrong(asked, one, call) for one in meant]
    shared = set.intersection(*({problem.path for problem in one} for one in found))
    problems += [problem for problem in found[0] if problem.path in shared]
    return [problem for problem in problems if problem.path not in told]


def _wrong(asked: Generate, entry: Entry, call: Call) -> list[FieldProblem]:
    return [*_inputs(asked, entry), *_parameters(asked, entry, call)]


def _inputs(asked: Generate, entry: Entry) -> list[FieldProblem]:
    problems = []
    prompt = asked.prompt or ""
    longest = entry.params["prompt_max_length"]
    if asked.type == "text_to_video" and not prompt.strip():
        problems.append(FieldProblem("prompt", Flaw.MISSING))
    elif longest and len(prompt) > longest:
        problems.append(FieldProblem("prompt", Flaw.LENGTH, len(prompt), (longest,)))
    if asked.type == "image_to_video" and not asked.image_url:
        problems.append(FieldProblem("image_url", Flaw.MISSING))
    elif asked.image_url is not None and not is_web_url(asked.image_url):
        problems.append(FieldProblem("image_url", Flaw.FORMAT, asked.image_url))
    return problems


def _parameters(asked: Generate, entry: Entry, call: Call) -> list[FieldProblem]:
    reject = call.quirk("smartlyq.unsupported") == "reject"
    problems = []
    if asked.duration is not None and not duration_allowed(entry, asked.duration):
        listed = tuple(entry.choices("duration"))
        problems.append(FieldProblem("duration", Flaw.CHOICE, asked.duration, listed))
    for name in _LISTED:
        value, choices = getattr(asked, name), entry.params[name]
        if value and value not in choices and (choices or reject):
            flaw = Flaw.CHOICE if choices else Flaw.UNSUPPORTED
            problems.append(FieldProblem(name, flaw, value, tuple(choices)))
    for name in ("negative_prompt", "seed", *_FLAGS):
        value = getattr(asked, name)
        # false, null and "" ask for nothing, so a model without the feature lets them pass (A9a);
        # a seed of 0 does ask for something.
        wanted = value is not None if name == "seed" else bool(value)
        if wanted and not entry.params[f"supports_{name}"] and reject:
            problems.append(FieldProblem(name, Flaw.UNSUPPORTED, value))
    return problems


def resolved(asked: Generate, entry: Entry) -> dict[str, Any]:
    """Every parameter with its default: the shortest duration, else the first listed (A29)."""
    durations = entry.choices("duration")
    values: dict[str, Any] = {
        "duration": asked.duration or (min(durations) if durations else USUAL_DURATION_S)
    }
    for name in _LISTED:
        choices = entry.params[name]
        values[name] = (getattr(asked, name) or choices[0]) if choices else None
    for name in _FLAGS:
        values[name] = bool(getattr(asked, name)) and bool(entry.params[f"supports_{name}"])
    return values


def refuse(call: Call, problems: list[FieldProblem]) -> NoReturn:
    """Raises Refused(INVALID): each field's first problem, in the order the fields were sent."""
    sent = list(call.json_object())
    order = {name: position for position, name in enumerate(sent)}
    first: dict[str, FieldProblem] = {}
    for problem in problems:
        first.setdefault(problem.path, problem)
    listed = sorted(first.values(), key=lambda problem: order.get(problem.path, len(sent)))
    raise Refused(Cause.INVALID, fields=tuple(listed))
