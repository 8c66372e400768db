"""The account view: all that a handler may ask of its sandbox, one account's part at one instant.

What is behind it, other accounts and the rules, is the sandbox's; see `sandbox.account_view`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bodydouble.core.chance import Draw
from bodydouble.core.cursors import Page
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.limits import Usage, Window
from bodydouble.core.media.uploads import Blob, Upload
from bodydouble.core.money.ledger import Account, Entry
from bodydouble.core.subscriptions import Subscriptions


@dataclass(frozen=True, slots=True)
class Callback:
    """An address that a submission names for its own job: told of ``events``, of all if it names
    none. What it is sent is signed with ``secret``, or else with the key's ``callback_secret``.
    """

    url: str
    events: tuple[str, ...] = ()
    secret: str = ""


class AccountView(Protocol):
    """What a handler may ask of its sandbox: one account's view, at one instant."""

    @property
    def now_us(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def key(self) -> Key: ...
    @property
    def account(self) -> Account: ...
    @property
    def subscriptions(self) -> Subscriptions: ...

    async def job_draw(self) -> Draw:
        """Chance for the ids of the next job; asking twice before a submission gives the same."""
        ...

    def draw(self, *purpose: object) -> Draw:
        """Chance that belongs to this sandbox and ``purpose``, the same whenever asked."""
        ...

    async def submit(
        self,
        submission: Submission,
        blobs: Sequence[Blob] = (),
        *,
        callback: Callback | None = None,
    ) -> Job:
        """Admits, charges and schedules a job. Refused: FUNDS, SPENDING_LIMIT, QUEUE_FULL.

        ``callback`` takes the place of the key's own address; it has been judged before, by
        `Subscriptions.bad_address`.
        """
        ...

    async def job(self, id: str, *, deleted: bool = False) -> Job | None:
        """This account's job by its own id or any other of its names; None if there is none.

        ``deleted`` finds those, too, that are gone for clients: see `Provider.forgets_deleted`.
        """
        ...

    async def jobs(
        self,
        *,
        offset: int = 0,
        limit: int = 20,
        keep: Callable[[Job], bool] | None = None,
    ) -> tuple[list[Job], int]:
        """A page of this account's jobs, newest first, and how many there are in all."""
        ...

    async def page(
        self,
        cursor: str = "",
        *,
        limit: int = 20,
        newest_first: bool = True,
        keep: Callable[[Job], bool] | None = None,
    ) -> Page:
        """A page by cursor, the first where it is empty. Refused: INVALID (with ``cursor``)."""
        ...

    def cursor(self, job: Job) -> str:
        """The cursor of the page that begins behind a job, for lists that name the job itself."""
        ...

    async def cancel(self, job: Job) -> Job:
        """Cancels a job that is not over. Refused: ALREADY_FINAL."""
        ...

    async def lose_refund(self, job: Job) -> Job:
        """Lets a refund that has not been given yet never be given."""
        ...

    async def mark_deleted(self, job: Job) -> Job:
        """Marks what the job made as deleted; one that is not over goes on."""
        ...

    async def delete(self, job: Job) -> Job:
        """Cancels the job if it is not over, and marks it deleted."""
        ...

    async def entries(self, *, since_us: int = 0) -> list[Entry]:
        """This account's ledger, oldest first."""
        ...

    async def exchanges(self, *, since_us: int = 0) -> list[Exchange]:
        """This account's logged requests, newest first."""
        ...

    async def charge_of(self, job: Job) -> Entry | None:
        """The entry that paid for a job."""
        ...

    async def open_upload(self, upload: Upload) -> str:
        """Makes room for an upload and gives the address to post it to."""
        ...

    async def upload(self, id: str) -> Upload | None:
        """This account's upload."""
        ...

    async def keep_upload(self, upload: Upload, blob: Blob) -> None:
        """Keeps an upload that came with its bytes. Refused: TOO_LARGE for one upload too many."""
        ...

    async def uploads(self) -> list[Upload]:
        """This account's uploads, newest first."""
        ...

    async def delete_upload(self, id: str) -> None:
        """Drops an upload."""
        ...

    async def upload_count(self) -> int:
        """How many uploads were ever opened here: the serial of the last one."""
        ...

    async def key_spent(self) -> int:
        """What this key has spent towards its ``spending_limit``; 0 where it has none."""
        ...

    async def usage(self, window: Window) -> Usage:
        """How a rate limit stands at this instant; looking counts nothing."""
        ...

    def link(self, job: Job, extension: str) -> str:
        """Where the job's ``mp4`` or ``jpg`` is served."""
        ...

    def picture_link(self, kind: str, ref: str, extension: str = "jpg") -> str:
        """Where a picture of ours (``seeded``, ``blob``) is served."""
        ...
