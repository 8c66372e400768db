"""What the sandbox's history says of its client: lint findings, and what its jobs cost."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.evidence.history import ClientHistory
from bodydouble.core.evidence.lint import RULES, Finding, lint, source_of
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.evidence.spending import Bill, Orphan, bills, orphans
from bodydouble.core.jobs import Job
from bodydouble.core.keys import self_opened
from bodydouble.core.money.ledger import Account, Entry
from bodydouble.core.webhooks import Delivery
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.control.wire.access import Services, json_response, known_query, opened
from bodydouble.web.control.wire.problems import Wrong, invalid


async def read_lint(app: Services, request: Request) -> Response:
    """What the real vendor would not have forgiven; ``waive`` names rules that are let off."""
    known_query(request, "waive")
    waived = [id for id in request.query_params.get("waive", "").split(",") if id]
    unknown = [id for id in waived if id not in RULES]
    if unknown:
        raise invalid(
            Wrong("waive", f"no rule is called {unknown[0]}: there are {', '.join(RULES)}")
        )
    async with opened(app, request) as sandbox:
        history = await _history(app, sandbox)
    found = [_finding_body(app, one) for one in lint(history, waived)]
    rules = [{"id": rule.id, "about": rule.about} for rule in RULES.values()]
    return json_response({"findings": found, "waived": waived, "rules": rules})


async def read_receipt(app: Services, request: Request) -> Response:
    """What the jobs cost by vendor, and those that were paid for and never fetched."""
    known_query(request)
    async with opened(app, request) as sandbox:
        accounts = await sandbox.tx.list(Account)
        entries = [entry for one in accounts for entry in await sandbox.tx.list(Entry, one.id)]
        left = orphans(
            await _jobs(sandbox, accounts),
            await sandbox.tx.list(Exchange),
            await _deliveries(sandbox, accounts),
        )
        return json_response(
            {
                "vendors": [_bill_body(sandbox, bill) for bill in bills(entries)],
                "orphans": [_orphan_body(sandbox, orphan) for orphan in left],
            }
        )


async def _jobs(sandbox: OpenSandbox, accounts: list[Account]) -> list[Job]:
    return [job for one in accounts for job in await sandbox.tx.list(Job, one.id)]


async def _deliveries(sandbox: OpenSandbox, accounts: list[Account]) -> list[Delivery]:
    return [delivery for one in accounts for delivery in await sandbox.tx.list(Delivery, one.id)]


async def _history(app: Services, sandbox: OpenSandbox) -> ClientHistory:
    accounts = await sandbox.tx.list(Account)
    return ClientHistory(
        exchanges=await sandbox.tx.list(Exchange),
        providers=app.providers,
        jobs={job.id: job for job in await _jobs(sandbox, accounts)},
        deliveries=await _deliveries(sandbox, accounts),
        quirks={one.provider: sandbox.quirks(one.provider) for one in accounts},
        issued=not self_opened(sandbox.record.id),
        frozen=sandbox.record.clock.rate == 0,
    )


def _finding_body(app: Services, one: Finding) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "provider": one.provider,
        "problem": one.problem,
        "source": source_of(one, app.providers),
        "requests": one.requests,
        "job": one.job or None,
    }


def _bill_body(sandbox: OpenSandbox, bill: Bill) -> dict[str, Any]:
    money = sandbox.providers[bill.provider].currency
    return {
        "provider": bill.provider,
        "currency": money.name,
        "charged": money.text(bill.charged),
        "refunded": money.text(bill.refunded),
        "net": money.text(bill.net),
        "charges": bill.charges,
    }


def _orphan_body(sandbox: OpenSandbox, orphan: Orphan) -> dict[str, Any]:
    job = orphan.job
    money = sandbox.providers[job.provider].currency
    return {
        "job": job.id,
        "provider": job.provider,
        "account": job.group,
        "model": job.submission.model,
        "price": money.text(job.submission.price),
        "currency": money.name,
        "state": job.state.value,
        "why": orphan.why,
    }
