"""A session for the laws: the whole app in process, without sockets, on a clock that we move.

With the memory store no request ever suspends, so a single `send(None)` runs it; anything else is
an error here. Other stores are given the event loop they need.
"""

import json
from collections import Counter as Tally
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from bodydouble.core.clock import Clock
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key, digest
from bodydouble.core.limits import WindowCount
from bodydouble.core.money.ledger import Account, Entry
from bodydouble.core.sandboxes import Counter, Sandbox
from bodydouble.core.store import Record, Store, Transaction
from bodydouble.stores.codec import KINDS
from bodydouble.stores.memory import MemoryStore
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings

START_US = 1_785_058_882_000_000
SECOND_US = 1_000_000
SANDBOX = "law"
VENDOR = "smartlyq"
OTHER = "leonardo"
MAIN, SECOND, READER, REVOKED, CAPPED, HURRIED, EXPIRED = (
    f"sqk_live_{name * 8}" for name in "mnrvche"
)
ELSEWHERE = "10000000-0000-4000-8000-000000000001"  # a key of the other, in the same sandbox
KEYS: Mapping[str, Mapping[str, Any]] = {
    MAIN: {},
    SECOND: {"account": f"{VENDOR}/second"},
    READER: {"scopes": ("videos:read", "jobs:read")},
    REVOKED: {"revoked": True},
    CAPPED: {"spending_limit": 1500},
    HURRIED: {"rate_limit": 1},
    EXPIRED: {"expires_at_us": START_US},
    ELSEWHERE: {"provider": OTHER, "account": f"{OTHER}/main"},
}
GROUPS = ("", f"{VENDOR}/main", f"{VENDOR}/second", f"{OTHER}/main")

BODIES: tuple[dict[str, Any], ...] = (
    {"model": "kling-v2-1", "type": "text_to_video", "prompt": "a", "duration": 10}
    | {"mode": "Professional", "aspect_ratio": "16:9"},
    {"model": "kling-v2-1", "type": "text_to_video", "prompt": "b"},
    {"model": "pixverse-v4-5", "type": "text_to_video", "prompt": "c 🎬", "resolution": "1080p"}
    | {"seed": 5},
    {"model": "pixverse-v4-5", "type": "image_to_video", "image_url": "https://example.com/a.png"},
)

Mutant = Callable[[pytest.MonkeyPatch], None]
Run = Callable[[Coroutine[Any, Any, Any]], Any]


def step(play: Coroutine[Any, Any, Any]) -> Any:
    """Plays a coroutine that never waits. AssertionError if it does."""
    try:
        play.send(None)
    except StopIteration as done:
        return done.value
    play.close()
    raise AssertionError("it waited, which nothing does on a memory store")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @cached_property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def accepted(self) -> bool:
        return self.status < 300

    def said(self) -> tuple[int, Any]:
        """Status and body without what names this very request."""
        if not self.body:
            return self.status, None
        return self.status, {name: part for name, part in self.json.items() if name != "meta"}


