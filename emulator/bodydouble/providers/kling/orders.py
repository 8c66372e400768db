"""What a body of either API orders, in the words of neither: the job that is made of it.

How it came to say so is the readers' (`older`, `newer`); what it costs is the catalogue's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bodydouble.core.account_view import AccountView, Callback
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.media.frames import frame_size
from bodydouble.core.media.inputs import Given
from bodydouble.core.media.plan import Picture
from bodydouble.core.media.uploads import Blob
from bodydouble.providers.kling.catalogue import SHORT_SIDES, Row

FPS = 24
# A video that moves like a given one lasts as long; the given one is not looked at (assumption).
MOTION_S = 5
_RETIRED = frozenset(("kling-v1", "kling-v1-5", "kling-v1-6", "kling-v2-master", "kling-v2-1"))


@dataclass(frozen=True, slots=True)
class Order:
    """One film. ``made_s`` is how long it is where that is not what is paid for."""

    row: Row
    tier: str
    seconds: int
    ratio: str = "16:9"
    prompt: str = ""
    sound: bool = False
    voice: bool = False
    video: bool = False
    first: Given | None = None
    last: Given | None = None
    callback_url: str = ""
    callback_path: str = "callback_url"
    external_id: str = ""
    watermark: bool = False
    made_s: int = 0
    extra: dict[str, Any] = field(default_factory=dict)


def alias(view: AccountView, external_id: str) -> str:
    """The name under which a job is found by the client's own id: an account's, not a sandbox's."""
    return f"{view.account.id}:{external_id}"


async def found(view: AccountView, id: str) -> Job | None:
    """This account's job by its own id or by the client's."""
    return await view.job(id) or await view.job(alias(view, id))


async def submitted(operation: str, order: Order, view: AccountView) -> Job:
    """The job that is accepted. Refused: INVALID, UNKNOWN_MODEL, and as `AccountView.submit`."""
    names = await _names(order, view)
    callback = _callback(order, view)
    width, height = _size(order)
    blobs: Sequence[Blob] = [
        one.blob for one in (order.first, order.last) if one is not None and one.blob is not None
    ]
    submission = Submission(
        operation=operation,
        model=order.row.model,
        prompt=order.prompt,
        price=order.row.price(
            order.seconds, order.tier, sound=order.sound, voice=order.voice, video=order.video
        ),
        names=names,
        width=width,
        height=height,
        fps=FPS,
        duration_ms=(order.made_s or order.seconds) * 1000,
        audio=order.sound or order.row.always_sounds,
        first_frame=_still(order.first),
        last_frame=_still(order.last),
        extra={
            **order.extra,
            "external_id": order.external_id,
            "watermark": order.watermark,
            "tier": order.tier,
        },
    )
    return await view.submit(submission, blobs, callback=callback)


def check_served(model: str, reading: str) -> None:
    """Refused: UNKNOWN_MODEL for a model that the vendor gave up, where that is served."""
    if reading == "refused" and model in _RETIRED:
        text = f"The model '{model}' has been discontinued and is no longer available."
        raise Refused(
            Cause.INVALID, fields=(FieldProblem("model_name", Flaw.UNSUPPORTED, text=text),)
        )


async def _names(order: Order, view: AccountView) -> dict[str, str]:
    draw = await view.job_draw()
    names = {kind: str(draw.between(8 * 10**17, 10**18 - 1)) for kind in ("job", "video")}
    if order.external_id:
        names["external"] = alias(view, order.external_id)
        if await view.job(names["external"], deleted=True) is not None:
            text = f"External_task_id {order.external_id} already exists"
            problem = FieldProblem("external_task_id", Flaw.CONFLICT, text=text)
            raise Refused(Cause.INVALID, fields=(problem,))
    return names


def _callback(order: Order, view: AccountView) -> Callback | None:
    if not order.callback_url:
        return None
    bad = view.subscriptions.bad_address(order.callback_url)
    if bad is not None:
        problem = FieldProblem(order.callback_path, Flaw.FORMAT, order.callback_url)
        raise Refused(Cause.INVALID, fields=(problem,))
    return Callback(order.callback_url)


def _size(order: Order) -> tuple[int, int]:
    ratio = order.ratio
    if order.first is not None and order.first.size is not None:
        ratio = "{}:{}".format(*order.first.size)
    return frame_size(ratio, SHORT_SIDES[order.tier])


def _still(given: Given | None) -> Picture | None:
    return given.picture if given is not None else None
