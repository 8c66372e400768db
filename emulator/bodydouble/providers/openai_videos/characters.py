"""Characters: somebody shown by a video that was handed over, to appear in others.

Source: the reference, and openai 3.57.0. The video is looked at and not kept; what stays is a name,
held as an upload that is closed already.
"""

from __future__ import annotations

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import SECOND_US
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.media.uploads import Upload
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.openai_videos.operations import before_sunset, only_here


@only_here
@before_sunset
async def create_character(call: Call, view: AccountView) -> Reply:
    """Makes a character."""
    from bodydouble.providers.openai_videos.requests import read_character

    name = read_character(call)
    serial = await view.upload_count() + 1
    character = Upload(
        id=f"char_{view.draw('character', serial).text(32)}",
        group=view.account.id,
        order=serial,
        key="",
        extension="mp4",
        created_at_us=view.now_us,
        expires_at_us=view.now_us,
        form={"name": name},
    )
    await view.open_upload(character)
    return _said(character)


@only_here
async def read_character(call: Call, view: AccountView) -> Reply:
    """A character."""
    id = call.params["character_id"]
    character = await view.upload(id)
    if character is None:
        raise Refused(Cause.NOT_FOUND, f"Character with id '{id[:200]}' not found.")
    return _said(character)


def _said(character: Upload) -> Reply:
    body = {
        "id": character.id,
        "created_at": character.created_at_us // SECOND_US,
        "name": character.form["name"],
    }
    return Reply(200, body)
