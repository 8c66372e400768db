"""The bodies of the routes of webhook endpoints. Source: openai 3.57.0, its types."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticKnownError

from bodydouble.core.wire import Call
from bodydouble.providers.openai_videos.events import EVENTS
from bodydouble.providers.openai_videos.wording import read


def _known(value: str) -> str:
    if value not in EVENTS:
        listed = ", ".join(f"'{event}'" for event in EVENTS)
        raise PydanticKnownError("literal_error", {"expected": listed})
    return value


Event = Annotated[str, AfterValidator(_known)]
Events = Annotated[list[Event], Field(min_length=1, max_length=len(EVENTS))]
Name = Annotated[str, Field(min_length=1, max_length=256)]
Url = Annotated[str, Field(min_length=1, max_length=4096)]


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class NewEndpoint(_Body):
    """A new endpoint."""

    event_types: Events
    name: Name
    url: Url


class Changes(_Body):
    """What is to be another."""

    event_types: Events | None = None
    name: Name | None = None
    url: Url | None = None


class Rotation(_Body):
    """How long the secret before stays good."""

    keep_old_secret_active_for_24_hours: bool = False


class Trial(_Body):
    """Which event a sample is sent of."""

    event_type: Event


B = TypeVar("B", bound=_Body)


def read_endpoint(call: Call, model: type[B]) -> B:
    """The body, which is JSON and may be left out where nothing in it is needed."""
    return read(model, call.json_object() if call.content.strip() else {})
