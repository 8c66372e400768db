"""Runway's bodies: of creates, one model class for each pair of operation and model, and others.

Source: docs.dev.runwayml.com/openapi.json (2026-08-08) and, where they are newer, the types of
runwayml 5.24.0. The newer bodies are closed, the older ones ignore what they do not know. A member
that is null is not a member left out (assumption: its optional members refuse null).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bodydouble.core.wire import Call
from bodydouble.providers.runway import members as m
from bodydouble.providers.runway.issues import NO_MODEL, invalid, issues_of, wrong_model

B = TypeVar("B", bound=BaseModel)
# What the vendor leaves to itself where a body says nothing (assumption).
SECONDS = 5


class Body(BaseModel):
    """What every create body may hold, with what counts where it holds nothing."""

    model_config = ConfigDict(strict=True, extra="ignore", protected_namespaces=())

    model: str
    promptText: m.Prompt = ""
    seed: m.Seed = -1
    # Not every model takes these; they stand here so that whoever reads a body may ask for them.
    ratio: str = "1280:720"
    duration: int | str = SECONDS
    audio: bool = False
    outputFormat: str = "mp4"
    promptImage: Any = ()
    media: ClassVar[tuple[str, ...]] = ("promptImage", "videoUri", "promptVideo")

    @property
    def shape(self) -> str:
        """Pixels or proportions of what is ordered, or ``adaptive``."""
        return self.ratio


class Gen45Text(Body):
    """Gen-4.5 from words."""

    promptText: m.Prompt
    ratio: m.FlatRatio
    duration: m.Seconds2to10
    contentModeration: m.Moderation = m.Moderation()
    outputFormat: m.Format = "mp4"
    proresProfile: m.Prores = "422"


class Gen45Image(Gen45Text):
    """Gen-4.5 from a picture."""

    promptImage: m.First
    ratio: m.GenRatio  # type: ignore[assignment]


class Gen4Turbo(Body):
    """Gen-4 Turbo, always from a picture."""

    promptImage: m.First
    ratio: m.GenRatio
    duration: m.Seconds2to10 = SECONDS
    contentModeration: m.Moderation = m.Moderation()


class VeoText(Body):
    """Veo 3.1 from words."""

    promptText: m.Prompt
    ratio: m.VeoRatio
    duration: m.Seconds468 = 8
    audio: bool = True
    negativePrompt: m.Prompt = ""


class VeoImage(Body):
    """Veo 3.1 from one or two pictures."""

    promptImage: m.FirstAndLast
    ratio: m.VeoRatio
    duration: m.Seconds468 = 8
    audio: bool = True
    negativePrompt: m.Prompt = ""


class OmniText(Body):
    """Gemini Omni from words."""

    promptText: m.Prompt4000
    ratio: m.FlatRatio = "1280:720"
    duration: m.Seconds3to10 = SECONDS


class OmniImage(Body):
    """Gemini Omni from a picture."""

    promptImage: m.First
    promptText: m.Prompt4000 = ""
    ratio: m.FlatRatio = "1280:720"
    duration: m.Seconds3to10 = SECONDS


class OmniVideo(Body):
    """Gemini Omni from a video."""

    model_config = ConfigDict(extra="forbid")

    videoUri: m.VideoUri
    promptText: m.Prompt4000
    references: m.References5 = []


class Seedance(Body):
    """What Seedance 2 takes whatever it starts from."""

    model_config = ConfigDict(extra="forbid")

    promptText: m.Prompt3500 = ""
    ratio: m.SeedanceRatio = "1280:720"
    duration: m.SecondsOrAuto = SECONDS
    audio: bool = True
    referenceAudio: m.Sounds3 = []


class SeedanceText(Seedance):
    """Seedance 2 from words."""

    promptText: m.Prompt3500
    references: m.References9 = []
    referenceVideos: m.Videos3 = []


class SeedanceImage(Seedance):
    """Seedance 2 from pictures."""

    promptImage: m.LooseFrames


class SeedanceVideo(Seedance):
    """Seedance 2 from a video."""

    promptVideo: m.VideoUri
    references: m.References9 = []
    referenceVideos: m.Videos3 = []


class HailuoText(Body):
    """Hailuo 3 from words."""

    model_config = ConfigDict(extra="forbid")

    promptText: m.Prompt6000
    resolution: Literal["768p", "2k", "768P", "2K"] = "768p"
    ratio: m.HailuoRatio = "16:9"
    duration: m.Seconds5to15 = SECONDS
    references: m.References9 = []
    referenceVideos: m.Videos3 = []
    referenceAudio: m.Sounds3 = []


class HailuoImage(HailuoText):
    """Hailuo 3 from pictures."""

    promptImage: m.LooseFrames


class Aleph(Body):
    """Aleph 2: a video changed."""

    model_config = ConfigDict(extra="forbid")

    videoUri: m.VideoUri
    keyframes: m.Keyframes5 = []
    targetAspectRatio: m.AlephRatio = "16:9"
    contentModeration: m.Moderation = m.Moderation()
    outputFormat: m.Format = "mp4"
    proresProfile: m.Prores = "422"

    @property
    def shape(self) -> str:
        """Its ``ratio`` is deprecated and not looked at."""
        return self.targetAspectRatio


class UsageAsked(BaseModel):
    """The body of a question for usage; dates are UTC, the second one not included."""

    model_config = ConfigDict(strict=True)

    startDate: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] = ""
    beforeDate: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] = ""


class UploadAsked(BaseModel):
    """The body of an upload's announcement."""

    model_config = ConfigDict(strict=True)

    filename: Annotated[str, Field(min_length=3, max_length=255)]
    type: Literal["ephemeral"]


BODIES: dict[str, dict[str, type[Body]]] = {
    "textToVideo": {
        "gen4.5": Gen45Text,
        "veo3.1": VeoText,
        "veo3.1_fast": VeoText,
        "gemini_omni_flash": OmniText,
        "seedance2": SeedanceText,
        "hailuo3": HailuoText,
    },
    "imageToVideo": {
        "gen4.5": Gen45Image,
        "gen4_turbo": Gen4Turbo,
        "veo3.1": VeoImage,
        "veo3.1_fast": VeoImage,
        "gemini_omni_flash": OmniImage,
        "seedance2": SeedanceImage,
        "hailuo3": HailuoImage,
    },
    "videoToVideo": {
        "aleph2": Aleph,
        "gemini_omni_flash": OmniVideo,
        "seedance2": SeedanceVideo,
    },
}


def _read(kind: type[B], told: dict[str, Any]) -> B:
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        raise invalid(issues_of(error)) from None


def read_body(call: Call, operation: str) -> Body:
    """The body of a create. Refused: BAD_BODY, INVALID with the validator's issues."""
    told = call.json_object()
    model = told.get("model")
    if not isinstance(model, str):
        raise invalid(NO_MODEL if "model" not in told else wrong_model())
    kind = BODIES[operation].get(model)
    if kind is None:
        raise invalid(wrong_model())
    return _read(kind, told)


def read_usage(call: Call) -> UsageAsked:
    """The body of a question for usage. Refused: INVALID."""
    return _read(UsageAsked, call.json_object())


def read_upload(call: Call) -> UploadAsked:
    """The body of an upload's announcement. Refused: INVALID."""
    return _read(UploadAsked, call.json_object())
