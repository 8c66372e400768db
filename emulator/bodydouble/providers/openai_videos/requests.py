"""The bodies of OpenAI's video routes, read from JSON or a form.

Source: the reference and the guide (2026-08) and the types of openai 3.57.0; a first frame must be
as large as the video, as recorded refusals say. An address is looked at and never fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bodydouble.core import wire
from bodydouble.core.errors import Refused
from bodydouble.core.forms import Part
from bodydouble.core.media.inputs import Given, picture_of, read_picture
from bodydouble.core.media.plan import Picture
from bodydouble.core.wire import Call
from bodydouble.providers.openai_dialect.requests import is_form, members
from bodydouble.providers.openai_videos.catalogue import (
    DEFAULT_MODEL,
    REFERENCE_SECONDS,
    REFERENCE_SIZES,
    SECONDS,
    Row,
    rows,
)
from bodydouble.providers.openai_videos.errors import bad
from bodydouble.providers.openai_videos.wording import read, unlisted, wrong_type

PROMPT_MAX = 32_000
CHARACTERS_MAX = 2
CHARACTER_NAME_MAX = 80
IMAGE_URL_MAX = 20_971_520
_IMAGES = ("image/jpeg", "image/png", "image/webp")
_VIDEOS = ("video/mp4",)
_MODELS = ("sora-2", "sora-2-pro")
_OBJECTS = ("characters", "input_reference", "video")

Prompt = Annotated[str, Field(min_length=1, max_length=PROMPT_MAX)]
Id = Annotated[str, Field(min_length=1, max_length=200)]


class _Body(BaseModel):
    """A body; a parameter that nobody knows is refused."""

    model_config = ConfigDict(strict=True, extra="forbid", protected_namespaces=())


class Named(_Body):
    """A character or a video that is there already."""

    id: Id


class _Image(_Body):
    """A picture that is elsewhere."""

    image_url: Annotated[str, Field(max_length=IMAGE_URL_MAX)] = ""
    file_id: str = ""


class _Create(_Body):
    prompt: Prompt
    model: Any = DEFAULT_MODEL
    seconds: Any = "4"
    size: Any = "720x1280"
    input_reference: Any = None
    characters: Annotated[list[Named], Field(max_length=CHARACTERS_MAX)] = []


class Remix(_Body):
    """A video anew, by other words."""

    prompt: Prompt


class _Edit(_Body):
    prompt: Prompt
    video: Any


class _Extension(_Edit):
    seconds: Any


class Character(_Body):
    """Somebody who can appear in videos, shown by one."""

    name: Annotated[str, Field(min_length=1, max_length=CHARACTER_NAME_MAX)]
    video: Any


@dataclass(frozen=True, slots=True)
class Asked:
    """What a create asks for, read and found good."""

    prompt: str
    row: Row
    model: str
    seconds: int
    size: str
    first_frame: Given | None
    characters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """The video that an edit or an extension begins with: one of ours, or a file that came along.

    ``seconds`` are an extension's own.
    """

    prompt: str
    id: str = ""
    seconds: int = 0


def read_create(call: Call) -> Asked:
    """The body of a create. Refused: INVALID, BAD_BODY, CONTENT_TYPE, TOO_LARGE."""
    asked = read(_Create, _members(call))
    row = _row(asked.model)
    newer = call.quirk("openai-videos.limits") == "guide"
    seconds = _listed("seconds", asked.seconds, SECONDS if newer else REFERENCE_SECONDS)
    sizes = tuple(row.per_second)
    sizes = sizes if newer else tuple(size for size in sizes if size in REFERENCE_SIZES)
    size = _listed("size", asked.size, sizes)
    frame = None
    if "input_reference" in asked.model_fields_set:
        frame = _first_frame(asked.input_reference, size, form=is_form(call))
    names = tuple(one.id for one in asked.characters)
    return Asked(asked.prompt, row, asked.model, int(seconds), size, frame, names)


def read_remix(call: Call) -> Remix:
    """The body of a remix. Refused: as `read_create`."""
    return read(Remix, _members(call))


def read_edit(call: Call) -> Source:
    """The body of an edit. Refused: as `read_create`."""
    asked = read(_Edit, _members(call))
    return Source(asked.prompt, _video(asked.video, form=is_form(call)))


def read_extension(call: Call) -> Source:
    """The body of an extension. Refused: as `read_create`."""
    asked = read(_Extension, _members(call))
    seconds = _listed("seconds", asked.seconds, SECONDS)
    return Source(asked.prompt, _video(asked.video, form=is_form(call)), int(seconds))


def read_character(call: Call) -> str:
    """The name of a character whose video came along. Refused: as `read_create`."""
    asked = read(Character, _members(call))
    if not isinstance(asked.video, Part):
        raise wrong_type("video", "a file", asked.video)
    _check_film("video", asked.video)
    return asked.name


def _members(call: Call) -> dict[str, Any]:
    """The body by name. In a form an object is one part of JSON, which is how OpenAPI reads a
    document that does not say otherwise, or a part for each member, as the clients send it.
    """
    given = members(call)
    if not is_form(call):
        return given
    return {
        name: _json(value) if name in _OBJECTS and isinstance(value, str) else value
        for name, value in given.items()
    }


def _json(text: str) -> Any:
    try:
        found = wire.read_json(text.encode())
    except ValueError:
        return text
    return found if isinstance(found, (dict, list)) else text


def _row(model: Any) -> Row:
    if not isinstance(model, str):
        raise wrong_type("model", "a string", model)
    if model not in rows():
        raise unlisted("model", model, _MODELS)
    return rows()[model]


def _listed(param: str, given: Any, allowed: tuple[str, ...]) -> str:
    if isinstance(given, str):
        if given not in allowed:
            raise unlisted(param, given, allowed)
        return given
    quoted = [f"'{one}'" for one in allowed]
    raise wrong_type(param, f"one of {', '.join(quoted[:-1])}, or {quoted[-1]}", given)


def _first_frame(given: Any, size: str, *, form: bool) -> Given:
    if isinstance(given, Part):
        frame = _uploaded(given)
    elif isinstance(given, dict):
        frame = _referenced(read(_Image, given))
    else:
        raise wrong_type("input_reference", "a file" if form else "an object", given)
    if frame.size is not None and "{}x{}".format(*frame.size) != size:
        raise bad(None, None, "Inpaint image must match the requested width and height")
    return frame


def _uploaded(part: Part) -> Given:
    _check_kind("input_reference", part, _IMAGES)
    try:
        return picture_of(part.data)
    except ValueError as error:
        raise _bad_image(error) from None


def _referenced(image: _Image) -> Given:
    if bool(image.image_url) is bool(image.file_id):
        text = "Provide exactly one of 'image_url' or 'file_id'."
        raise bad("input_reference", "invalid_value", text)
    if image.file_id:
        # The Files API is not served, so whatever such a file shows is drawn.
        return Given(Picture("seeded", image.file_id[:200]))
    try:
        return read_picture(image.image_url)
    except ValueError as error:
        raise _bad_image(error) from None


def _bad_image(error: ValueError) -> Refused:
    return bad("input_reference", "invalid_image", f"Invalid image in 'input_reference': {error}.")


def _video(given: Any, *, form: bool) -> str:
    """The id of a video that is given by one; empty where it came along."""
    if isinstance(given, Part):
        _check_film("video", given)
        return ""
    if isinstance(given, dict):
        return read(Named, given).id
    raise wrong_type("video", "a file" if form else "an object", given)


def _check_film(param: str, part: Part) -> None:
    if part.media_type:
        _check_kind(param, part, _VIDEOS)


def _check_kind(param: str, part: Part, kinds: tuple[str, ...]) -> None:
    if part.media_type not in kinds:
        listed = ", ".join(f"'{kind}'" for kind in kinds)
        text = f"unsupported mimetype ('{part.media_type[:100]}'). Supported file formats are"
        message = f"Invalid file '{param}': {text} {listed}."
        raise bad(param, "unsupported_file_mimetype", message)
