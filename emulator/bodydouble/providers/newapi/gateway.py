"""One gateway: a vendor's name and rows, and the stock wire over them.

A vendor's routes are `either` the documented handler or the stock one, by the quirk
``<name>.wire``; what has no handler in the profile in force is an unknown route. It keeps nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.bodies import JSON
from bodydouble.core.clock import SECOND_US
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.core.provider import Handler, ModelRow
from bodydouble.core.wire import Call, Reply, Served
from bodydouble.providers.newapi import account, catalogue, replies, requests
from bodydouble.providers.newapi.catalogue import Row
from bodydouble.providers.newapi.conventions import MONEY, has_scheme, in_capitals
from bodydouble.providers.newapi.errors import HTML, JSON_UTF8, PAGE, PANIC, no_model
from bodydouble.providers.newapi.keys import UNLIMITED, check_key, check_models, whole
from bodydouble.providers.newapi.orders import place
from bodydouble.providers.openai_dialect.requests import READS, is_form

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

    def stock_rows(self) -> Mapping[str, Row]:
        """Those of it that the stock wire has a channel for."""
        return {model: row for model, row in self.rows().items() if row.stock}

    def for_people(self) -> list[ModelRow]:
        """The catalogue for people."""
        return catalogue.for_people(self.rows())

    def is_stock(self, call: Call) -> bool:
        """Whether this caller is served the stock wire."""
        return bool(call.quirk(f"{self.name}.wire") == "newapi")

    def either(
        self, documented: Handler | None, stock: Handler | None, *, keyed: bool = True
    ) -> Handler:
        """A handler that asks the profile first. Refused: NO_ROUTE, MALFORMED_KEY, SCOPE."""

        async def handle(call: Call, view: AccountView) -> Reply:
            if self.is_stock(call):
                chosen = stock
                call.reads = READS
                if in_capitals(call):
                    raise Refused(Cause.MALFORMED_KEY)
                if keyed:
                    check_key(call, view)
            else:
                chosen = documented
                # The vendors' pages demand the scheme word; the stock program does without.
                if documented is not None and not (has_scheme(call) and whole(call)):
                    raise Refused(Cause.MALFORMED_KEY)
            if chosen is None:
                other = self._other_wire(call, stock)
                raise Refused(Cause.NO_ROUTE, other, path=call.path, method=call.method)
            return await chosen(call, view)

        named = documented or stock
        return wraps(named)(handle) if named else handle

    def _other_wire(self, call: Call, stock: Handler | None) -> str:
        """For the developer: where this would be served."""
        if stock is None:
            return f"{self.name}.wire=documented serves this"
        form = " and reads forms" if is_form(call) else ""
        return f"no page of the vendor has this; {self.name}.wire=newapi serves it{form}"

    def seen(self, job: Job, call: Call) -> replies.Seen:
        """``job`` as the last pass of the background poller saw it."""
        seconds = call.quirk(f"{self.name}.poller_pass_seconds")
        return replies.seen(job, call.now_us, int(seconds * SECOND_US))

    def refund_delay_us(self, quirks: Mapping[str, Any], job: Job) -> int:
        """`Provider.refund_delay_us`: on the stock wire it is a pass that gives the money back."""
        if quirks[f"{self.name}.wire"] != "newapi" or job.ended_at_us is None:
            return 0
        pass_us = int(quirks[f"{self.name}.poller_pass_seconds"] * SECOND_US)
        return replies.noticed_us(job, job.ended_at_us, pass_us) - job.ended_at_us

    async def _looked_at(self, call: Call, view: AccountView, job: Job) -> replies.Seen:
        """A Veo task, which is refreshed at each look, so no pass has to come first.

        The stock program forgets to refund a failure that a look sees before a pass does.
        """
        failed = job.state is State.FAILED and not job.refunded and not job.refund_lost
        if failed and self.is_stock(call) and call.quirk(f"{self.name}.veo_refund") == "lost":
            await view.lose_refund(job)
        return replies.seen(job, call.now_us, 0)

    async def create(self, call: Call, view: AccountView) -> Reply:
        """Accepts a task, in the stock form or in Kling's own, of which it reads the same."""
        if view.key.scopes:
            check_models(view, requests.model_of(call))
        try:
            order = requests.read_task(call, self.stock_rows())
        except Refused as refused:
            # The wallet is asked before the upstream is.
            if refused.refusal.data.get("code") == "task_failed":
                left, price = view.account.balance, requests.billed(call, self.stock_rows())
                if left < price:
                    raise Refused(Cause.FUNDS, balance=left, required=price) from None
            raise
        job = await place(view, order)
        header = (OTHER_RATIOS, json.dumps(order.ratios, separators=(",", ":"), sort_keys=True))
        return Reply(200, replies.created(job), (header,), JSON_UTF8)

    async def remix(self, call: Call, view: AccountView) -> Reply:
        """Refuses every remix: an unknown task in words, a known one by a panic of the program."""
        job = await view.job(call.params["task_id"])
        if job is None or call.quirk(f"{self.name}.remix") == "refused":
            raise Refused(Cause.NOT_FOUND, "task_origin_not_exist", id=call.params["task_id"])
        raise Refused(Cause.INTERNAL, said=PANIC, envelope="panic", code="")

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
        check_models(view, "")
        job = await self.task(call, view)
        if self._is_veo(job):
            live = await self._looked_at(call, view, job)
            link = f"{call.origin}/{self.name}/v1/videos/{job.id}/content"
            return Reply(200, replies.simplified(job, live, link))
        body = replies.generic(
            job, self.seen(job, call), view.link(job, "mp4"), view.account.number
        )
        return Reply(200, body)

    async def video(self, call: Call, view: AccountView) -> Reply:
        """A task on the videos path: the OpenAI form."""
        check_models(view, "")
        job = await self.task(call, view)
        if self._is_veo(job):
            return Reply(200, replies.veo_video(job, await self._looked_at(call, view, job)))
        return Reply(200, replies.kling_video(job, self.seen(job, call), view.link(job, "mp4")))

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
        if dialect == "gemini" and call.header(b"authorization") is None:
            # The key check of this path does not look where the choice of dialect does.
            raise Refused(Cause.NO_KEY)
        if dialect == "anthropic":
            body = account.anthropic_models(self.stock_rows(), account.STOCK_CREATED_S)
        elif dialect == "gemini":
            body = account.unknown_model("")
        else:
            body = account.stock_models(self.stock_rows())
        return Reply(200, body, (), JSON_UTF8)

    async def gemini_models(self, call: Call, view: AccountView) -> Reply:
        """The list on Google's own path: names, and nothing known of any."""
        return Reply(200, account.stock_gemini_models(self.stock_rows()), (), JSON_UTF8)

    async def get_model(self, call: Call, view: AccountView) -> Reply:
        """One model of those built into the program; any other is an error with status 200."""
        model = call.params["model"]
        built_in = account.BUILT_IN.get(model)
        return Reply(200, built_in or account.unknown_model(model), (), JSON_UTF8)

    async def subscription(self, call: Call, view: AccountView) -> Reply:
        """What the key was granted, in dollars."""
        if self.is_stock(call) and UNLIMITED in (view.key.scopes or ()):
            return self._billed(call, account.subscription(account.UNLIMITED_UNITS))
        granted = await account.spent(view) + view.account.balance
        if self.is_stock(call) and view.key.spending_limit is not None:
            granted = view.key.spending_limit
        return self._billed(call, account.subscription(granted))

    async def usage(self, call: Call, view: AccountView) -> Reply:
        """What the key has used, in cents."""
        return self._billed(call, account.usage(await account.spent(view)))

    async def token_usage(self, call: Call, view: AccountView) -> Reply:
        """The key's quota in whole units."""
        used, left, limit = await account.spent(view), view.account.balance, view.key.spending_limit
        if self.is_stock(call) and limit is not None:
            used = await view.key_spent()
            left = limit - used
        unlimited = self.is_stock(call) and UNLIMITED in (view.key.scopes or ())
        if unlimited:
            left = -used
        return self._billed(
            call, account.token_usage(view.key.hint, used, left, unlimited=unlimited)
        )

    def _billed(self, call: Call, body: Any) -> Reply:
        # Of all its answers the program folds these.
        stock = self.is_stock(call)
        return Reply(200, body, (), JSON_UTF8 if stock else JSON, folds=stock)

    async def log(self, call: Call, view: AccountView) -> Reply:
        """What was charged and given back, newest first; members beyond these are left out."""
        rows = [
            {
                "id": number,
                "user_id": view.account.number,
                "created_at": entry.at_us // SECOND_US,
                "type": 6 if entry.amount > 0 else 2,
                "content": "",
                "quota": abs(entry.amount),
                "request_id": "",
            }
            for number, entry in enumerate(await view.entries(), 1)
            if entry.job
        ]
        body = {"success": True, "message": "", "data": rows[::-1]}
        return Reply(200, body, (), JSON_UTF8)

    async def jimeng(self, call: Call, view: AccountView) -> Reply:
        """Jimeng's own form, of which no request gets through. Refused: INVALID."""
        if call.query.get("Action", "").endswith("GetResult"):
            text = "invalid api platform: "
            raise Refused(Cause.INVALID, text, code="invalid_api_platform")
        raise no_model(None)

    async def dashboard(self, call: Call, view: AccountView) -> Reply:
        """The dashboard's own routes, which take none of a client's keys."""
        text = "Unauthorized, invalid access token"
        body = {"code": "AUTH_UNAUTHORIZED", "message": text, "success": False}
        return Reply(401, body, (), JSON_UTF8)

    async def page(self, call: Call, view: AccountView) -> Reply:
        """The dashboard's page, of which nothing is repeated here."""
        return PAGE

    async def status(self, call: Call, view: AccountView) -> Reply:
        """What the program says of itself to anybody; little of it is repeated here."""
        data = {"system_name": "New API", "version": VERSION}
        return Reply(200, {"data": data, "message": "", "success": True}, (), JSON_UTF8)

    async def pricing(self, call: Call, view: AccountView) -> Reply:
        """The price list, for anybody: dollars for each call or second."""
        data = [
            {"model_name": row.model, "quota_type": 1, "model_price": row.units / MONEY.scale}
            for row in self.stock_rows().values()
        ]
        return Reply(200, {"data": data, "success": True}, (), JSON_UTF8)

    async def without_slash(self, call: Call, view: AccountView) -> Reply:
        """Where the program's router sends a path with a slash too many; the method stays."""
        return Reply(307, None, (("location", self._address(call, call.path.rstrip("/"))),))

    async def with_slash(self, call: Call, view: AccountView) -> Reply:
        """Where it sends a path that wants one more."""
        to = self._address(call, f"{call.path}/")
        page = f'<a href="{to}">Moved Permanently</a>.\n\n'.encode()
        return Reply(301, page, (("location", to),), HTML)

    def _address(self, call: Call, path: str) -> str:
        query = f"?{call.query_string.decode('latin-1')}" if call.query_string else ""
        return f"{call.origin}/{self.name}{path}{query}"
