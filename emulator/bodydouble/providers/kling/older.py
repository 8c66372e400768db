"""Bodies of the older API: flat, the model in `model_name`, the resolution called a mode.

One class for each route, and `read_order`. Source: the older reference pages as two repositories
keep them (2026-01 and 2026-03), the newer enums @ai-sdk/klingai 4.0.31.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.media.inputs import Given
from bodydouble.core.wire import Call
from bodydouble.providers.kling import members as m
from bodydouble.providers.kling.catalogue import PROMPT_MAX, TIERS, Row, rows
from bodydouble.providers.kling.orders import MOTION_S, Order, check_served

Prompt = Annotated[str, Field(max_length=PROMPT_MAX)]
Mode = Literal["std", "pro", "4k"]
Ratio = Literal["16:9", "9:16", "1:1"]


class Body(m.Members):
    """What every body of the older API may hold, with what counts where it holds nothing."""

    model: ClassVar[str] = "kling-v1"
    usual_mode: ClassVar[Mode] = "std"

    model_name: str = ""
    prompt: Prompt = ""
    negative_prompt: Prompt = ""
    mode: Mode | None = None
    duration: str = "5"
    aspect_ratio: Ratio | None = None
    sound: Literal["on", "off"] = "off"
    cfg_scale: m.Share = 0.5
    callback_url: str = ""
    external_task_id: m.ExternalId = ""
    watermark_info: m.Watermark = m.Watermark()

    def order(self, row: Row, tier: str) -> dict[str, Any]:
        """What else an `Order` holds. Refused: INVALID."""
        return {}


class Shots(Body):
    """What films of several shots hold."""

    multi_shot: bool = False
    shot_type: Literal["customize", "intelligence"] | None = None
    multi_prompt: list[m.Shot] = Field(default_factory=list, max_length=6)
    voice_list: list[m.Voice] = Field(default_factory=list, max_length=2)

    def words(self) -> str:
        """The prompt, or those of the shots. Refused: INVALID where there are none."""
        if self.multi_shot and self.shot_type is None:
            raise m.missing("shot_type")
        if self.multi_shot and self.shot_type == "customize":
            if not self.multi_prompt:
                raise m.missing("multi_prompt")
            return " ".join(shot.prompt for shot in self.multi_prompt)
        return self.prompt

    def order(self, row: Row, tier: str) -> dict[str, Any]:
        if self.multi_shot and row.model not in ("kling-v3", "kling-v3-omni"):
            raise m.wrong("multi_shot", "true")
        if self.voice_list and self.sound != "on":
            raise m.wrong("sound", self.sound)
        return {"prompt": self.words(), "voice": bool(self.voice_list)}


class TextToVideo(Shots):
    """A film from words."""

    camera_control: m.Camera | None = None

    def order(self, row: Row, tier: str) -> dict[str, Any]:
        told = super().order(row, tier)
        if not told["prompt"]:
            raise m.missing("prompt")
        _check_camera(self.camera_control)
        return told


class ImageToVideo(Shots):
    """A film that begins with a picture, or ends with one."""

    image: str = ""
    image_tail: str = ""
    static_mask: str = ""
    dynamic_masks: list[m.Brush] = Field(default_factory=list, max_length=6)
    camera_control: m.Camera | None = None
    element_list: list[m.Element] = Field(default_factory=list, max_length=3)

    def order(self, row: Row, tier: str) -> dict[str, Any]:
        if not self.image and not self.image_tail:
            raise m.missing("image")
        brushed = bool(self.static_mask or self.dynamic_masks)
        if brushed and row.model != "kling-v1":
            raise m.odd("static_mask", f"{row.model} is not supported with motion brush")
        if bool(self.image_tail) + brushed + (self.camera_control is not None) > 1:
            text = "image_tail, dynamic_masks/static_mask and camera_control are mutually exclusive"
            raise m.odd("image_tail", text)
        _check_camera(self.camera_control)
        stills = {"first": self.image, "last": self.image_tail}
        named = {"first": "image", "last": "image_tail"}
        given = {at: m.picture(named[at], text) for at, text in stills.items() if text}
        return {**super().order(row, tier), **given}


class ImagesToVideo(Body):
    """A film with what up to four pictures show."""

    model = "kling-v1-6"
    image_list: Annotated[list[m.ListedImage], Field(min_length=1, max_length=4)]
    prompt: Annotated[str, Field(min_length=1, max_length=PROMPT_MAX)]

    def order(self, row: Row, tier: str) -> dict[str, Any]:
        for at, one in enumerate(self.image_list):
            m.picture(f"image_list[{at}].image", one.image)
        return {"prompt": self.prompt}


class Omni(Shots):
    """A film from words, pictures, elements and a video."""

    model = "kling-video-o1"
    usual_mode = "pro"
    image_list: list[m.OmniImage] = Field(default_factory=list, max_length=7)
    element_list: list[m.Element] = Field(default_factory=list, max_length=7)
    video_list: list[m.OmniVideo] = Field(default_factory=list, max_length=1)

    def order(self, row: Row, tier: str) -> dict[str, Any]:
        told = super().order(row, tier)
        if not told["prompt"]:
            raise m.missing("prompt")
        frames: dict[str, Given] = {}
        for at, one in enumerate(self.image_list):
            given = m.picture(f"image_list[{at}].image_url", one.image_url)
            if one.type is not None:
                frames["first" if one.type == "first_frame" else "last"] = given
        if "last" in frames and "first" not in frames:
            raise m.odd("image_list", "end_frame needs first_frame")
        if self.video_list and self.sound == "on":
            raise m.wrong("sound", "on")
        changed = any(video.refer_type == "base" for video in self.video_list)
        for video in self.video_list:
            m.address("video_list[0].video_url", video.video_url)
        if changed and frames:
            raise m.odd("video_list", "a video to be changed has no first_frame or end_frame")
        if len(self.image_list) + len(self.element_list) > (4 if self.video_list else 7):
            raise m.wrong("image_list", len(self.image_list))
        if not frames and not changed and self.aspect_ratio is None:
            raise m.missing("aspect_ratio")
        return {**told, **frames, "video": bool(self.video_list)}


class Motion(Body):
    """A picture that moves as a video does."""

    model = "kling-v2-6"
    image_url: Annotated[str, Field(min_length=1)]
    video_url: Annotated[str, Field(min_length=1)]
    character_orientation: Literal["image", "video"]
    mode: Mode
    keep_original_sound: Literal["yes", "no"] = "yes"
    element_list: list[m.Element] = Field(default_factory=list, max_length=1)

    def order(self, row: Row, tier: str) -> dict[str, Any]:
        m.address("video_url", self.video_url)
        return {
            "prompt": self.prompt,
            "first": m.picture("image_url", self.image_url),
            "seconds": MOTION_S,
        }


class Extend(m.Members):
    """A film that goes on for some seconds."""

    video_id: Annotated[str, Field(min_length=1)]
    prompt: Prompt = ""
    negative_prompt: Prompt = ""
    cfg_scale: m.Share = 0.5
    callback_url: str = ""
    external_task_id: m.ExternalId = ""
    watermark_info: m.Watermark = m.Watermark()


BODIES: dict[str, type[Body]] = {
    "text2video": TextToVideo,
    "image2video": ImageToVideo,
    "multi-image2video": ImagesToVideo,
    "omni-video": Omni,
    "motion-control": Motion,
}


def read_order(call: Call, route: str) -> Order:
    """The order of a body. Refused: BAD_BODY, INVALID, UNKNOWN_MODEL."""
    told = call.json_object()
    kind = BODIES[route]
    body = m.read(kind, told)
    model = body.model_name or kind.model
    row = rows().get((route, model))
    if row is None:
        raise Refused(Cause.UNKNOWN_MODEL, model=model)
    check_served(model, call.quirk("kling.retired"))
    mode = body.mode or kind.usual_mode
    tier = TIERS[mode]
    if tier not in row.rates:
        raise m.wrong("mode", mode)
    if row.seconds and body.duration not in map(str, row.seconds):
        raise m.wrong("duration", body.duration)
    # A model or a mode without sound passes it over (assumption).
    sound = body.sound == "on" and row.sounds(tier)
    told = body.order(row, tier)
    return Order(
        row=row,
        tier=tier,
        sound=sound,
        ratio=body.aspect_ratio or "16:9",
        callback_url=body.callback_url,
        external_id=body.external_task_id,
        watermark=body.watermark_info.enabled,
        extra={"route": route},
        **{"seconds": int(body.duration) if row.seconds else MOTION_S, **told},
    )


def read_extend(call: Call) -> Extend:
    """The body of an extension. Refused: BAD_BODY, INVALID."""
    return m.read(Extend, call.json_object())


def _check_camera(camera: m.Camera | None) -> None:
    if camera is None:
        return
    moved = camera.config.model_dump().values() if camera.config is not None else ()
    if (camera.type == "simple") != (sum(one != 0 for one in moved) == 1):
        raise m.wrong("camera_control.config", camera.type)
