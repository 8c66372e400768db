"""Replicate's predictions: made, read, listed and canceled.

Source: replicate.com/docs/reference/http, topics/predictions/{lifecycle,create-a-prediction} and
the changelog of 2025-10-16 (deadlines). One that was waited for and is not over is `starting`,
whatever it does, as the page says and the clients rely on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bodydouble.core.account_view import AccountView, Callback
from bodydouble.core.clock import parse_instant
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.media.inputs import read_picture
from bodydouble.core.media.plan import DURATION_MAX_MS, Picture, even
from bodydouble.core.media.uploads import Blob
from bodydouble.core.wire import AwaitedJob, Call, Reply
from bodydouble.providers.replicate.catalogue import Row, deployments, rows
from bodydouble.providers.replicate.inputs import invalid, not_uri, problem
from bodydouble.providers.replicate.replies import base_of, said

if TYPE_CHECKING:
    from bodydouble.providers.replicate.requests import Wanted

FPS = 24
PAGE = 100
ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
# Making ------------------------------------------------------------------------------------------


async def create(call: Call, view: AccountView) -> Reply:
    """A prediction of the version that the body names."""
    from bodydouble.providers.replicate.requests import read_wanted

    return await _made(call, view, read_wanted(call), "")


async def create_of_model(call: Call, view: AccountView) -> Reply:
    """A prediction of an official model's latest version."""
    from bodydouble.providers.replicate.requests import read_wanted

    name = f"{call.params['owner']}/{call.params['name']}"
    row = rows().get(name)
    if row is None or not row.official:
        raise Refused(Cause.NOT_FOUND, id=name)
    return await _made(call, view, read_wanted(call, name), "")


async def create_of_deployment(call: Call, view: AccountView) -> Reply:
    """A prediction on the account's own machines."""
    from bodydouble.providers.replicate.requests import read_wanted

    name = f"{call.params['owner']}/{call.params['name']}"
    deployment = deployments().get(name)
    if deployment is None:
        raise Refused(Cause.NOT_FOUND, id=name)
    return await _made(call, view, read_wanted(call, deployment["model"]), name)


async def _made(call: Call, view: AccountView, wanted: Wanted, deployment: str) -> Reply:
    row, base = wanted.row, base_of(call)
    callback = _callback(view, wanted)
    frames, blobs = await _frames(row, wanted.input, view, base)
    seconds = _seconds(row, wanted.input)
    width, height = _size(row, wanted.input)
    seed = wanted.input.get("seed")
    about: dict[str, Any] = {"input": wanted.input, "version": wanted.version, "base": base}
    if deployment:
        about["deployment"] = deployment
    if wanted.webhook:
        about["webhook"] = wanted.webhook
    if wanted.filter is not None:
        about["webhook_events_filter"] = wanted.filter
    submission = Submission(
        operation="createPrediction",
        model=row.model,
        prompt=wanted.input["prompt"],
        price=row.price(wanted.input, seconds),
        names={"job": (await view.job_draw()).text(26, ID_LETTERS)},
        width=width,
        height=height,
        fps=FPS,
        duration_ms=min(int(seconds * 1000), DURATION_MAX_MS),
        audio=bool(row.sounds and row.value(wanted.input, "generate_audio")),
        seed=int(seed) % 2**31 if seed is not None and seed >= 0 else None,
        first_frame=frames.get(row.first),
        last_frame=frames.get(row.last),
        cancel_after_us=wanted.deadline_us,
        extra=about,
    )
    job = await view.submit(submission, blobs, callback=callback)
    if not wanted.wait_us:
        return _finished(job, view)
    unfinished = replace(_finished(job, view), status=202)
    until_us = view.now_us + wanted.wait_us
    return replace(unfinished, deferred=AwaitedJob(job.id, until_us, _finished))


def _finished(job: Job, view: AccountView) -> Reply:
    body = said(job, view)
    return Reply(201, body, (("location", body["urls"]["get"]),))


def _callback(view: AccountView, wanted: Wanted) -> Callback | None:
    from bodydouble.providers.replicate.webhooks import secret_of

    if not wanted.webhook:
        return None
    bad = view.subscriptions.bad_address(wanted.webhook)
    if bad is not None:
        raise invalid([problem("format", "webhook", bad.text)])
    return Callback(wanted.webhook, wanted.events, secret_of(view))


