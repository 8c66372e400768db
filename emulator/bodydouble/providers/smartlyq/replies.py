"""SmartlyQ's bodies: envelope, job, video, wallet and log rows.

It decides nothing. Sources: OAS of 2026-08-05, seed page; the shapes
of a video job's result and error are assumed (A3, A4).
"""

from __future__ import annotations

from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import iso_s
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.money.ledger import Account
from bodydouble.core.reasons import Reason
from bodydouble.core.webhooks import Delivery
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.smartlyq.errors import MONEY, meta

STATES: dict[State, str] = {
    State.QUEUED: "pending",
    State.RUNNING: "processing",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    State.CANCELED: "cancelled",
}
VIDEO_STATES = {
    State.QUEUED: 2,
    State.RUNNING: 2,
    State.SUCCEEDED: 1,
    State.FAILED: 0,
    State.CANCELED: 0,
}
FAILURES: dict[Reason, tuple[str, str]] = {
    Reason.PROVIDER_ERROR: ("PROVIDER_ERROR", "The video provider could not make this video."),
    Reason.MODERATED: ("CONTENT_POLICY_VIOLATION", "The provider's moderation stopped this video."),
    Reason.TIMEOUT: ("JOB_FAILED", "The video provider did not finish in time."),
    Reason.BAD_INPUT: ("PROVIDER_ERROR", "The video provider could not read the source image."),
}
PER_PAGE_DEFAULT = 20
PER_PAGE_MAX = 100
JOB_TYPE = "video_generation"


def respond(call: Call, data: Any, status: int = 200, **more: Any) -> Reply:
    """A success in the envelope; ``more`` stands beside ``data``."""
    return Reply(status, {"success": True, "data": data, **more, "meta": meta(call)})


def job_body(job: Job, view: AccountView, call: Call) -> dict[str, Any]:
    """A Job; ``result`` and ``error`` are empty objects before the end (A23)."""
    result: dict[str, Any] = {}
    error: dict[str, Any] = {}
    if job.state is State.SUCCEEDED:
        url = view.link(job, "mp4")
        result = {"video_id": job.submission.names["video"], "url": url}
        if call.quirk("smartlyq.result_aliases"):
            result |= {"video_url": url, "result_data": {"url": url}}
    elif job.state is State.FAILED:
        code, message = FAILURES[job.reason or Reason.PROVIDER_ERROR]
        error = {"code": code, "message": message}
    return {
        "id": job.id,
        "type": JOB_TYPE,
        "status": STATES[job.state],
        "result": result,
        "error": error,
        "created_at": iso_s(job.accepted_at_us),
        "updated_at": iso_s(job.updated_at_us),
    }


def video_body(job: Job, view: AccountView) -> dict[str, Any]:
    """A Video; ``url`` is empty until completed (A8)."""
    return {
        "id": job.submission.names["video"],
        "model": job.submission.model,
        "prompt": job.submission.prompt,
        "url": view.link(job, "mp4") if job.state is State.SUCCEEDED else "",
        "status": VIDEO_STATES[job.state],
        "created": iso_s(job.accepted_at_us),
    }


def usage(price: int, account: Account) -> dict[str, Any]:
    """What a billable request cost and left."""
    return {
        "units": 1,
        "cost": MONEY.text(price),
        "balance_remaining": MONEY.text(account.balance),
    }


def paging(call: Call) -> tuple[int, int]:
    """(page, per_page); odd values fall back or are clamped rather than refused (A12)."""
    page = _whole(call.query.get("page"), 1)
    per_page = _whole(call.query.get("per_page"), PER_PAGE_DEFAULT)
    return page, min(per_page, PER_PAGE_MAX)


def _whole(text: str | None, default: int) -> int:
    # isdecimal admits digits of other scripts; nine of them cannot overflow anything.
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > 9:
        return default
    return int(text) or default


def pagination(page: int, per_page: int, total: int) -> dict[str, int]:
    """The pagination object."""
    return {"page": page, "per_page": per_page, "total": total, "pages": -(-total // per_page)}


def log_row(exchange: Exchange, account: Account, payloads: bool) -> dict[str, Any]:
    """One API call of `GET /logs`. A cancel that gave money back did not cost less than nothing."""
    cost = max(0, exchange.cost)
    row: dict[str, Any] = {
        "id": exchange.order,
        "source": "api",
        "created_at": iso_s(exchange.at_us),
        "activity_type": exchange.operation,
        "platform": None,
        "account_ref": None,
        "status_code": exchange.status,
        "method": exchange.method,
        "endpoint": exchange.path,
        "response_time": max(1, exchange.took_us // 1000),
        "units_used": 1 if cost else 0,
        "cost": MONEY.text(cost),
        "api_key_id": account.number,
        "request_id": exchange.request_id,
        "ip_address": "127.0.0.1",
        "user_agent": _agent(exchange),
        "is_test": exchange.test,
    }
    if payloads:
        row["request_payload"] = exchange.request_body.decode("utf-8", "replace")
        row["response_payload"] = exchange.response_body.decode("utf-8", "replace")
    return row


def delivery_row(delivery: Delivery, payloads: bool) -> dict[str, Any]:
    """One webhook delivery of `GET /logs`, with what its last try came to."""
    last = delivery.attempts[-1] if delivery.attempts else None
    retry_us = delivery.next_at_us if delivery.attempt else None
    row: dict[str, Any] = {
        "id": f"delivery_{delivery.id}",
        "source": "webhook",
        "created_at": iso_s(delivery.created_at_us),
        "activity_type": delivery.event,
        "platform": None,
        "account_ref": None,
        "status_code": last.code if last else None,
        "event": delivery.event,
        "attempt": delivery.attempt,
        "status": delivery.status,
        "next_retry_at": None if retry_us is None else iso_s(retry_us),
    }
    if payloads:
        row["request_payload"] = delivery.body.decode("utf-8", "replace")
        row["response_payload"] = last.answer if last else ""
    return row


def _agent(exchange: Exchange) -> str:
    for name, value in exchange.request_headers:
        if name == b"user-agent":
            return value.decode("latin-1")
    return ""
