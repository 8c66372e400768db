"""The body of an interaction that makes a video.

Source: google-genai 3.6.1 (`CreateModelInteraction`, `VideoResponseFormat`, `VideoConfig`) and
ai.google.dev/gemini-api/docs/omni (2026-07): 3 to 10 seconds, 15 with 1.2; null is absent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from bodydouble.core.errors import Cause, Flaw, Refused
from bodydouble.core.media.inputs import Given, read_picture
from bodydouble.core.media.plan import Picture
from bodydouble.core.wire import Call
from bodydouble.providers.gemini.catalogue import INTERACTIONS, Row, rows
from bodydouble.providers.gemini.errors import bad
from bodydouble.providers.gemini.wording import Body, read, unlisted, wrong_type

TEXT_MAX = 100_000
PARTS_MAX = 20
ID = re.compile(r"v1_[0-9A-Za-z_-]{20,200}")
_SECONDS = re.compile(r"([0-9]{1,4})(\.0*)?s")
_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
Task = Literal["text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale"]


class _VideoFormat(Body):
    type: Literal["video"]
    duration: str | None = None
    resolution: Literal["360p", "720p", "1080p", "4k"] | None = None
    aspect_ratio: Literal["16:9", "9:16"] | None = None
    delivery: Literal["inline", "uri"] | None = None


class _VideoConfig(Body):
    task: Task | None = None


class _GenerationConfig(Body):
    video_config: _VideoConfig | None = None
    seed: int | None = None


class WebhookConfig(Body):
    """Where the end of an interaction is told."""

    uris: list[str] | None = None
    user_metadata: dict[str, Any] | None = None


class _Create(Body):
    model: str
    input: Any
    background: bool | None = None
    store: bool | None = None
    stream: bool | None = None
    previous_interaction_id: str | None = None
    response_format: Any = None
    response_modalities: list[Literal["text", "image", "audio", "video", "document"]] | None = None
    generation_config: _GenerationConfig | None = None
    webhook_config: WebhookConfig | None = None
    labels: dict[str, str] | None = None
    service_tier: Literal["flex", "standard", "priority", "deferred"] | None = None
    system_instruction: str | None = None
    tools: list[Any] | None = None
    safety_settings: list[Any] | None = None


class _Text(Body):
    type: Literal["text"]
    text: str


class _Media(Body):
    type: Literal["image", "video", "audio", "document"]
    data: str | None = None
    uri: str | None = None
    mime_type: str | None = None


class _Step(Body):
    type: Literal["user_input"]
    content: Any


@dataclass(frozen=True, slots=True)
class Asked:
    """What an interaction asks for, read and found good; ``seconds`` 0 and empty texts: unsaid.

    ``echo`` are those members of the body that replies repeat.
    """

    row: Row
    prompt: str
    pictures: tuple[Given, ...]
    uris: tuple[str, ...]
    seconds: int
    resolution: str
    ratio: str
    delivery: str
    background: bool
    store: bool
    stream: bool
    previous: str
    webhook: WebhookConfig | None
    echo: dict[str, Any]


def read_create(call: Call) -> Asked:
    """The body of a create. Refused: BAD_BODY, CONTENT_TYPE, INVALID, UNKNOWN_MODEL."""
    given = call.json
    if not isinstance(given, dict):
        raise wrong_type("", "an object", given)
    asked = read(_Create, given)
    row = rows().get(asked.model.removeprefix("models/"))
    if row is None or row.api != INTERACTIONS:
        raise Refused(Cause.UNKNOWN_MODEL, model=asked.model)
    text, media = _input(asked.input)
    wanted = _format(asked.response_format)
    seconds = _seconds(wanted.duration, row)
    if wanted.resolution and wanted.resolution not in row.per_second:
        listed = ", ".join(f"'{one}'" for one in row.per_second)
        raise unlisted("response_format.resolution", wanted.resolution, listed)
    background, store = bool(asked.background), asked.store is not False
    _check(asked, background, store)
    names = ("previous_interaction_id", "labels", "service_tier", "webhook_config")
    return Asked(
        row=row,
        prompt=text,
        pictures=tuple(_picture(one, at) for at, one in media if one.type == "image"),
        uris=tuple(one.uri for _, one in media if one.uri),
        seconds=seconds,
        resolution=wanted.resolution or "",
        ratio=wanted.aspect_ratio or "",
        delivery=wanted.delivery or "",
        background=background,
        store=store,
        stream=bool(asked.stream),
        previous=asked.previous_interaction_id or "",
        webhook=asked.webhook_config,
        echo={name: given[name] for name in names if given.get(name) is not None},
    )


def _check(asked: _Create, background: bool, store: bool) -> None:
    if background and not store:
        raise bad("store", Flaw.CONFLICT, "background=true requires store=true")
    if asked.webhook_config is not None and not background:
        raise bad("background", Flaw.CONFLICT, "webhook_config requires background=true")
    for name in ("tools", "safety_settings"):
        if getattr(asked, name):
            raise bad(name, Flaw.UNSUPPORTED, f"'{name}' is not supported by this model")
    for name, value in (asked.labels or {}).items():
        if not _LABEL.fullmatch(name) or not _VALUE.fullmatch(value):
            raise bad("labels", Flaw.FORMAT, f"Invalid label '{name[:100]}' at 'labels'")


def _format(given: Any) -> _VideoFormat:
    """The format of the video; the last one counts where there are several."""
    if given is None:
        return _VideoFormat(type="video")
    many = given if isinstance(given, list) else [given]
    found = _VideoFormat(type="video")
    for place, one in enumerate(many):
        at = f"response_format[{place}]" if isinstance(given, list) else "response_format"
        if not isinstance(one, dict):
            raise wrong_type(at, "an object", one)
        found = read(_VideoFormat, one, at)
    return found


def _seconds(duration: str | None, row: Row) -> int:
    if duration is None:
        return 0
    found = _SECONDS.fullmatch(duration)
    path = "response_format.duration"
    if found is None:
        raise bad(path, Flaw.FORMAT, f"Invalid duration '{duration[:100]}' at '{path}'", duration)
    seconds = int(found[1])
    if seconds not in row.seconds:
        text = f"'{path}' must be between {row.seconds[0]}s and {row.seconds[-1]}s for this model."
        raise bad(path, Flaw.RANGE, text, duration)
    return seconds


def _input(given: Any) -> tuple[str, list[tuple[str, _Media]]]:
    """The words of an input, and its pictures and films with their places."""
    texts: list[str] = []
    media: list[tuple[str, _Media]] = []
    _take(given, "input", texts, media)
    if not any(texts) and not media:
        raise bad("input", Flaw.MISSING, "The input must not be empty at 'input'")
    text = "\n".join(texts)
    if len(text) > TEXT_MAX:
        raise bad("input", Flaw.LENGTH, "The input is too long at 'input'")
    return text, media


def _take(given: Any, at: str, texts: list[str], media: list[tuple[str, _Media]]) -> None:
    if isinstance(given, str):
        texts.append(given)
        return
    if isinstance(given, list) and at.count(".content") < 2:
        if len(given) > PARTS_MAX:
            raise bad(at, Flaw.LENGTH, f"At most {PARTS_MAX} items are supported at '{at}'")
        for place, one in enumerate(given):
            if not isinstance(one, dict):
                raise wrong_type(f"{at}[{place}]", "an object", one)
            _take(one, f"{at}[{place}]", texts, media)
        return
    if not isinstance(given, dict):
        raise wrong_type(at, "a string or an array", given)
    kind = given.get("type")
    if kind == "user_input" and ".content" not in at:
        _take(read(_Step, given, at).content, f"{at}.content", texts, media)
    elif kind == "text":
        texts.append(read(_Text, given, at).text)
    elif kind in ("image", "video", "audio", "document"):
        media.append((at, _source(read(_Media, given, at), at)))
    else:
        raise unlisted(f"{at}.type", kind, "'text', 'image', 'video', 'audio', 'document'")


def _source(media: _Media, at: str) -> _Media:
    if bool(media.data) is bool(media.uri):
        raise bad(at, Flaw.CONFLICT, f"Exactly one of 'data' and 'uri' is required at '{at}'")
    if media.data and not media.mime_type:
        raise bad(f"{at}.mime_type", Flaw.MISSING, f"Missing required parameter '{at}.mime_type'")
    return media


def _picture(media: _Media, at: str) -> Given:
    """A picture of the input; one that is named by an address is read nowhere."""
    text = media.uri or f"data:{media.mime_type};base64,{media.data}"
    if media.uri and not media.uri.startswith(("http:", "https:")):
        # A file by its name alone; whether it is there is asked for elsewhere.
        return Given(Picture("seeded", media.uri[:200]))
    try:
        return read_picture(text)
    except ValueError:
        place = f"{at}.{'uri' if media.uri else 'data'}"
        raise bad(place, Flaw.FORMAT, f"Invalid image at '{place}'") from None