async def _frames(
    row: Row, given: dict[str, Any], view: AccountView, base: str
) -> tuple[dict[str, Picture], Sequence[Blob]]:
    """What the video begins and ends with, and the bytes that came along. Refused: INVALID."""
    placed: dict[str, Picture] = {}
    blobs: list[Blob] = []
    for name in (row.first, row.last):
        if not name or name not in given:
            continue
        text = given[name]
        if text.startswith(f"{base}/files/"):
            upload = await view.upload(text.rpartition("/")[2])
            if upload is None or view.now_us >= upload.expires_at_us:
                raise invalid([not_uri(f"input.{name}")])
            if upload.width:
                placed[name] = Picture("blob", upload.blob)
            continue
        try:
            found = read_picture(text)
        except ValueError:
            raise invalid([not_uri(f"input.{name}")]) from None
        placed[name] = found.picture
        if found.blob is not None:
            blobs.append(found.blob)
    return placed, blobs


def _seconds(row: Row, given: dict[str, Any]) -> float:
    frames, rate = row.value(given, "num_frames"), row.value(given, "frames_per_second")
    if frames and (rate or row.value(given, "fps")):
        return max(1, min(60, int(frames) / max(1, int(rate or row.value(given, "fps")))))
    return float(row.value(given, "duration") or row.seconds)


def _size(row: Row, given: dict[str, Any]) -> tuple[int, int]:
    if "width" in row.input:
        sides = [min(1920, int(row.value(given, side))) for side in ("width", "height")]
        return even(sides[0]), even(sides[1])
    tier = str(row.value(given, "resolution") or row.value(given, "mode") or "")
    short = {"standard": 720, "pro": 1080}.get(tier) or int(tier.removesuffix("p") or row.short)
    shape = str(row.value(given, "aspect_ratio") or "16:9")
    across, down = map(int, shape.split(":")) if ":" in shape else (16, 9)
    scale = short / min(across, down)
    return even(round(across * scale)), even(round(down * scale))


# Reading -----------------------------------------------------------------------------------------


async def read(call: Call, view: AccountView) -> Reply:
    """A prediction as it is now."""
    return Reply(200, said(await _found(call, view), view))


async def cancel(call: Call, view: AccountView) -> Reply:
    """Stops a prediction; one that is over stays as it is."""
    job = await _found(call, view)
    if not job.final:
        job = await view.cancel(job)
    return Reply(200, said(job, view))


async def listed(call: Call, view: AccountView) -> Reply:
    """Predictions, newest first, a hundred at a time."""
    query = call.query
    after, before = _instant(query, "created_after"), _instant(query, "created_before")
    keep: Callable[[Job], bool] | None = None
    if query.get("source") not in (None, "web"):
        raise Refused(Cause.INVALID, query="source must be web")
    if "source" in query:
        # Made on the web: none is, here.
        after, before = 1, 0
    if after is not None or before is not None:

        def keep(job: Job) -> bool:
            at_us = job.accepted_at_us
            return (after is None or at_us >= after) and (before is None or at_us < before)

    page = await view.page(query.get("cursor", ""), limit=PAGE, keep=keep)
    names = ("created_after", "created_before")
    kept: dict[str, str] = {name: query[name] for name in names if name in query}
    where = f"{base_of(call)}/predictions?"

    def link(cursor: str | None) -> str | None:
        return where + urlencode({**kept, "cursor": cursor}) if cursor else None

    found = [said(job, view) for job in page.jobs]
    told = {"next": link(page.next), "previous": link(page.previous), "results": found}
    return Reply(200, told)


def _instant(query: dict[str, str], name: str) -> int | None:
    if name not in query:
        return None
    try:
        return parse_instant(query[name])
    except (ValueError, OverflowError):
        raise Refused(Cause.INVALID, query=f"{name} must be a date and time") from None


async def _found(call: Call, view: AccountView) -> Job:
    job = await view.job(call.params["id"])
    if job is None:
        raise Refused(Cause.NOT_FOUND, id=call.params["id"])
    return job
