"""Every vendor as a target of bad input, and what a refusal must look like.

A target is derived from the provider and its golden exchanges: a good order, the shape of refusals,
the members of bodies. A session is an emulator in this process without limits on requests and jobs;
`refusal` holds an answer to the rule of this folder: the vendor's own words, and nothing kept but
counters and the request log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from bodydouble.conformance.exchanges import constant_headers, examples_of, golden_exchanges
from bodydouble.conformance.harness import credential_place, unlimited
from bodydouble.conformance.providers import DATA, PROBLEMS
from bodydouble.core.chance import Draw
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.jobs import Job
from bodydouble.core.keys import digest
from bodydouble.core.limits import WindowCount
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.sandboxes import Counter
from bodydouble.core.store import Record
from bodydouble.core.wire import Call
from bodydouble.providers import load, names
from bodydouble.web.app import Application
from bodydouble.web.pipeline.routing import Routes, routes_of
from bodydouble.web.settings import Settings
from bodydouble_contracts.vendors.reader import load as load_profile

ORIGIN = "http://bodydouble.test"
JSON = {"content-type": "application/json"}
NOBODYS_ID = "00000000-0000-4000-8000-00000000dead"
# What may change when a request is turned down.
COUNTED = (Counter, Exchange, WindowCount)
Ask = Callable[[], httpx.Response]


@dataclass(frozen=True)
class Target:
    """One vendor: its fullest order and the headers of every request.

    ``envelopes`` are the keys that a golden refusal has, and those it may have; ``own_5xx`` are
    server errors that it documents for what a client may do wrong, ``bad_key`` the statuses for a
    malformed key; ``silent`` operations answer with success to an id of nothing; ``members`` are
    those of all documented bodies.
    """

    provider: Provider
    path: str
    order: dict[str, Any]
    headers: dict[str, str]
    envelopes: tuple[tuple[frozenset[str], frozenset[str]], ...]
    own_5xx: frozenset[int]
    bad_key: frozenset[int]
    silent: frozenset[str]
    members: tuple[str, ...]

    @property
    def name(self) -> str:
        """The vendor's."""
        return self.provider.name

    def secret(self, whose: str = "mine") -> str:
        """One of two keys of two sandboxes."""
        return self.provider.mint_key(Draw(0, whose))

    def key(self, whose: str = "mine") -> dict[str, str]:
        """The header that carries one of them."""
        return self.carrying(self.secret(whose))

    def carrying(self, secret: str) -> dict[str, str]:
        """The header that carries a key."""
        name, scheme = credential_place(self.provider, self.secret())
        return {name: f"{scheme}{secret}"}

    def sandbox(self, whose: str = "mine") -> str:
        """The sandbox that a key opens."""
        return f"k{digest(self.secret(whose))[:24]}"


def target(name: str) -> Target:
    """The vendor called ``name`` as a target."""
    provider = load(name)
    golden = golden_exchanges(provider)
    examples = [one for one in examples_of(provider, golden) if isinstance(one.body, dict)]
    fullest = max(examples, key=lambda one: len(one.body))
    told = [one.content for one in golden if "response" in one.content]
    refusals = [one for one in told if one["response"]["status"] >= 400]
    if not any(_bad_key(one) for one in refusals):
        # Where the pages show no refused key, the provider's own replies have to do.
        refusals += [_refused(provider, cause) for cause in Cause]
    bodies = [one["request"].get("body") for one in told]
    routes = routes_of(provider)
    return Target(
        provider,
        fullest.path,
        fullest.body,
        dict(constant_headers(examples)),
        tuple({_envelope(one) for one in refusals if "body" in one["response"]}),
        frozenset(
            one["response"]["status"]
            for one in refusals
            if one["response"]["status"] >= 500 and not {"setup", "quirks"} & set(one)
        ),
        frozenset(one["response"]["status"] for one in refusals if _bad_key(one)),
        frozenset(
            _operation(routes, one["request"])
            for one in told
            if "unknown" in one["name"] and one["response"]["status"] < 300
        ),
        tuple(sorted({key for body in bodies if isinstance(body, dict) for key in body})),
    )


def _refused(provider: Provider, cause: Cause) -> dict[str, Any]:
    """The provider's own refusal, written as a golden exchange."""
    fields = PROBLEMS if cause is Cause.INVALID else ()
    refusal = Refused(cause, fields=fields, **DATA.get(cause, ({},))[0]).refusal
    reply = provider.refuse(refusal, Call("GET", "/"))
    told = {"request": {"path": "/"}, "response": {"status": reply.status, "body": reply.body}}
    keyless = cause in (Cause.NO_KEY, Cause.MALFORMED_KEY)
    return {**told, "setup": [{"do": "key", "bad": "missing"}] if keyless else [{"do": "fault"}]}