class Session:
    """One sandbox with a cast of keys. ``run`` plays a coroutine to its end."""

    def __init__(
        self,
        store: Store | None = None,
        run: Run = step,
        *,
        seed: int = 7,
        balance: str = "15.0000",
        quirks: Mapping[str, Any] | None = None,
    ) -> None:
        self.run = run
        self.store = store or MemoryStore()
        self.app = Application(Settings(seed=1, strict_keys=True), self.store)
        self._quirks: dict[str, Any] = {"smartlyq.requests_per_minute": 1_000_000, **(quirks or {})}
        run(self._furnish(seed, balance))

    async def _furnish(self, seed: int, balance: str) -> None:
        for secret, rights in KEYS.items():
            plain = {"provider": "smartlyq", "account": "smartlyq/main", "hint": "…"}
            await self.store.put_key(Key(id=digest(secret), sandbox=SANDBOX, **{**plain, **rights}))
        async with self.store.transaction(SANDBOX) as tx:
            clock = Clock(START_US, START_US, 0.0)
            balances = {"smartlyq": balance}
            tx.put(Sandbox(SANDBOX, seed, clock, START_US, balances=balances, quirks=self._quirks))

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        """One request to SmartlyQ, played to its end."""
        answer: Answer = self.run(self.request(method, path, body, **more))
        return answer

    async def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = MAIN,
        vendor: str = "smartlyq",
        **headers: str,
    ) -> Answer:
        """One request; ``body`` is JSON-able, or bytes as they are."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        named = {"host": "session", "content-type": "application/json"}
        if key is not None:
            named["authorization"] = f"Bearer {key}"
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "scheme": "http",
            "method": method,
            "path": f"/{vendor}{path}",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
            "server": ("session", 80),
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        return Answer(sent[0]["status"], tuple(sent[0]["headers"]), sent[1].get("body", b""))

    def generate(self, body: Any = BODIES[0], **more: Any) -> Answer:
        """A submission."""
        return self.call("POST", "/v1/videos/generate", body, **more)

    def cancel(self, job: str, **more: Any) -> Answer:
        """A cancel."""
        return self.call("POST", f"/v1/jobs/{job}/cancel", **more)

    def poll(self, job: str, **more: Any) -> Answer:
        """A look at one job."""
        return self.call("GET", f"/v1/jobs/{job}", **more)

    # Behind the scenes ---------------------------------------------------------------------------

    def inside(self, act: Callable[[Transaction], Coroutine[Any, Any, Any]]) -> Any:
        """What ``act`` makes of the open sandbox."""

        async def opened() -> Any:
            async with self.store.transaction(SANDBOX) as tx:
                return await act(tx)

        return self.run(opened())

    def change(self, make: Callable[[Sandbox], Sandbox]) -> None:
        """Rewrites the sandbox record."""

        async def write(tx: Transaction) -> None:
            record = await tx.get(Sandbox, SANDBOX)
            assert record is not None
            tx.put(make(record))

        self.inside(write)

    def advance(self, seconds: float) -> None:
        """Moves the clock, and nothing else: what is due happens when somebody asks."""
        span_us = int(seconds * SECOND_US)
        self.change(lambda one: replace(one, clock=one.clock.advanced(span_us, 0)))

    def direct(self, scenario: str) -> None:
        """Puts a scenario in force."""
        self.change(lambda one: replace(one, scenario=scenario))

    def records(self) -> dict[tuple[str, str], Record]:
        """Everything the sandbox holds, by kind and id."""

        async def read(tx: Transaction) -> dict[tuple[str, str], Record]:
            return {
                # When, really, a sandbox was used last is noted by every request.
                (name, record.id): replace(record, used_real_us=0) if name == "sandbox" else record
                for name, kind in KINDS.items()
                for group in GROUPS
                for record in await tx.list(kind, group)
            }

        found: dict[tuple[str, str], Record] = self.inside(read)
        return found

    def everything(self) -> Sequence[Record]:
        """Every record, whatever its group."""
        found: Sequence[Record] = self.inside(lambda tx: tx.everything())
        return found

    def jobs(self) -> list[Job]:
        """Every job, by account, oldest first."""
        return [one for one in self.records().values() if isinstance(one, Job)]

    def entries(self) -> list[Entry]:
        """Every entry, by account, oldest first."""
        return [one for one in self.records().values() if isinstance(one, Entry)]

    def accounts(self) -> dict[str, Account]:
        """Every account by id."""
        return {one.id: one for one in self.records().values() if isinstance(one, Account)}


def uncounted(records: Mapping[tuple[str, str], Record]) -> dict[tuple[str, str], Record]:
    """Records without the request log and the counters of requests."""
    return {
        place: one
        for place, one in records.items()
        if not isinstance(one, (Exchange, WindowCount))
        and not (isinstance(one, Counter) and one.id == "requests")
    }


# Running a law -----------------------------------------------------------------------------------


class Law(RuleBasedStateMachine):
    """A machine that counts what it met, so that a law nobody tested cannot pass."""

    census: ClassVar[Tally[str]] = Tally()

    def met(self, *what: object) -> None:
        """Counts something the law speaks of."""
        self.census[" ".join(map(str, what))] += 1


def perform(law: type[Law], *, examples: int, steps: int) -> Tally[str]:
    """Runs a law without shrinking, the same way every time, and gives its census."""
    law.census = Tally()
    plan = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    with pytest.MonkeyPatch.context() as patch:
        # One draw in twenty is a constant from the modules that happen to be loaded: with other
        # tests in the process, or after an edit anywhere, a law would try other things.
        patch.setattr(HypothesisProvider, "_maybe_draw_constant", lambda *_, **__: None)
        run_state_machine_as_test(law, settings=plan)
    return law.census


def kill(law: type[Law], mutant: Mutant, *, examples: int, steps: int, why: str) -> None:
    """Runs a law under a mutant, which must break it with the sentence ``why``."""
    with pytest.MonkeyPatch.context() as patch:
        mutant(patch)
        with pytest.raises(AssertionError, match=why):
            perform(law, examples=examples, steps=steps)


def lacking(census: Tally[str], *wanted: str) -> list[str]:
    """What of ``wanted`` was never met."""
    return [one for one in wanted if not census[one]]
