"""The body of a prediction that makes a video: one instance, and parameters.

Source: google-genai 2.34.0 (what it sends) and recorded refusals ("`x` isn't supported by this
model", "is out of bound"); 1080p and 4k, as the page says, are of eight seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bodydouble.core.errors import Flaw, Refused
from bodydouble.core.media.inputs import Given, read_picture
from bodydouble.core.wire import Call
from bodydouble.providers.gemini.catalogue import Row
from bodydouble.providers.gemini.errors import bad

PROMPT_MAX = 20_000
REFERENCES_MAX = 3
SEED_MAX = 2**32 - 1


class _Value(BaseModel):
    """A value of the request; a member that the model does not know is refused."""

    model_config = ConfigDict(strict=True, extra="forbid", protected_namespaces=())


class _Inline(_Value):
    mimeType: str
    data: str


class _Image(_Value):
    """As the page's samples write it, or as the client does."""

    inlineData: _Inline | None = None
    bytesBase64Encoded: str | None = None
    mimeType: str | None = None
    uri: str | None = None

    def text(self) -> str:
        """The picture as an address or a data URI; empty where it is neither."""
        kind, data = self.mimeType, self.bytesBase64Encoded
        if self.inlineData is not None:
            kind, data = self.inlineData.mimeType, self.inlineData.data
        return f"data:{kind or 'image/png'};base64,{data}" if data else self.uri or ""


class _Reference(_Value):
    image: _Image
    referenceType: str | None = None


class _Video(_Value):
    inlineData: _Inline | None = None
    uri: str | None = None
    encodedVideo: str | None = None
    encoding: str | None = None


class _Instance(_Value):
    prompt: str | None = None
    image: _Image | None = None
    lastFrame: _Image | None = None
    referenceImages: list[_Reference] | None = None
    video: _Video | None = None


class _Parameters(_Value):
    aspectRatio: Literal["16:9", "9:16"] | None = None
    durationSeconds: int | str | None = None
    resolution: Literal["720p", "1080p", "4k"] | None = None
    sampleCount: int | None = None
    numberOfVideos: int | None = None
    enhancePrompt: bool | None = None
    negativePrompt: str | None = None
    personGeneration: Literal["allow_all", "allow_adult", "dont_allow"] | None = None
    seed: int | None = None


class WebhookConfig(_Value):
    """Where the end of a prediction is told."""

    uris: list[str] | None = None
    userMetadata: dict[str, Any] | None = None


class _Create(_Value):
    instances: list[_Instance]
    parameters: _Parameters | None = None
    webhookConfig: WebhookConfig | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a prediction asks for, read and found good."""

    prompt: str
    seconds: int
    resolution: str
    ratio: str
    seed: int | None
    first: Given | None
    last: Given | None
    webhook: WebhookConfig | None


def read_create(call: Call, row: Row) -> Asked:
    """The body of a prediction. Refused: BAD_BODY, CONTENT_TYPE, INVALID."""
    try:
        asked = _Create.model_validate(call.json_object())
    except ValidationError as error:
        raise _worded(error.errors(include_url=False, include_context=True)[0]) from None
    if len(asked.instances) != 1:
        raise bad("instances", Flaw.LENGTH, "Exactly one instance is required.")
    instance, wanted = asked.instances[0], asked.parameters or _Parameters()
    if not instance.prompt and instance.image is None and instance.video is None:
        raise bad("instances[0].prompt", Flaw.MISSING, "`prompt` is required.")
    if instance.lastFrame is not None and instance.image is None:
        raise bad("instances[0].lastFrame", Flaw.CONFLICT, "`lastFrame` requires `image`.")
    if len(instance.prompt or "") > PROMPT_MAX:
        raise bad("instances[0].prompt", Flaw.LENGTH, "`prompt` is too long.")
    seconds, resolution = _size(wanted, row, references=bool(instance.referenceImages))
    _between("sampleCount", wanted.sampleCount, 1, 1)
    _between("numberOfVideos", wanted.numberOfVideos, 1, 1)
    _between("seed", wanted.seed, 0, SEED_MAX)
    if len(instance.referenceImages or ()) > REFERENCES_MAX:
        text = f"At most {REFERENCES_MAX} reference images are supported."
        raise bad("instances[0].referenceImages", Flaw.LENGTH, text)
    shown = [_picture(one.image, "referenceImages") for one in instance.referenceImages or ()]
    first = _picture(instance.image, "image") if instance.image else None
    return Asked(
        prompt=instance.prompt or "",
        seconds=seconds,
        resolution=resolution,
        ratio=wanted.aspectRatio or "16:9",
        seed=wanted.seed,
        first=first or (shown[0] if shown else None),
        last=_picture(instance.lastFrame, "lastFrame") if instance.lastFrame else None,
        webhook=asked.webhookConfig,
    )


def _size(wanted: _Parameters, row: Row, *, references: bool) -> tuple[int, str]:
    resolution = wanted.resolution or "720p"
    if resolution not in row.per_second:
        raise _unsupported("parameters.resolution", "resolution", resolution)
    given = row.usual if wanted.durationSeconds is None else wanted.durationSeconds
    # A text on the page, a number from the client.
    if isinstance(given, str) and not (given.isdecimal() and len(given) < 5):
        path = "parameters.durationSeconds"
        raise bad(path, Flaw.TYPE, f"Invalid value at '{path}'.", given)
    seconds = int(given)
    _between("durationSeconds", seconds, row.seconds[0], row.seconds[-1])
    eight = resolution != "720p" or references
    if seconds not in row.seconds or (eight and seconds != row.seconds[-1]):
        text = f"Unsupported video duration {seconds}."
        raise bad("parameters.durationSeconds", Flaw.CHOICE, text, seconds)
    return seconds, resolution


def _between(name: str, given: int | None, low: int, high: int) -> None:
    if given is None or low <= given <= high:
        return
    text = (
        f"The number value for `{name}` is out of bound. Please provide a value between {low} and "
        f"{high}, inclusive."
    )
    raise bad(f"parameters.{name}", Flaw.RANGE, text, given)


def _picture(image: _Image, name: str) -> Given:
    try:
        return read_picture(image.text())
    except ValueError:
        path = f"instances[0].{name}"
        raise bad(path, Flaw.FORMAT, f"Unable to process input image in `{name}`.") from None


def _unsupported(path: str, name: str, given: Any) -> Refused:
    text = (
        f"`{name}` isn't supported by this model. Please remove it or refer to the Gemini API "
        "documentation for supported usage."
    )
    return bad(path, Flaw.UNSUPPORTED, text, given)


def _worded(problem: Any) -> Refused:
    parts, kind, given = problem["loc"], problem["type"], problem["input"]
    name = str(parts[-1]) if parts else ""
    path = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in parts).lstrip(".")
    if kind == "extra_forbidden" and len(parts) == 1:
        text = f'Invalid JSON payload received. Unknown name "{name[:200]}": Cannot find field.'
        return bad(path, Flaw.UNKNOWN, text, given)
    if kind == "extra_forbidden":
        return _unsupported(path, name[:200], given)
    if kind == "missing":
        return bad(path, Flaw.MISSING, f"`{name}` is required.")
    if kind == "literal_error":
        text = f"Unsupported value for `{name}`. Allowed values are: {problem['ctx']['expected']}."
        return bad(path, Flaw.CHOICE, text, given)
    return bad(path, Flaw.TYPE, f"Invalid value at '{path}'.", given)
