"""A toy vendor whose words use what no shipped vendor needs, and one server to ask it.

Its provider is as short as one can be; tests replace what they are about. Nothing is listed as
installed: the server is simply handed this one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx

from bodydouble.conformance import Example, check_provider
from bodydouble.core.account_view import AccountView
from bodydouble.core.details import Detail, detail_of
from bodydouble.core.errors import Cause, Refusal, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.keys import digest
from bodydouble.core.lifecycle import State
from bodydouble.core.money.amounts import Currency
from bodydouble.core.money.ledger import Account
from bodydouble.core.provider import ModelRow, Operation, Provider
from bodydouble.core.provider_kit import refunds
from bodydouble.core.reasons import Reason
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.slots import Slots
from bodydouble.core.wire import Call, Reply
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.stores.memory import MemoryStore
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings

ORIGIN = "http://toy.test"
KEY = "toy-0123456789"
STATES = {
    State.QUEUED: "PENDING",
    State.RUNNING: "RUNNING",
    State.SUCCEEDED: "SUCCEEDED",
    State.FAILED: "FAILED",
    State.CANCELED: "CANCELED",
}
DETAILS = (
    Detail(Reason.MODERATED, "input", "SAFETY.INPUT", "the prompt is not allowed"),
    Detail(Reason.MODERATED, "output", "SAFETY.OUTPUT", "the result is not allowed"),
    Detail(Reason.PROVIDER_ERROR, "third-party", "THIRD_PARTY", "another vendor failed"),
    Detail(Cause.MODERATED, "names", "moderation.names", "the prompt names somebody"),
)
STATUS = {
    Cause.NO_KEY: 401,
    Cause.NO_ROUTE: 404,
    Cause.NOT_FOUND: 404,
    Cause.METHOD: 405,
    Cause.FUNDS: 402,
    Cause.RATE: 429,
    Cause.QUEUE_FULL: 429,
    Cause.TOO_LARGE: 413,
    Cause.CONTENT_TYPE: 415,
    Cause.UNAVAILABLE: 503,
    Cause.INTERNAL: 500,
}


def task(call: Call, view: AccountView, job: Job) -> dict[str, Any]:
    """A job in the toy's words."""
    body: dict[str, Any] = {"id": job.id, "model": job.submission.model}
    body["status"] = TOY.state_word(job)
    if job.state is State.SUCCEEDED:
        body["output"] = view.link(job, "mp4")
    if job.reason is not None:
        detail = detail_of(DETAILS, job.reason, job.detail)
        body["failure"] = detail.word if detail else "INTERNAL"
    return body


async def create(call: Call, view: AccountView) -> Reply:
    """Accepts a job of a second."""
    body = call.json_object()
    if not isinstance(body.get("prompt"), str) or body.get("model", "a") not in ("a", "b"):
        raise Refused(Cause.INVALID)
    draw = await view.job_draw()
    submission = Submission(
        operation="create",
        model=body.get("model", "a"),
        prompt=body["prompt"],
        price=10,
        names={"job": draw.uuid4()},
        width=320,
        height=180,
        fps=24,
        duration_ms=1000,
    )
    return Reply(200, {"id": (await view.submit(submission)).id})


async def read(call: Call, view: AccountView) -> Reply:
    """One job."""
    return Reply(200, task(call, view, await found(call, view)))


async def remove(call: Call, view: AccountView) -> Reply:
    """Cancels or deletes, and says nothing of it."""
    await view.delete(await found(call, view))
    return Reply(204)


async def listed(call: Call, view: AccountView) -> Reply:
    """A page of jobs by cursor, or behind a job that is named."""
    query = call.query
    cursor, limit = query.get("cursor", ""), query.get("limit", "2")
    if limit not in map(str, range(1, 10)):
        raise Refused(Cause.INVALID)
    if "after" in query:
        job = await view.job(query["after"])
        if job is None:
            raise Refused(Cause.NOT_FOUND, id=query["after"])
        cursor = view.cursor(job)
    page = await view.page(cursor, limit=int(limit), newest_first=query.get("order") != "asc")
    data = [task(call, view, job) for job in page.jobs]
    return Reply(200, {"data": data, "next": page.next, "previous": page.previous})


async def found(call: Call, view: AccountView) -> Job:
    """The job a path names. Refused: NOT_FOUND."""
    job = await view.job(call.params["id"])
    if job is None:
        raise Refused(Cause.NOT_FOUND, id=call.params["id"])
    return job


