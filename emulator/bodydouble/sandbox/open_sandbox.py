"""The rules of the core applied to one sandbox, inside one transaction.

Events happen at their own instants, in (due, serial) order, when somebody next looks; looking
settles what was already due and makes nothing. Everything that could refuse comes before anything
that writes. This file knows no vendor's words and no store's ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bodydouble.core.chance import Draw
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.idempotency import Remembered
from bodydouble.core.jobs import Alias, Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import Event, State, step
from bodydouble.core.media.uploads import Blob
from bodydouble.core.money.ledger import Account, Entry, Short, charge, opened
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.reasons import Reason
from bodydouble.core.records import changed
from bodydouble.core.sandboxes import Counter, Sandbox
from bodydouble.core.schedule import Due, DueKind, Line, deadline, deadline_id, due
from bodydouble.core.slots import Slot
from bodydouble.core.store import Transaction
from bodydouble.sandbox.answers import keep_answer
from bodydouble.sandbox.bounds import JOB_BYTES, JOBS, TEXTS, check_room
from bodydouble.sandbox.events import job_moved, release, wallet_moved
from bodydouble.sandbox.outcomes import accepted_job, decide_outcome
from bodydouble.sandbox.pictures import keep_picture
from bodydouble.sandbox.refunds import refunded, settled
from bodydouble.sandbox.slots import (
    check_queue,
    entered,
    must_wait,
    next_in_line,
    slots_of,
    stands,
)


class OpenSandbox:
    """A sandbox held open by ``tx``: its clock read once, its rules ready to be applied."""

    __slots__ = (
        "full",
        "now_us",
        "operation",
        "providers",
        "record",
        "released",
        "tx",
        "wake_us",
        "weights",
    )

    def __init__(
        self, tx: Transaction, record: Sandbox, providers: Mapping[str, Provider], real_us: int
    ) -> None:
        self.tx = tx
        self.record = record
        self.providers = providers
        self.now_us = record.clock.now(real_us)
        # The earliest instant planned here: whoever sleeps must know.
        self.wake_us: int | None = None
        self.released: list[str] = []  # deliveries put out for sending here
        self.operation: Operation | None = None  # what was called, where somebody called
        self.weights: dict[str, int] = {}  # what is kept, by its sort, where that changed here
        self.full = False  # the process keeps as much as it may

    # Reading -----------------------------------------------------------------------------------

    def quirks(self, provider: str) -> Mapping[str, Any]:
        """Every quirk of ``provider`` by full name: the sandbox's value, else the default."""
        defaults = self.providers[provider].quirk_defaults
        own = self.record.quirks
        return {**defaults, **own} if own else defaults

    def draw(self, *purpose: object) -> Draw:
        """Chance that belongs to this sandbox and ``purpose``."""
        return Draw(self.record.seed, *purpose)

    async def serial(self, purpose: str) -> int:
        """The next number of ``purpose``, taken."""
        counter = await self.tx.get(Counter, purpose)
        value = counter.value + 1 if counter else 1
        self.tx.put(Counter(purpose, value))
        return value

    async def peek_serial(self, purpose: str) -> int:
        """The last number taken of ``purpose``; 0 if none was."""
        counter = await self.tx.get(Counter, purpose)
        return counter.value if counter else 0

    async def account(self, provider: Provider, name: str = "main") -> Account:
        """The account, opened with its starting balance when first asked for."""
        id = f"{provider.name}/{name}"
        return await self.tx.get(Account, id) or await self._opened(provider, id)

    async def _opened(self, provider: Provider, id: str) -> Account:
        draw = self.draw("account", id)
        number = draw.between(10_000, 99_999)
        # Opened when the sandbox was, not when somebody first looked: a look would show otherwise.
        opened_us = min(self.now_us, self.record.start_us)
        account = Account(id, provider.name, draw.uuid4(), number, opened_us, ())
        given = self.record.balances
        wanted_text = given.get(id, given.get(provider.name, given.get("")))
        wanted = None if wanted_text is None else provider.currency.parse(wanted_text, down=True)
        account, entries = opened(account, provider.starting_balance, wanted)
        for entry in entries:
            self.tx.put(entry)
        self.tx.put(account)
        return account

    # Admission ---------------------------------------------------------------------------------

    async def submit(
        self, account: Account, key: Key, submission: Submission, blobs: Sequence[Blob] = ()
    ) -> tuple[Job, Account]:
        """Admits, charges and schedules; gives the job and the account after it.

        If Refused nothing is written: see `AccountView.submit`.
        """
        provider = self.providers[account.provider]
        submission, scenario, directive = await decide_outcome(self, account, key, submission)
        slots = slots_of(self, provider.name, submission)
        if slots is not None:
            check_queue(account, slots)
        spent = await self._within_spending_limit(key, submission.price)
        serial = await self.peek_serial("jobs") + 1
        texts = await check_room(self, submission, serial)
        job_id = submission.names["job"]
        entry: Entry | None = None
        try:
            if submission.price:
                number = await self.peek_serial("entries") + 1
                account, entry = charge(
                    account, submission.price, job=job_id, serial=number, at_us=self.now_us
                )
        except Short as short:
            raise Refused(Cause.FUNDS, required=short.required, balance=short.balance) from None
        # From here on nothing refuses.
        self.tx.put(Counter("jobs", serial))
        self.weights[JOBS] = serial * JOB_BYTES
        if texts is not None:
            self.weights[TEXTS] = texts.value
            self.tx.put(texts)
        if entry:
            self.tx.put(Counter("entries", entry.order))
            self.tx.put(entry)
        if spent is not None:
            self.tx.put(spent)
        job = accepted_job(self, account, submission, serial, (scenario, directive))
        account = changed(account, waiting=account.waiting + 1)
        if slots is not None:
            account, job = entered(self, account, job, slots)
        self.tx.put(account)
        self.tx.put(job)
        for kind, name in submission.names.items():
            if name != job.id:
                self.tx.put(Alias(name, job.id, kind, order=serial))
        for blob in blobs:
            await keep_picture(self, blob)
        if not job.awaits_slot:
            await self.plan(self.now_us + job.timeline.wait_us, DueKind.START, job.id)
        if submission.cancel_after_us is not None:
            self._plan(deadline(self.now_us + submission.cancel_after_us, job.id))
        if entry:
            await wallet_moved(self, account, account.balance + submission.price, self.now_us)
        return job, account

    async def _within_spending_limit(self, key: Key, price: int) -> Counter | None:
        if key.spending_limit is None:
            return None
        spent = await self.peek_serial(f"spent:{key.id}")
        if spent + price > key.spending_limit:
            raise Refused(Cause.SPENDING_LIMIT, required=price, balance=key.spending_limit - spent)
        return Counter(f"spent:{key.id}", spent + price)

    async def remember(self, memory: Remembered, provider: Provider) -> None:
        """Keeps an answer to a repeated key; the oldest goes once it no longer counts."""
        await keep_answer(self, memory, provider.idempotency_lifetime_us)

    async def plan(self, at_us: int, kind: DueKind, target: str) -> None:
        """Puts a row on the schedule."""
        self._plan(due(await self.serial("due"), at_us, kind, target))

    def _plan(self, row: Due) -> None:
        self.wake_us = min(row.order, self.wake_us or row.order)
        self.tx.put(row)

    # What happens by itself --------------------------------------------------------------------

    async def settle(self, until_us: int | None = None, *, most: int | None = None) -> int:
        """Lets happen what was due by ``until_us`` (now); gives how many rows that was."""
        until_us = self.now_us if until_us is None else until_us
        done = 0
        while most is None or done < most:
            row = await self.tx.first(Due)
            if row is None or row.order > until_us:
                return done
            self.tx.delete(Due, row.id)
            await self._happen(row)
            done += 1
        return done

    async def _happen(self, row: Due) -> None:
        if row.kind is DueKind.DELIVER:
            await release(self, row.target, row.order)
            return
        job = await self.tx.get(Job, row.target)
        if job is None:
            return
        if row.kind is DueKind.START:
            if job.slot is Slot.LATER and must_wait(self, await self._account_of(job), job):
                return
            await self.apply(job, Event.START, row.order)
        elif row.kind is DueKind.CANCEL:
            await self.apply(job, Event.CANCEL, row.order)
        elif row.kind is DueKind.REFUND:
            account, job = await refunded(self, await self._account_of(job), job, row.order)
            self.tx.put(account)
            self.tx.put(job)
        elif job.timeline.outcome is not None:
            future = job.timeline
            await self.apply(job, job.timeline.outcome, row.order, future.reason, future.detail)

    async def apply(
        self, job: Job, event: Event, at_us: int, reason: Reason | None = None, detail: str = ""
    ) -> Job | None:
        """Moves a job along the table at ``at_us``; None where the table says it cannot.

        A failure has a ``reason``, and the vendor's own ``detail`` of it if there are any.
        """
        state = step(job.state, event)
        if state is None:
            return None
        account = await self._account_of(job)
        before = job.state
        if event is Event.START:
            account = changed(account, running=account.running + 1, waiting=account.waiting - 1)
            job = changed(job, state=state, updated_at_us=at_us, started_at_us=at_us)
            if job.slot is not Slot.NONE:
                account, job = self._stands(account, job, Slot.HELD)
            self.tx.put(account)
            self.tx.put(job)
            if job.timeline.outcome is not None:
                await self.plan(at_us + job.timeline.run_us, DueKind.END, job.id)
            await job_moved(self, account, job, at_us)
            return job
        if before is State.RUNNING:
            account = changed(account, running=account.running - 1)
        else:
            account = changed(account, waiting=account.waiting - 1)
        freed = job.slot is Slot.HELD
        if job.slot is not Slot.NONE:
            account, job = self._stands(account, job, Slot.NONE)
        provider = self.providers[job.provider]
        job = changed(job, state=state, updated_at_us=at_us, ended_at_us=at_us, reason=reason)
        if reason is not None and provider.details:
            job = changed(job, detail=provider.detail_name(reason, detail))
        if job.submission.cancel_after_us is not None:
            self.tx.delete(Due, deadline_id(job.id))
        account, job = await settled(self, account, job, before, at_us)
        self.tx.put(account)
        self.tx.put(job)
        await job_moved(self, account, job, at_us)
        if freed:
            await self._pass_on(account, job.slot_group, at_us)
        return job

    async def mark_deleted(self, job: Job) -> Job:
        """Marks what a job made as deleted; its history stays."""
        self.tx.put(job := changed(job, deleted_at_us=self.now_us))
        return job

    def _stands(self, account: Account, job: Job, slot: Slot) -> tuple[Account, Job]:
        if job.slot is Slot.AWAITED:
            # Who is taken out of the line must leave it, or a free slot would go to nobody.
            self.tx.delete(Line, job.id)
        return stands(account, job, slot)

    async def _pass_on(self, account: Account, group: str, at_us: int) -> None:
        """Gives the free slots of a group to those who wait; whoever is late already starts."""
        while (found := await next_in_line(self, account, group)) is not None:
            account, job = found
            ready_us = job.accepted_at_us + job.timeline.wait_us
            if ready_us > at_us:
                await self.plan(ready_us, DueKind.START, job.id)
            else:
                await self.apply(job, Event.START, at_us)
                account = await self._account_of(job)

    async def _account_of(self, job: Job) -> Account:
        account = await self.tx.get(Account, job.group)
        assert account is not None, f"job {job.id} belongs to no account"
        return account
