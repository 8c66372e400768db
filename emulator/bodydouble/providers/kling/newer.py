"""Bodies of the newer API: the model in the path, settings and options apart, inputs as contents.

One class for each route, and `read_order`. Source: the pages of each model under
document-api/api/video as repositories keep them (2026-08 to 2026-10), texts as they were seen.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from bodydouble.core.errors import Flaw
from bodydouble.core.media.inputs import Given
from bodydouble.core.wire import Call
from bodydouble.providers.kling import members as m
from bodydouble.providers.kling.catalogue import PATH_ROUTES, Row, rows
from bodydouble.providers.kling.orders import MOTION_S, Order

REFERENCES_MAX = 7
WITH_VIDEO_MAX = 4
ELEMENTS_MAX = 3
VOICES_MAX = 2


class Settings(m.Members):
    """What comes out."""

    resolution: Literal["720p", "1080p", "4k"] = "720p"
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = None
    duration: m.Whole = 5
    audio: Literal["native", "original", "off"] | None = None
    multi_shot: bool = True
    character_orientation: Literal["image", "video"] | None = None


class Options(m.Members):
    """What goes with it."""

    callback_url: str = ""
    external_task_id: m.ExternalId = ""
    watermark_info: m.Watermark = m.Watermark()


class Content(m.Members):
    """One input: words, a picture, a video, an element or a voice."""

    type: str
    text: str = ""
    url: str = ""
    id: str = ""
    element_id: m.Whole | str = ""
    voice_id: str = ""


class Body(m.Members):
    """What every body of the newer API holds."""

    audio: ClassVar[str] = "off"

    prompt: str = ""
    contents: list[Content] = Field(default_factory=list)
    settings: Settings = Settings()
    options: Options = Options()

    def order(self, row: Row) -> dict[str, Any]:
        """What else an `Order` holds. Refused: INVALID."""
        return {"prompt": self.prompt}

    def of(self, *kinds: str) -> list[tuple[str, Content]]:
        """The contents of some kinds, each with where it stands."""
        return [
            (f"contents[{at}]", one) for at, one in enumerate(self.contents) if one.type in kinds
        ]

    def check_contents(self, row: Row) -> None:
        """Refused: INVALID where there are none, one is none of the route's, or two share an id."""
        if not self.contents:
            raise m.odd("contents", "contents cannot be empty", Flaw.MISSING)
        for at, one in enumerate(self.contents):
            if one.type not in row.contents:
                raise m.wrong(f"contents[{at}].type", one.type)
            needed = {"prompt": "text", "element": "element_id", "voice": "voice_id"}
            name = needed.get(one.type, "url")
            if not getattr(one, name):
                raise m.missing(f"contents[{at}].{name}")
        if len(self.of("prompt")) > 1:
            raise m.wrong("contents.type", "prompt")
        named = [one.id for one in self.contents if one.id]
        for id in named:
            if named.count(id) > 1:
                raise m.wrong("contents.id", id)

    def words(self) -> str:
        """The prompt among the contents."""
        return " ".join(one.text for _, one in self.of("prompt"))

    def still(self, kind: str) -> dict[str, Given]:
        """The picture that a film begins or ends with, if there is one. Refused: INVALID."""
        found = self.of(kind)
        if len(found) > 1:
            raise m.wrong(f"{found[1][0]}.type", kind)
        if not found:
            return {}
        place, one = found[0]
        at = "first" if kind in ("first_frame", "image") else "last"
        return {at: m.picture(f"{place}.url", one.url)}


class TextToVideo(Body):
    """A film from words."""

    def order(self, row: Row) -> dict[str, Any]:
        if not self.prompt:
            raise m.odd("prompt", "prompt cannot be empty", Flaw.MISSING)
        return {"prompt": self.prompt}


class ImageToVideo(Body):
    """A film that begins with a picture."""

    def order(self, row: Row) -> dict[str, Any]:
        self.check_contents(row)
        frames = self.still("first_frame") | self.still("last_frame")
        if "first" not in frames:
            raise m.missing("contents.first_frame")
        if len(self.of("element")) > ELEMENTS_MAX:
            raise m.wrong("contents.element", len(self.of("element")))
        if row.model == "kling-2.6":
            self._check_six()
        voiced = bool(self.of("voice"))
        return {**frames, "prompt": self.words(), "voice": voiced}

    def _check_six(self) -> None:
        """Refused: INVALID for what this model alone asks for."""
        if not self.words():
            raise m.missing("contents.prompt")
        voices = self.of("voice")
        if voices and (self.settings.audio != "native" or len(voices) > VOICES_MAX):
            raise m.wrong("settings.audio", self.settings.audio or "off")
        if self.of("last_frame") and self.settings.resolution != "1080p":
            raise m.wrong("settings.resolution", self.settings.resolution)


