"""The bodies of a project's webhooks.

Source: google-genai 3.6.1 (`WebhookInput`, `WebhookUpdate`, `RotateSigningSecretRequest`).
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field

from bodydouble.core.wire import Call
from bodydouble.providers.gemini.webhooks import EVENTS
from bodydouble.providers.gemini.wording import Body, read, unlisted, wrong_type

M = TypeVar("M", bound=Body)

NAME_MAX = 200
URI_MAX = 2048


class NewWebhook(Body):
    """A webhook as its owner wants it."""

    uri: Annotated[str, Field(max_length=URI_MAX)]
    subscribed_events: Annotated[list[str], Field(min_length=1, max_length=50)]
    name: Annotated[str, Field(max_length=NAME_MAX)] | None = None


class Changes(Body):
    """What is to be another."""

    uri: Annotated[str, Field(max_length=URI_MAX)] | None = None
    subscribed_events: Annotated[list[str], Field(min_length=1, max_length=50)] | None = None
    name: Annotated[str, Field(max_length=NAME_MAX)] | None = None
    state: Literal["enabled", "disabled", "disabled_due_to_failed_deliveries"] | None = None


class Rotation(Body):
    """What becomes of the secrets there are."""

    revocation_behavior: (
        Literal["revoke_previous_secrets_after_h24", "revoke_previous_secrets_immediately"] | None
    ) = None


def read_webhook(call: Call, model: type[M]) -> M:
    """A body. Refused: BAD_BODY, CONTENT_TYPE, INVALID."""
    given = call.json
    if not isinstance(given, dict):
        raise wrong_type("", "an object", given)
    behavior = given.get("revocation_behavior")
    if isinstance(behavior, str):
        # The page writes it in capitals, the client in small letters.
        given = {**given, "revocation_behavior": behavior.lower()}
    asked = read(model, given)
    for place, event in enumerate(getattr(asked, "subscribed_events", None) or ()):
        if event not in EVENTS:
            listed = ", ".join(f"'{one}'" for one in EVENTS)
            raise unlisted(f"subscribed_events[{place}]", event, listed)
    return asked

