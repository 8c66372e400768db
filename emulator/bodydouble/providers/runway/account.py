"""Runway's organization: its tier, credits and usage; and uploads that last a day.

Source: docs.dev.runwayml.com/openapi.json (2026-08-08) and assets/uploads. The storage behind an
upload is a presigned form post, served beside the vendors; its field `key` is what recorded ones
carry.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import DAY_US, moment
from bodydouble.core.limits import RollingWindow
from bodydouble.core.media.uploads import Upload
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.runway.catalogue import UPLOADED, rows, tier
from bodydouble.providers.runway.issues import custom, invalid
from bodydouble.providers.runway.operations import said

UPLOAD_LIFETIME_US = DAY_US
_USAGE_DAYS = 30
_USAGE_DAYS_MAX = 90
_PICTURES = ("png", "jpg", "jpeg", "webp")
_VIDEOS = ("mp4", "mov", "webm", "mkv", "avi", "m4v")
_SOUNDS = ("mp3", "wav", "flac", "ogg", "m4a", "aac")
_EXTENSIONS = frozenset((*_PICTURES, *_VIDEOS, *_SOUNDS))


def daily(account: str, model: str, number: int) -> RollingWindow:
    """How many videos of a model an organization of this tier may make in any 24 hours."""
    return RollingWindow(f"daily:{model}", tier(number).daily, account, accepted_only=True)


async def organization(call: Call, view: AccountView) -> Reply:
    """Tier, credits, and what the last 24 hours held."""
    number = call.quirk("runway.tier")
    allowed, used = {}, {}
    for model in rows():
        window = daily(view.account.id, model, number)
        allowed[model] = {
            "maxConcurrentGenerations": tier(number).concurrent,
            "maxDailyGenerations": window.limit,
        }
        used[model] = {"dailyGenerations": (await view.usage(window)).used}
    body = {
        "tier": {"maxMonthlyCreditSpend": tier(number).monthly_credits, "models": allowed},
        "creditBalance": view.account.balance,
        "usage": {"models": used},
    }
    return said(body)


async def usage(call: Call, view: AccountView) -> Reply:
    """Credits by day and model, refunds taken off."""
    from bodydouble.providers.runway.requests import read_usage

    asked = read_usage(call)
    today = moment(view.now_us).date()
    start = _day("startDate", asked.startDate) or today - timedelta(days=_USAGE_DAYS)
    before = _day("beforeDate", asked.beforeDate) or start + timedelta(days=_USAGE_DAYS + 1)
    if not timedelta(0) < before - start <= timedelta(days=_USAGE_DAYS_MAX):
        raise invalid(custom("beforeDate", "Invalid date range"))
    spent: dict[date, dict[str, int]] = {}
    for entry in await view.entries():
        job = await view.job(entry.job) if entry.job else None
        day = moment(entry.at_us).date()
        if job is not None and start <= day < before:
            of_day = spent.setdefault(day, {})
            model = job.submission.model
            of_day[model] = of_day.get(model, 0) - entry.amount
    results = [
        {
            "date": day.isoformat(),
            "usedCredits": [{"model": m, "amount": a} for m, a in sorted(models.items())],
        }
        for day, models in sorted(spent.items())
    ]
    models = sorted({model for of_day in spent.values() for model in of_day})
    return said({"results": results, "models": models})


def _day(member: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise invalid(custom(member, "Invalid ISO date")) from None


async def upload(call: Call, view: AccountView) -> Reply:
    """Where and how to post a file, and the address it then has."""
    from bodydouble.providers.runway.requests import read_upload

    asked = read_upload(call)
    extension = asked.filename.rpartition(".")[2].lower()
    if extension not in _EXTENSIONS:
        raise invalid(custom("filename", "The file name needs the extension of a media file."))
    serial = await view.upload_count() + 1
    id = view.draw("upload", serial).uuid4()
    made = Upload(
        id=id,
        group=view.account.id,
        order=serial,
        key=f"public/api/{id}.{extension}",
        extension=extension,
        created_at_us=view.now_us,
        expires_at_us=view.now_us + UPLOAD_LIFETIME_US,
    )
    fields: dict[str, Any] = {"key": made.key}
    url = await view.open_upload(made)
    return said({"uploadUrl": url, "fields": fields, "runwayUri": f"{UPLOADED}{id}"})