class Omni(Body):
    """A film from words, pictures, elements and a video."""

    def order(self, row: Row) -> dict[str, Any]:
        self.check_contents(row)
        words = self.words()
        if not words:
            raise m.missing("contents.prompt")
        frames = self.still("first_frame") | self.still("last_frame")
        if "last" in frames and "first" not in frames:
            raise m.missing("contents.first_frame")
        videos = self.of("feature_video", "base_video")
        for place, one in videos:
            m.address(f"{place}.url", one.url)
        pictures = self.of("first_frame", "last_frame", "refer_image")
        for place, one in self.of("refer_image"):
            m.picture(f"{place}.url", one.url)
        if len(videos) > 1:
            raise m.odd("contents", "at most one reference video is supported")
        most = WITH_VIDEO_MAX if videos else REFERENCES_MAX
        if len(pictures) + len(self.of("element")) > most:
            raise m.wrong("contents", len(self.contents))
        self._check_video(frames)
        return {**frames, "prompt": words, "video": bool(videos)}

    def _check_video(self, frames: dict[str, Given]) -> None:
        """Refused: INVALID where a video does not go with what is asked for beside it."""
        wanted = self.settings
        feature, base = self.of("feature_video"), self.of("base_video")
        if (feature or base) and wanted.audio == "native":
            raise m.wrong("settings.audio", "native")
        if feature and wanted.audio == "original":
            raise m.wrong("settings.audio", "original")
        if feature and not wanted.multi_shot:
            raise m.wrong("settings.multi_shot", "false")
        if base and frames:
            raise m.wrong("contents.first_frame", "base_video")


class Motion(Body):
    """A picture that moves as a video does."""

    audio = "original"

    def order(self, row: Row) -> dict[str, Any]:
        self.check_contents(row)
        frames = self.still("image")
        if not frames:
            raise m.missing("contents.image")
        videos = self.of("video")
        if len(videos) != 1:
            raise m.missing("contents.video")
        m.address(f"{videos[0][0]}.url", videos[0][1].url)
        if self.settings.character_orientation is None:
            raise m.missing("settings.character_orientation")
        return {**frames, "prompt": self.words(), "seconds": MOTION_S}


BODIES: dict[str, type[Body]] = {
    "text-to-video": TextToVideo,
    "image-to-video": ImageToVideo,
    "omni-video": Omni,
    "motion-control": Motion,
}


def read_order(call: Call, product: str, model: str) -> Order:
    """The order of a body. Refused: BAD_BODY, INVALID."""
    row = rows()[PATH_ROUTES[product], model]
    kind = BODIES[product]
    body = m.read(kind, call.json_object())
    told = body.order(row)
    if len(told["prompt"]) > row.prompt_max:
        raise m.odd("prompt", f"prompt exceeds {row.prompt_max} characters", Flaw.LENGTH)
    wanted = body.settings
    _check_settings(wanted, row, kind)
    shaped = wanted.aspect_ratio or told.get("first") or told.get("video")
    if kind is Omni and not shaped and call.quirk("kling.omni_ratio") == "required":
        raise m.missing("settings.aspect_ratio")
    return Order(
        row=row,
        tier=wanted.resolution,
        sound=wanted.audio == "native",
        ratio=wanted.aspect_ratio or "16:9",
        callback_url=body.options.callback_url,
        callback_path="options.callback_url",
        external_id=body.options.external_task_id,
        watermark=body.options.watermark_info.enabled,
        **{"seconds": wanted.duration, **told},
    )


def _check_settings(wanted: Settings, row: Row, kind: type[Body]) -> None:
    """Refused: INVALID where a model does not make what is asked for."""
    if wanted.resolution not in row.rates:
        raise m.wrong("settings.resolution", wanted.resolution)
    if row.seconds and wanted.duration not in row.seconds:
        raise m.wrong("settings.duration", str(wanted.duration))
    # A model whose films always sound, or never do, has no such setting and passes it over.
    fits = {"off", kind.audio} | ({"original"} if kind is Omni else set())
    if len(row.rates[wanted.resolution]) > 1:
        fits.add("native")
    settled = row.always_sounds or row.model == "kling-2.5-turbo"
    if not settled and (wanted.audio or "off") not in fits:
        raise m.wrong("settings.audio", wanted.audio)
