"""One gateway: a vendor's name and rows, and the stock wire over them.

A vendor's routes are `either` the documented handler or the stock one, by the quirk
``<name>.wire``; what has no handler in the profile in force is an unknown route. It keeps nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps

from bodydouble.core.account_view import AccountView
from bodydouble.core.clock import SECOND_US
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.provider import Handler, ModelRow
from bodydouble.core.wire import Call, Reply, Served
from bodydouble.providers.newapi import account, catalogue, replies, requests
from bodydouble.providers.newapi.catalogue import Row
from bodydouble.providers.newapi.conventions import has_scheme
from bodydouble.providers.newapi.orders import Order, place

# The era in which poll bodies carry result_url and task ids begin with task_ (assumed: no
# deployment of either vendor was asked for its version).
VERSION = "v1.0.0"
OTHER_RATIOS = "x-new-api-other-ratios"


@dataclass(frozen=True, slots=True)
class Gateway:
    """``name`` is the provider's; ``package`` is where its `catalogue.json` is."""

    name: str
    package: str

    def rows(self) -> Mapping[str, Row]:
        """The catalogue by model id."""
        return catalogue.load(self.package)

    def for_people(self) -> list[ModelRow]:
        """The catalogue for people."""
        return catalogue.for_people(self.rows())

    def is_stock(self, call: Call) -> bool:
        """Whether this caller is served the stock wire."""
        return bool(call.quirk(f"{self.name}.wire") == "newapi")

    def either(self, documented: Handler | None, stock: Handler | None) -> Handler:
        """A handler that asks the profile first. Refused: NO_ROUTE, MALFORMED_KEY."""

        async def handle(call: Call, view: AccountView) -> Reply:
            chosen = stock if self.is_stock(call) else documented
            if chosen is None:
                raise Refused(Cause.NO_ROUTE, path=call.path, method=call.method)
            # The vendors' pages demand the scheme word; the stock program does without.
            if not self.is_stock(call) and not has_scheme(call):
                raise Refused(Cause.MALFORMED_KEY)
            return await chosen(call, view)

        named = documented or stock
        return wraps(named)(handle) if named else handle

    def seen(self, job: Job, call: Call) -> replies.Seen:
        """``job`` as the last pass of the background poller saw it."""
        seconds = call.quirk(f"{self.name}.poller_pass_seconds")
        return replies.seen(job, call.now_us, int(seconds * SECOND_US))

    async def create(self, call: Call, view: AccountView) -> Reply:
        """Accepts a task in the stock form."""
        return await self._placed(requests.read_task(call, self.rows()), view)

    async def create_native(self, call: Call, view: AccountView) -> Reply:
        """Accepts a task in Kling's own form."""
        return await self._placed(requests.read_native(call, self.rows()), view)

    async def _placed(self, order: Order, view: AccountView) -> Reply:
        job = await place(view, order)
        row = self.rows()[job.submission.model]
        ratios = {} if row.per == "call" else {"seconds": job.submission.duration_ms // 1000}
        header = (OTHER_RATIOS, json.dumps(ratios))
        return Reply(200, replies.created(job), (header,))

    async def task(self, call: Call, view: AccountView) -> Job:
        """The task a path names. Refused: NOT_FOUND."""
        job = await view.job(call.params["task_id"])
        if job is None:
            raise Refused(Cause.NOT_FOUND, id=call.params["task_id"])
        return job

    def _is_veo(self, job: Job) -> bool:
        return self.rows()[job.submission.model].kind == "veo"

    async def poll(self, call: Call, view: AccountView) -> Reply:
        """A task on the generations path: wrapped, or simplified for Veo."""
        job = await self.task(call, view)
        if self._is_veo(job):
            # These tasks are refreshed at each poll, so no pass has to come first.
            live = replies.seen(job, call.now_us, 0)
            link = f"{call.origin}/{self.name}/v1/videos/{job.id}/content"
            return Reply(200, replies.simplified(job, live, link))
        body = replies.generic(
            job, self.seen(job, call), view.link(job, "mp4"), view.account.number
        )
        return Reply(200, body)

    async def video(self, call: Call, view: AccountView) -> Reply:
        """A task on the videos path: the OpenAI form."""
        job = await self.task(call, view)
        link = None if self._is_veo(job) else view.link(job, "mp4")
        return Reply(200, replies.video(job, self.seen(job, call), link))

    async def content(self, call: Call, view: AccountView) -> Reply:
        """The file itself, whole; ``Range`` is not honoured here."""
        job = await view.job(call.params["task_id"])
        if job is None:
            raise Refused(Cause.NOT_FOUND, "Task not found", envelope="proxy", status=404)
        stock_kling = self.is_stock(call) and not self._is_veo(job)
        row = self.seen(job, call) if stock_kling else replies.seen(job, call.now_us, 0)
        if row.status != "SUCCESS":
            text = f"Task is not completed yet, current status: {row.status}"
            raise Refused(Cause.NOT_READY, text, state=job.state)
        headers = (("cache-control", "public, max-age=86400"),)
        return Reply(200, Served(job.id, "mp4"), headers, media_type="video/mp4")

    async def list_models(self, call: Call, view: AccountView) -> Reply:
        """The model list in the caller's dialect; Google's is not found here (C.9)."""
        dialect = account.dialect(call)
        if dialect == "anthropic":
            return Reply(200, account.anthropic_models(self.rows(), account.STOCK_CREATED_S))
        if dialect == "gemini":
            return Reply(200, account.unknown_model(""))
        return Reply(200, account.stock_models(self.rows()))

    async def get_model(self, call: Call, view: AccountView) -> Reply:
        """One model; an unknown one is an error with status 200."""
        model = call.params["model"]
        known = model in self.rows()
        return Reply(200, account.stock_model(model) if known else account.unknown_model(model))

    async def subscription(self, call: Call, view: AccountView) -> Reply:
        """What the key was granted, in dollars."""
        return Reply(200, account.subscription(await account.spent(view) + view.account.balance))

    async def usage(self, call: Call, view: AccountView) -> Reply:
        """What the key has used, in cents."""
        return Reply(200, account.usage(await account.spent(view)))

    async def token_usage(self, call: Call, view: AccountView) -> Reply:
        """The key's quota in whole units."""
        used = await account.spent(view)
        return Reply(200, account.token_usage(view.key.hint, used, view.account.balance))