def _envelope(refusal: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    extra = frozenset(path.removeprefix("$.") for path in refusal.get("extra", ()))
    return frozenset(keys(refusal["response"]["body"])), extra


def keys(body: Any, place: str = "", depth: int = 2) -> Iterator[str]:
    """The keys of an object and of the objects in it: ``error``, ``error.code``."""
    if isinstance(body, dict) and depth:
        for key, value in body.items():
            yield f"{place}{key}"
            yield from keys(value, f"{place}{key}.", depth - 1)


def _bad_key(exchange: Any) -> bool:
    used = [step for step in exchange.get("setup", ()) if step["do"] == "key"]
    # A saved address is no route of the vendor's, and may want no key.
    routed = exchange["request"]["path"].startswith("/")
    return routed and bool(used) and used[-1].get("bad") in ("malformed", "missing")


def _operation(routes: Routes, request: Any) -> str:
    try:
        return routes.find(request["method"], request["path"])[0].name
    except Refused:
        return ""


def judged(name: str) -> dict[str, Any]:
    """The readings of a vendor that its profile has judged: one that refuses what is bad at once,
    where the vendor may as well find it later."""
    return dict(load_profile(name).section("control").get("sandbox", {}).get("quirks", {}))


TARGETS = tuple(target(name) for name in names())


class Session:
    """An emulator in this process, spoken to without a socket and without `async`."""

    def __init__(self, target: Target, **settings: Any) -> None:
        self.target = target
        known = {target.name: unlimited(target.provider)}
        settings.setdefault("quirks", judged(target.name))
        given = Settings(frozen=True, seed=1, balances={"": "99999"}, **settings)
        self.app = Application(given, known=known)
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url=ORIGIN, timeout=60
        )
        # The first request opens the account, which is no consequence of a refusal.
        fixed = [one.path for one in self.operations("GET") if "{" not in one.path]
        self.me = next(path for path in fixed if self.ask("GET", path).status_code == 200)
        assert self.ask("GET", self.me, whose="theirs").status_code == 200

    def operations(self, *methods: str) -> list[Operation]:
        """The vendor's operations by method."""
        operations = self.target.provider.operations
        return [one for one in operations if one.method in methods and not one.open]

    def ask(self, method: str, path: str, *, whose: str = "mine", **more: Any) -> httpx.Response:
        """One request to the vendor with a key; ``headers`` are added to it."""
        headers = {**self.target.key(whose), **self.target.headers, **more.pop("headers", {})}
        return self.send(method, f"/{self.target.name}{path}", headers=headers, **more)

    def send(self, method: str, address: str, **more: Any) -> httpx.Response:
        """One request exactly as given."""
        return self._runner.run(self._client.request(method, address, **more))

    def plane(self, method: str, path: str, body: Any) -> Any:
        """One request to the control plane that must succeed, below the sandbox of my key."""
        address = f"http://127.0.0.1/_bodydouble/sandboxes/{self.target.sandbox()}{path}"
        answer = self.send(method, address, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def order(self, **changes: Any) -> str:
        """Accepts a job; its id."""
        answer = self.ask("POST", self.target.path, json={**self.target.order, **changes})
        assert answer.status_code < 300, answer.text
        jobs = [one for one in self.records("mine") if isinstance(one, Job)]
        return max(jobs, key=lambda job: job.order).id

    def kept(self, whose: str = "mine") -> frozenset[str]:
        """Everything the sandbox holds but counters and the request log."""
        return frozenset(repr(one) for one in self.records(whose) if not isinstance(one, COUNTED))

    def records(self, whose: str = "mine") -> Sequence[Record]:
        """Everything the sandbox holds."""

        async def read() -> Sequence[Record]:
            async with self.app.store.transaction(self.target.sandbox(whose)) as tx:
                return await tx.everything()

        return self._runner.run(read())

    def refusal(
        self, answer: httpx.Response, before: frozenset[str], own: frozenset[int] = frozenset()
    ) -> None:
        """Holds an answer that turns something down to the rule; ``own`` are statuses it may be."""
        status, target = answer.status_code, self.target
        assert 400 <= status < 600, (status, answer.text[:300])
        assert status < 500 or status in target.own_5xx | own, (status, answer.text[:300])
        assert answer.headers["content-type"].startswith("application/json"), answer.headers
        given = frozenset(keys(answer.json()))
        alike = any(must <= given <= must | may for must, may in target.envelopes)
        assert alike, f"no golden refusal looks like {answer.text[:300]}"
        assert len(answer.content) < 5_000, "a refusal repeats too much of what was sent"
        assert self.kept() == before, "a refusal left something behind"

    def refusals(self, asks: Iterator[tuple[int, Ask]]) -> int:
        """Holds each request to the rule, and to its status; how many there were."""
        count = 0
        for status, ask in asks:
            before = self.kept()
            answer = ask()
            assert answer.status_code == status, answer.text
            self.refusal(answer, before)
            count += 1
        return count

    def close(self) -> None:
        """Ends the loop and the server."""
        self._runner.run(self._client.aclose())
        self._runner.run(self.app.shutdown())
        self._runner.close()
