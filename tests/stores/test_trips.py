"""How often a Redis is asked for one request: once, where nothing is due and nobody else wrote.

A real server counts what it read from its connections; a command whose answer is waited for is one
read. Other workers, a restart and a full memory make it more, and never wrong.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bodydouble.stores import known, redis
from bodydouble.stores.known import Known
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.stores.keepers import REDISES, flushed
from tests.vendors.asking import VENDORS, Asking, asking

PLANE = "/_bodydouble"

pytestmark = pytest.mark.redis


@pytest.fixture(params=REDISES)
def url(request: pytest.FixtureRequest) -> str:
    return flushed(request.getfixturevalue(f"{request.param}_url"))


class Counting:
    """An application on a Redis, and how many reads that had from it."""

    def __init__(self, url: str) -> None:
        from redis import Redis, RedisCluster

        self.nodes: list[Any] = [Redis.from_url(url)] if "+cluster" not in url else []
        if not self.nodes:
            whole: Any = RedisCluster.from_url(url.replace("+cluster", ""))
            self.nodes = [Redis(port=node.port) for node in whole.get_primaries()]
            whole.close()
        self.asked = 0
        self.app = Application(Settings(store=url, frozen=True))
        transport = httpx.ASGITransport(self.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://localhost")

    def reads(self) -> int:
        """All so far, but for those of this question."""
        told: list[int] = [node.info("stats")["total_reads_processed"] for node in self.nodes]
        self.asked += len(told)
        return sum(told) - self.asked

    async def trips(self, request: httpx.Request) -> int:
        """How many one request took. Nodes that talk among themselves make none of them."""
        before = self.reads()
        answer = await self.client.send(request)
        assert answer.is_success, answer.text
        return self.reads() - before

    async def opened(self, vendor: str) -> Watched:
        """A new key of a vendor, and a job that was ordered with it."""
        made = (await self.client.post(f"{PLANE}/sandboxes", json={})).json()
        return await self.watched(vendor, made["keys"][vendor], made["id"])

    async def watched(self, vendor: str, key: str, sandbox: str = "") -> Watched:
        """A job ordered with a key, once everything was read that such requests read."""
        one = Watched(self, vendor, key, sandbox)
        for _ in range(2):
            one.job = one.way.job(await self.client.send(one.order()))
            assert (await self.client.send(one.poll())).is_success
        return one

    async def close(self) -> None:
        """Ends it."""
        await self.client.aclose()
        await self.app.shutdown()
        for node in self.nodes:
            node.close()


@dataclass
class Watched:
    """A client with its key and its job."""

    at: Counting
    vendor: str
    key: str
    sandbox: str
    job: str = ""

    @property
    def way(self) -> Asking:
        """How its vendor is asked."""
        return asking(self.vendor)

    def order(self) -> httpx.Request:
        """One more order."""
        body, headers = self.way.body("a fox"), self.way.headers(self.key)
        return self.at.client.build_request(
            "POST", self.way.submit_path, json=body, headers=headers
        )

    def poll(self) -> httpx.Request:
        """A look at the job."""
        path = self.way.poll_path.format(job=self.job)
        return self.at.client.build_request("GET", path, headers=self.way.headers(self.key))

    async def state(self, at: Counting) -> tuple[int, Any]:
        """What another server says of the job."""
        answer = await at.client.send(self.poll())
        shown = self.way.shown("state", answer) if answer.is_success else None
        return answer.status_code, shown


@asynccontextmanager
async def counting(url: str) -> AsyncIterator[Counting]:
    """An application that ends here."""
    one = Counting(url)
    try:
        yield one
    finally:
        await one.close()


async def test_a_request_is_one_round_trip(url: str) -> None:
    async with counting(url) as server:
        for vendor in VENDORS:
            watched = await server.opened(vendor)
            trips = [await server.trips(watched.poll()) for _ in range(3)]
            assert trips == [1, 1, 1], f"a poll of {vendor}"
            assert await server.trips(watched.order()) == 1, f"an order of {vendor}"


async def test_so_it_is_with_a_key_that_nobody_issued(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis, "UNKNOWN_S", 3600.0)
    async with counting(url) as server:
        issued = await server.opened(VENDORS[0])
        profile = issued.way.profile
        watched = await server.watched(VENDORS[0], profile.section("key")["unissued"])
        assert await server.trips(watched.poll()) == 1


async def test_without_a_memory_it_is_more(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Known, "remember", lambda self, place, record, size: None)
    async with counting(url) as server:
        watched = await server.opened(VENDORS[0])
        assert await server.trips(watched.poll()) > 3


async def test_too_much_to_remember_costs_trips_alone(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with counting(url) as server:
        one, other = await server.opened(VENDORS[0]), await server.opened(VENDORS[0])
        assert await server.trips(one.poll()) == 1
        monkeypatch.setattr(known, "REMEMBERED_BYTES_MAX", 1)
        assert await server.trips(other.poll()) == 1
        assert await server.trips(one.poll()) > 1
        assert (await one.state(server))[0] < 300


async def test_what_another_worker_did_is_seen_at_once(url: str) -> None:
    async with counting(url) as server, counting(url) as other:
        for vendor in VENDORS:
            watched = await server.opened(vendor)
            _, waiting = await watched.state(server)
            plane = f"{PLANE}/sandboxes/{watched.sandbox}"
            path = f"{plane}/jobs/{watched.job}"
            (await other.client.patch(path, json={"finish": True})).raise_for_status()
            assert await watched.state(server) == await watched.state(other)
            done = await watched.state(server)
            assert done[1] != waiting
            (await other.client.delete(plane)).raise_for_status()
            assert await watched.state(server) != done, f"{vendor}: its sandbox is gone"


async def test_a_poll_after_another_workers_write_reads_again_what_it_reads_usually(
    url: str,
) -> None:
    async with counting(url) as server, counting(url) as other:
        watched = await server.opened(VENDORS[0])
        await watched.state(other)
        # The attempt, whose the key is, the key, the lock with all that is read again, the commit.
        assert await server.trips(watched.poll()) <= 5
