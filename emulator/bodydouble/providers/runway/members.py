"""The members that several of Runway's create bodies share: texts, numbers, addresses, frames.

Source: docs.dev.runwayml.com/openapi.json (2026-08-08), the troubleshooting page (what it says of
addresses) and the types of runwayml 5.24.0. Lengths are UTF-16 units. An address is looked at and
never fetched.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from bodydouble.core.media.inputs import is_web_url, read_picture
from bodydouble.providers.runway.catalogue import UPLOADED

_DATA_MAX = {"image": 5_242_880, "video": 16_777_216, "audio": 16_777_216}


def bad(code: str, message: str, **told: Any) -> PydanticCustomError:
    """What is wrong with a member, in the validator's own words."""
    return PydanticCustomError(code, "{message}", {"message": message, **told})


def _bounded(longest: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not value:
            message = "Too small: expected string to have >=1 characters"
            raise bad("too_small", message, origin="string", minimum=1, inclusive=True)
        if len(value.encode("utf-16-le", "surrogatepass")) // 2 > longest:
            message = f"Too big: expected string to have <={longest} characters"
            raise bad("too_big", message, origin="string", maximum=longest, inclusive=True)
        return value

    return check


def _whole(value: Any) -> Any:
    # JSON has one kind of number: 5.0 is 5.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _address(kind: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value.startswith(UPLOADED):
            if not 13 <= len(value) <= 5000:
                raise bad("custom", "Invalid URL")
        elif value[:5].lower() == "data:":
            _check_data(value, kind)
        elif value.startswith("http://"):
            raise bad("custom", "Only HTTPS URLs are allowed.")
        elif not value.startswith("https://") or len(value) > 2048 or not is_web_url(value):
            raise bad("custom", "Invalid URL")
        elif not _is_domain(urlsplit(value).hostname or ""):
            raise bad("custom", "URLs must be hosted on a domain.")
        return value

    return check


def _check_data(value: str, kind: str) -> None:
    named = value.lower().startswith(f"data:{kind}/")
    if not named or not 13 <= len(value) <= _DATA_MAX[kind]:
        raise bad("custom", "Invalid data URI.")
    if kind == "image":
        try:
            read_picture(value)
        except ValueError:
            raise bad("custom", "Invalid data URI.") from None


def _is_domain(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return "." in host
    return False


def _listed(most: int) -> Callable[[Any], Any]:
    """One address as a list of one frame, or a list of at most so many."""

    def read(value: Any) -> Any:
        if isinstance(value, str):
            # Looked at here, so that what is wrong with it is said of the member itself.
            return [{"uri": _address("image")(value), "position": "first"}]
        if not isinstance(value, list):
            raise bad("invalid_union", "Invalid input", errors=[])
        if not 1 <= len(value) <= most:
            code, sign = ("too_big", "<=") if value else ("too_small", ">=")
            message = f"expected array to have {sign}{most if value else 1} items"
            raise bad(code, message, origin="array", inclusive=True)
        return value

    return read


ImageUri = Annotated[str, AfterValidator(_address("image"))]
VideoUri = Annotated[str, AfterValidator(_address("video"))]
AudioUri = Annotated[str, AfterValidator(_address("audio"))]
Prompt = Annotated[str, AfterValidator(_bounded(1000))]
Prompt3500 = Annotated[str, AfterValidator(_bounded(3500))]
Prompt4000 = Annotated[str, AfterValidator(_bounded(4000))]
Prompt6000 = Annotated[str, AfterValidator(_bounded(6000))]
Seed = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=2**32 - 1)]
Seconds2to10 = Annotated[int, BeforeValidator(_whole), Field(ge=2, le=10)]
Seconds3to10 = Annotated[int, BeforeValidator(_whole), Field(ge=3, le=10)]
Seconds5to15 = Annotated[int, BeforeValidator(_whole), Field(ge=5, le=15)]
Seconds468 = Annotated[Literal[4, 6, 8], BeforeValidator(_whole)]
_Seconds4to15 = Annotated[int, BeforeValidator(_whole), Field(ge=4, le=15)]
SecondsOrAuto = _Seconds4to15 | Literal["auto"]


class Member(BaseModel):
    """An object inside a body; what else it holds is not looked at."""

    model_config = ConfigDict(strict=True, extra="ignore", protected_namespaces=())


class FirstFrame(Member):
    """A picture that the video begins with."""

    uri: ImageUri
    position: Literal["first"]


class Frame(Member):
    """A picture that the video begins or ends with."""

    uri: ImageUri
    position: Literal["first", "last"]


class LooseFrame(Member):
    """A frame that need not say where it stands."""

    uri: ImageUri
    position: Literal["first", "last"] = "first"


class Reference(Member):
    """A picture that the video should look like."""

    model_config = ConfigDict(extra="forbid")

    uri: ImageUri


class VideoReference(Member):
    """A video to go by."""

    type: Literal["video"]
    uri: VideoUri


class AudioReference(Member):
    """A sound to go by."""

    type: Literal["audio"]
    uri: AudioUri


class Keyframe(Member):
    """A picture at an instant of the video."""

    uri: ImageUri
    seconds: Annotated[float, Field(ge=0, le=30)] = 0.0


class Moderation(Member):
    """How strictly faces of public figures are judged."""

    model_config = ConfigDict(extra="forbid")

    publicFigureThreshold: Literal["auto", "low"] = "auto"


First = Annotated[list[FirstFrame], BeforeValidator(_listed(1))]
FirstAndLast = Annotated[list[Frame], BeforeValidator(_listed(2))]
LooseFrames = Annotated[list[LooseFrame], BeforeValidator(_listed(9))]
References9 = Annotated[list[Reference], Field(max_length=9)]
References5 = Annotated[list[Reference], Field(max_length=5)]
Videos3 = Annotated[list[VideoReference], Field(max_length=3)]
Sounds3 = Annotated[list[AudioReference], Field(max_length=3)]
Keyframes5 = Annotated[list[Keyframe], Field(min_length=1, max_length=5)]
Format = Literal[
    "mp4", "prores", "png_sequence", "hdr10", "hlg", "sdr_rec709_10bit", "hdr_pq_12bit_master",
    "hdr_prores", "hdr_png_sequence", "hdr_exr_sequence", "hdr_exr_acescg_sequence_1_3",
    "hdr_exr_acescg_sequence_2_0",
]  # fmt: skip
Prores = Literal["422", "4444", "422 Proxy", "422 LT", "422 HQ", "4444 XQ"]
FlatRatio = Literal["1280:720", "720:1280"]
GenRatio = Literal["1280:720", "720:1280", "1104:832", "960:960", "832:1104", "1584:672"]
VeoRatio = Literal["1280:720", "720:1280", "1080:1920", "1920:1080"]
SeedanceRatio = Literal[
    "992:432", "864:496", "752:560", "640:640", "560:752", "496:864", "1470:630", "1280:720",
    "1112:834", "960:960", "834:1112", "720:1280", "2206:946", "1920:1080", "1664:1248",
    "1440:1440", "1248:1664", "1080:1920", "3840:1646", "3840:2160", "3840:2880", "3840:3840",
    "2880:3840", "2160:3840",
]  # fmt: skip
HailuoRatio = Literal["adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"]
AlephRatio = Literal["16:9", "4:3", "3:2", "1:1", "2:3", "3:4", "9:16", "21:9"]
