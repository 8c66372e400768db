"""The end of a live run: jobs cancelled, balances read, what the vendor shows laid beside what was
booked.

It always runs, also after an interruption or a stop. What cannot be cancelled is named, never
forgotten; a balance that fell by more than we booked is the vendor's word against ours, and
the report shows both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bodydouble_contracts.drivers.credentials import credentials
from bodydouble_contracts.history.exchanges import Headers, Request
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.live.passage import Passage
from bodydouble_contracts.live.spending import BoughtJob, Spending
from bodydouble_contracts.targets.target import Lost, TargetError
from bodydouble_contracts.vendors.profile import FINAL, find, present

Json = Any
UNANSWERED = (Lost, TargetError)


@dataclass(frozen=True, slots=True)
class Statement:
    """One account at the end of a run, in the profile's smallest units.

    `agrees` is None where no balance could be read: not looked at is never agreement.
    """

    account: str
    opening: int | None
    closing: int | None
    booked: int
    unknown: int
    agrees: bool | None

    @property
    def fell(self) -> int | None:
        """By how much the balance fell; negative if it rose."""
        if self.opening is None or self.closing is None:
            return None
        return self.opening - self.closing


def headers(guard: Passage, role: str) -> Headers:
    """Return the headers that make a request come from a role, and the vendor's constant ones."""

    def key(name: str) -> str:
        return next((v for v, r in guard.secrets.items() if r == name), "")

    return guard.profile.sent(credentials(guard.profile, role, key))


def cancel_jobs(guard: Passage) -> list[str]:
    """Cancel every job that has not ended; return the ids that are still running after that."""
    before, guard.cleaning = guard.cleaning, True
    try:
        for job in guard.jobs.values():
            if not job.final:
                _cancel(guard, job)
    finally:
        guard.cleaning = before
    return [j.id for j in guard.jobs.values() if not j.final]


def _cancel(guard: Passage, job: BoughtJob) -> None:
    heads = headers(guard, job.role)
    profile = guard.profile
    for does in ("cancel", "read"):
        for operation in profile.doing(does, "job"):
            if set(operation.pattern.groupindex) != {"job"}:
                continue
            path = profile.mount + operation.path.replace("{job}", job.id)
            body = b"{}" if operation.body is not None else b""
            more = (("Content-Type", "application/json"),) if body else ()
            try:
                guard.send(Request(operation.method, path, job.role, heads + more, body))
            except UNANSWERED:
                continue
        if job.final:
            return


def find_orphans(guard: Passage, known: set[str]) -> None:
    """Enter jobs that the vendor lists and nobody told us of: a lost reply may have made them."""
    operation = next((o for o in guard.profile.doing("list", "job")), None)
    if not guard.lost_writes or operation is None or operation.pattern.groupindex:
        return
    for role in {r for r in guard.secrets.values() if r in guard.profile.roles}:
        for row in listed(guard, role):
            found = find(operation.item.get("id", ()), row)
            raw = find(operation.item.get("state", ()), row)
            word = guard.profile.word(raw) if raw is not MISSING else None
            if present(found) and str(found) not in known | set(guard.jobs):
                final = word in FINAL
                guard.jobs[str(found)] = BoughtJob(
                    str(found), role, "", 0, word or "queued", final, False
                )


def listed(guard: Passage, role: str) -> list[Json]:
    """Return the newest rows of the vendor's list of jobs, empty where there is none."""
    operation = next((o for o in guard.profile.doing("list", "job")), None)
    if operation is None or operation.pattern.groupindex:
        return []
    heads = headers(guard, role)
    before, guard.cleaning = guard.cleaning, True
    try:
        request = Request("GET", guard.profile.mount + operation.path, role, heads)
        call = guard.call_of(request, guard.send(request))
    except UNANSWERED:
        return []
    finally:
        guard.cleaning = before
    rows = call.at("items") if call.ok else []
    return rows if isinstance(rows, list) else []


def settle_up(guard: Passage, known: set[str]) -> tuple[list[str], list[Statement]]:
    """Cancel, read every balance, correct the journal; return what runs on and the statements."""
    guard.cleaning = True
    find_orphans(guard, known)
    left = cancel_jobs(guard)
    for role in sorted({r for r in guard.secrets.values() if r in guard.profile.roles}):
        if guard.account(role).entries:
            probe = Request("GET", "/", role, headers(guard, role))
            try:
                guard.read_balance(probe, role)
            except UNANSWERED:
                guard.account(role).fresh = False
    statements = [state(a) for a in guard.accounts.values() if a.entries or a.opening is not None]
    guard.adjust()
    for account in [a for a in guard.accounts.values() if a.entries]:
        guard.journal.write("closed", account.name, amount=guard.profile.amount(account.spent))
    return left, statements


def state(account: Spending) -> Statement:
    """Return the statement of one account as it stands."""
    closing = account.latest if account.fresh else None
    agrees: bool | None = None
    if account.opening is not None and closing is not None:
        # Refunds may have given back all of it; nothing may have taken more than was booked.
        agrees = account.opening - account.booked <= closing <= account.opening
    return Statement(account.name, account.opening, closing, account.booked, account.feared, agrees)