def refuse(refusal: Refusal, call: Call) -> Reply:
    """A refusal in the toy's words."""
    ours = refusal.cause in (Cause.UNAVAILABLE, Cause.INTERNAL)
    body = {"error": refusal.cause.value if ours else refusal.text or refusal.cause.value}
    detail = detail_of(DETAILS, refusal.cause, refusal.detail)
    if detail is not None:
        body["code"] = detail.word
    return Reply(STATUS.get(refusal.cause, 400), body)


def by_model(quirks: Mapping[str, Any], submission: Submission) -> Slots:
    """One job of each model at once, from its acceptance on; any number waits."""
    return Slots(1, group=submission.model, from_acceptance=True)


TOY = Provider(
    name="toy",
    title="Toy",
    base_path="/v1",
    hosts=("api.toy.test",),
    currency=Currency("credits", 1, 0),
    starting_balance=(("credits", 1000),),
    pace=Pace(wait_s=1, run_s=10),
    operations=(
        Operation("create", "POST", "/v1/tasks", create, billed=True),
        Operation("read", "GET", "/v1/tasks/{id}", read),
        Operation("remove", "DELETE", "/v1/tasks/{id}", remove, cancels=True),
        Operation("list", "GET", "/v1/tasks", listed),
    ),
    states=STATES,
    refuse=refuse,
    key_shape=re.compile(r"toy-[0-9a-z]{10}"),
    mint_key=lambda draw: f"toy-{draw.text(10)}",
    slots=by_model,
    awaiting_slot_state="THROTTLED",
    refunds=refunds(canceled=(State.QUEUED,), kept=("input",)),
    details=DETAILS,
    forgets_deleted=True,
    models=lambda: [ModelRow("a", "video", "text", "10", True)],
)


class Toy:
    """One frozen server with the toy on it, and one key."""

    def __init__(self, provider: Provider = TOY, *, scenario: str = "normal") -> None:
        settings = Settings(frozen=True, seed=1, scenario=scenario)
        self.provider = provider
        self.app = Application(settings, MemoryStore(), {provider.name: provider})
        self.headers = {"authorization": f"Bearer {KEY}"}
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=ORIGIN, timeout=30
        )
        self.sandbox = f"k{digest(KEY)[:24]}"

    async def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request with the key."""
        more["headers"] = {**self.headers, **more.pop("headers", {})}
        return await self.client.request(method, f"/toy{path}", **more)

    async def create(self, **fields: Any) -> str:
        """A job that is accepted; its id."""
        answer = await self.send("POST", "/v1/tasks", json={"prompt": "a fox", **fields})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def status(self, id: str) -> str:
        """What the vendor says of a job."""
        return str((await self.send("GET", f"/v1/tasks/{id}")).json()["status"])

    async def advance(self, seconds: float) -> None:
        """Moves the clock; what is due happens at the next look."""

        async def move(sandbox: OpenSandbox) -> None:
            clock = sandbox.record.clock.advanced(int(seconds * 1_000_000), 0)
            sandbox.tx.put(replace(sandbox.record, clock=clock))

        await self.open(move)

    async def open(self, act: Any) -> Any:
        """What ``act`` makes of the sandbox, held open."""
        async with self.app.store.transaction(self.sandbox) as tx:
            record = await tx.get(Sandbox, self.sandbox)
            assert record is not None, "nothing was asked yet"
            return await act(OpenSandbox(tx, record, self.app.providers, 0))

    async def job(self, id: str) -> Job:
        """A job as it is kept."""
        return cast(Job, await self.open(lambda sandbox: sandbox.tx.get(Job, id)))

    async def balance(self) -> int:
        """What the account holds."""
        account = cast(
            Account, await self.open(lambda sandbox: sandbox.tx.get(Account, "toy/main"))
        )
        return account.balance


EXAMPLE = Example("POST", "/v1/tasks", {"prompt": "a fox"})
GOLDEN = {
    "name": "unknown",
    "vendor": "toy",
    "title": "A task that is not there.",
    "source": {"page": "https://toy.test/docs", "section": "Tasks", "date": "undated"},
    "status": "served",
    "request": {"method": "GET", "path": "/v1/tasks/x"},
    "response": {"status": 404, "body": {"error": "not_found"}},
    "volatile": [],
}


def check(provider: Provider) -> None:
    """Holds a toy to the suite, with the one golden exchange it has."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "unknown.json").write_text(json.dumps(GOLDEN))
        check_provider(provider, EXAMPLE, exchanges=Path(folder))
