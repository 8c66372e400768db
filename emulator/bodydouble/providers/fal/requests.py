"""What an app is asked for: a model of its input, made from the catalogue, and what is wrong.

An app behind fal is a FastAPI application, so a bad input is told in pydantic's own words, each
with its place under `body`; members that nobody knows are ignored there. A picture that cannot be
used is an error of the model's own kind. Source: fal.ai/docs/documentation/model-apis/errors.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, create_model

from bodydouble.core.media.inputs import Given, read_picture
from bodydouble.core.wire import Call
from bodydouble.providers.fal.catalogue import App, apps
from bodydouble.providers.fal.details import model_error

Problem = dict[str, Any]
# A job keeps what is wrong with it.
ECHOED_BYTES_MAX = 4096


@dataclass(frozen=True, slots=True)
class Read:
    """An input as it was read: its members with their defaults, its pictures, what is wrong."""

    asked: Mapping[str, Any]
    pictures: Mapping[str, Given]
    problems: tuple[Problem, ...] = ()


@cache
def model_of(id: str) -> type[BaseModel]:
    """The model of an app's input."""
    # What is null is as good as left out: several clients send every member they know.
    fields: dict[str, Any] = {
        name: (_type(kind), ...)
        if kind.get("required")
        else (_type(kind) | None, kind.get("default"))
        for name, kind in apps()[id].fields.items()
    }
    return create_model("Input", **fields)


def _type(kind: Mapping[str, Any]) -> Any:
    if kind["type"] == "choice":
        return Literal[tuple(kind["of"])]
    if kind["type"] == "number":
        return Annotated[float, Field(ge=kind["from"], le=kind["to"])]
    if kind["type"] == "text":
        return Annotated[str, Field(min_length=kind.get("least"), max_length=kind.get("most"))]
    return {"integer": int, "boolean": bool, "picture": str}[kind["type"]]


def read_input(call: Call, app: App) -> Read:
    """The input of a call to an app, whatever it is. Refused: BAD_BODY, as of `Call.json`."""
    told = call.json
    try:
        values = model_of(app.id).model_validate(told).model_dump()
    except ValidationError as error:
        kept = told if isinstance(told, dict) else {}
        return Read(kept, {}, _problems(error, len(call.content)))
    asked: dict[str, Any] = {
        name: app.fields[name].get("default") if value is None else value
        for name, value in values.items()
    }
    pictures, problems = {}, []
    for name in app.pictures():
        given = asked[name]
        try:
            if given is not None:
                pictures[name] = read_picture(given)
        except ValueError:
            kind = "image_load_error" if given[:5] == "data:" else "file_download_error"
            problems.append(model_error(kind, ("body", name), given[:100]))
    for together in app.without:
        if all(asked[name] == value for name, value in together.items()):
            told = " and ".join(together)
            last = list(together)[-1]
            wrong = {"type": "value_error", "loc": ["body", last], "input": asked[last]}
            problems.append({**wrong, "msg": f"Value error, unsupported combination of {told}"})
    return Read(asked, pictures, tuple(problems))


def _problems(error: ValidationError, size: int) -> tuple[Problem, ...]:
    """What is wrong as FastAPI tells it, with what was given unless the body was a long one."""
    told = []
    for one in error.errors(include_url=False):
        problem: Problem = {"type": one["type"], "loc": ["body", *one["loc"]], "msg": one["msg"]}
        if size <= ECHOED_BYTES_MAX:
            problem["input"] = one["input"]
        if one.get("ctx"):
            problem["ctx"] = {n: value for n, value in one["ctx"].items() if n != "error"}
        told.append(problem)
    return tuple(told)
