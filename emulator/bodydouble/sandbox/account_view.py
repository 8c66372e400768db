"""The account view: one account's part of its sandbox at one instant, all that a provider sees.

Other accounts' jobs and pictures do not exist here, whatever their ids. It applies no rule of its
own; those are in `open_sandbox.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bodydouble.core.account_view import Callback
from bodydouble.core.addresses import PUBLIC, Targets
from bodydouble.core.chance import Draw
from bodydouble.core.cursors import Page, Place, cursor_of
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.jobs import Alias, Job, Submission, unstarted
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import Event, State
from bodydouble.core.limits import Usage, Window, WindowCount, usage
from bodydouble.core.links import given, media_path
from bodydouble.core.media.uploads import Blob, Upload
from bodydouble.core.money.ledger import Account, Entry
from bodydouble.core.records import changed
from bodydouble.core.scenarios.endings import Ending, elsewhere
from bodydouble.sandbox.events import callback_webhook, job_moved
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.sandbox.pages import page_of
from bodydouble.sandbox.pictures import keep_picture
from bodydouble.sandbox.subscriptions import SandboxSubscriptions

UPLOADS_PER_ACCOUNT_MAX = 1_000
NOWHERE_ELSE = Targets()


class SandboxAccountView:
    """Implements `core.account_view.AccountView` for one key."""

    __slots__ = (
        "_origin",
        "account",
        "key",
        "last_job",
        "now_us",
        "sandbox",
        "seed",
        "stale",
        "targets",
    )

    def __init__(
        self,
        sandbox: OpenSandbox,
        account: Account,
        key: Key,
        origin: str | Callable[[], str],
        targets: Targets = NOWHERE_ELSE,
    ) -> None:
        self.sandbox = sandbox
        self.account = account
        self.key = key
        self._origin = origin
        self.targets = targets
        self.now_us = sandbox.now_us
        self.seed = sandbox.record.seed
        self.last_job: Job | None = None
        self.stale = False  # a fault wants jobs seen as they were when they were accepted

    @property
    def subscriptions(self) -> SandboxSubscriptions:
        return SandboxSubscriptions(self.sandbox, self.account, self.targets)

    async def key_spent(self) -> int:
        return await self.sandbox.peek_serial(f"spent:{self.key.id}")

    async def usage(self, window: Window) -> Usage:
        count = await self.sandbox.tx.get(WindowCount, window.id)
        return usage(window, count, self.now_us)

    async def job_draw(self) -> Draw:
        serial = await self.sandbox.peek_serial("jobs") + 1
        return self.sandbox.draw("job", serial)

    def draw(self, *purpose: object) -> Draw:
        return self.sandbox.draw(self.account.id, *purpose)

    async def submit(
        self,
        submission: Submission,
        blobs: Sequence[Blob] = (),
        *,
        callback: Callback | None = None,
    ) -> Job:
        job, self.account = await self.sandbox.submit(self.account, self.key, submission, blobs)
        self.last_job = job
        if callback is not None or self.key.callback_url:
            told = callback or Callback(self.key.callback_url)
            links = f"{self.origin}/cdn/{self.sandbox.record.id}"
            # The key's address is the tester's; one in a request may be a foreign page's.
            distant = callback is not None and self.targets == PUBLIC
            webhook = callback_webhook(self.account, job, told, links)
            secret = told.secret or self.key.callback_secret
            self.sandbox.tx.put(replace(webhook, secret=secret, public_only=distant))
            await job_moved(self.sandbox, self.account, job, self.now_us)
        return job

    async def _refresh(self) -> None:
        fresh = await self.sandbox.tx.get(Account, self.account.id)
        assert fresh is not None, "an open view's account does not go away"
        self.account = fresh

    async def job(self, id: str, *, deleted: bool = False) -> Job | None:
        job = await self.sandbox.tx.get(Job, id)
        if job is None:
            alias = await self.sandbox.tx.get(Alias, id)
            job = await self.sandbox.tx.get(Job, alias.job) if alias else None
        if job is None or job.group != self.account.id:
            return None
        if job.deleted_at_us is not None and not deleted and self._forgets(job):
            return None
        self.last_job = job
        return unstarted(job) if self.stale else job

    async def jobs(
        self, *, offset: int = 0, limit: int = 20, keep: Callable[[Job], bool] | None = None
    ) -> tuple[list[Job], int]:
        tx, group = self.sandbox.tx, self.account.id
        keep = self._kept(keep)
        if keep is None:
            page = await tx.list(Job, group, newest_first=True, offset=offset, limit=limit)
            return page, await tx.count(Job, group)
        kept = [job for job in await tx.list(Job, group, newest_first=True) if keep(job)]
        return kept[offset : offset + limit], len(kept)

    def _forgets(self, job: Job) -> bool:
        return self.sandbox.providers[job.provider].forgets_deleted

    def _kept(self, keep: Callable[[Job], bool] | None) -> Callable[[Job], bool] | None:
        if not self.sandbox.providers[self.account.provider].forgets_deleted:
            return keep
        return lambda job: job.deleted_at_us is None and (keep is None or keep(job))

    async def page(
        self,
        cursor: str = "",
        *,
        limit: int = 20,
        newest_first: bool = True,
        keep: Callable[[Job], bool] | None = None,
    ) -> Page:
        return await page_of(
            self.sandbox.tx,
            self.account.id,
            cursor,
            limit,
            newest_first=newest_first,
            keep=self._kept(keep),
        )

    def cursor(self, job: Job) -> str:
        return cursor_of(self.account.id, Place(job.order))

    async def cancel(self, job: Job) -> Job:
        if job.timeline.ending is Ending.IGNORES_CANCEL and not job.final:
            # The answer says that it is cancelled, and nothing of it is kept.
            return replace(
                job, state=State.CANCELED, updated_at_us=self.now_us, ended_at_us=self.now_us
            )
        after = await self.sandbox.apply(job, Event.CANCEL, self.now_us)
        if after is None:
            raise Refused(Cause.ALREADY_FINAL, state=job.state, id=job.id)
        await self._refresh()
        return after

    async def lose_refund(self, job: Job) -> Job:
        job = changed(job, refund_lost=True)
        self.sandbox.tx.put(job)
        return job

    async def mark_deleted(self, job: Job) -> Job:
        return await self.sandbox.mark_deleted(job)

    async def delete(self, job: Job) -> Job:
        if not job.final:
            job = await self.cancel(job)
            if job.timeline.ending is Ending.IGNORES_CANCEL:
                return job
        return await self.mark_deleted(job)

    async def entries(self, *, since_us: int = 0) -> list[Entry]:
        entries = await self.sandbox.tx.list(Entry, self.account.id)
        return [entry for entry in entries if entry.at_us >= since_us]

    async def exchanges(self, *, since_us: int = 0) -> list[Exchange]:
        kept = await self.sandbox.tx.list(Exchange, newest_first=True)
        return [one for one in kept if one.account == self.account.id and one.at_us >= since_us]

    async def charge_of(self, job: Job) -> Entry | None:
        return await self.sandbox.tx.get(Entry, f"charge:{job.id}")

    async def open_upload(self, upload: Upload) -> str:
        await self._add_upload(upload)
        return f"{self.origin}/uploads/{self.sandbox.record.id}/{upload.id}"

    async def keep_upload(self, upload: Upload, blob: Blob) -> None:
        await self._add_upload(replace(upload, blob=blob.id))
        await keep_picture(self.sandbox, blob)

    async def _add_upload(self, upload: Upload) -> None:
        if await self.sandbox.tx.count(Upload, self.account.id) >= UPLOADS_PER_ACCOUNT_MAX:
            raise Refused(Cause.TOO_LARGE, "this account has as many uploads as it may")
        await self.sandbox.serial(f"uploads:{self.account.id}")
        self.sandbox.tx.put(upload)

    async def uploads(self) -> list[Upload]:
        return await self.sandbox.tx.list(Upload, self.account.id, newest_first=True)

    async def upload(self, id: str) -> Upload | None:
        upload = await self.sandbox.tx.get(Upload, id)
        return upload if upload is not None and upload.group == self.account.id else None

    async def delete_upload(self, id: str) -> None:
        if await self.upload(id) is not None:
            self.sandbox.tx.delete(Upload, id)

    async def upload_count(self) -> int:
        return await self.sandbox.peek_serial(f"uploads:{self.account.id}")

    @property
    def origin(self) -> str:
        """What links begin with; where it was a promise, it is kept from here on."""
        if not isinstance(self._origin, str):
            self._origin = self._origin()
        return self._origin

    def link(self, job: Job, extension: str) -> str:
        origin = self.origin
        if job.timeline.ending is not None and extension == "mp4":
            if job.timeline.ending is Ending.NO_URL:
                return ""
            if job.timeline.ending is Ending.LINK_ELSEWHERE:
                origin = elsewhere(origin)
        path = media_path(self.sandbox.record.id, job.id, extension)
        rules = self.sandbox.providers[job.provider].links
        return f"{origin}/cdn/{given(rules, self.seed, path, self.now_us)}"

    def picture_link(self, kind: str, ref: str, extension: str = "jpg") -> str:
        return f"{self.origin}/cdn/{self.sandbox.record.id}/{kind}/{ref}.{extension}"
