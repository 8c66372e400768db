"""A store that goes away under a running server, and comes back: a real Redis, and a full file."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bodydouble.stores import open_store, shown
from bodydouble.stores.sqlite.store import SqliteStore
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.stores.clusters import cluster
from tests.stores.keepers import started
from tests.vendors.asking import VENDORS, asking

PLANE = "/_bodydouble"


@pytest.fixture
def redis() -> Iterator[tuple[str, Callable[[], subprocess.Popen[bytes]]]]:
    """The URL of a Redis, and what starts it (again)."""
    folder = tempfile.mkdtemp(prefix="redis")
    running: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        running.append(started(Path(folder, "s")))
        return running[-1]

    try:
        yield f"unix://{folder}/s", start
    finally:
        for one in running:
            one.kill()
            one.wait()
        shutil.rmtree(folder)


def client_of(app: Application) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


async def statuses(client: httpx.AsyncClient, polls: dict[str, Any]) -> dict[str, int]:
    """What each vendor answers its poll."""
    return {name: (await client.get(**poll)).status_code for name, poll in polls.items()}


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    return [(one.levelno, one.getMessage()) for one in caplog.records if one.name == "bodydouble"]


@pytest.mark.redis
async def test_a_redis_that_goes_away_is_one_line_and_comes_back(
    redis: tuple[str, Callable[[], subprocess.Popen[bytes]]], caplog: pytest.LogCaptureFixture
) -> None:
    url, start = redis
    server = start()
    app = Application(Settings(store=url))
    async with client_of(app) as client:
        made = (await client.post(f"{PLANE}/sandboxes", json={})).json()
        polls: dict[str, Any] = {}
        for name in VENDORS:
            way = asking(name)
            path = way.poll_path.format(job="task_00000000000000000000000000000000")
            polls[name] = {"url": path, "headers": way.headers(made["keys"][name])}
        before = await statuses(client, polls)
        assert max(before.values()) < 500
        server.kill()
        server.wait()
        for _ in range(2):
            assert min((await statuses(client, polls)).values()) >= 500
            assert "redis" not in (await client.get(**polls[VENDORS[0]])).text.lower()
            for path in ("/sandboxes", "/ready", "/health", f"/sandboxes/{made['id']}/jobs"):
                told = await client.get(PLANE + path)
                assert (told.status_code, told.headers["retry-after"]) == (503, "1")
                assert told.headers["content-type"] == "application/problem+json"
                detail = told.json()["detail"]
                assert "the store does not answer" in detail
                # Only who may steer is told what the store said.
                assert ("ConnectionError" in detail) == (path == "/health")
            film = await client.get("/cdn/s0/j/j-0.mp4")
            assert film.status_code == 503
            assert "Error" not in film.text
            assert (await client.get(f"{PLANE}/live")).json() == {"status": "live"}
        assert [level for level, _ in lines(caplog)] == [logging.ERROR]
        start()
        # What Redis held is gone with it, so the keys open sandboxes of their own.
        assert await statuses(client, polls) == before
        assert (await client.get(f"{PLANE}/ready")).json() == {"status": "ready"}
        again = (await client.post(f"{PLANE}/sandboxes", json={})).json()
        assert (await client.get(f"{PLANE}/sandboxes/{again['id']}")).status_code == 200
    assert [level for level, _ in lines(caplog)] == [logging.ERROR, logging.WARNING]
    await app.shutdown()


@pytest.mark.slow
@pytest.mark.redis
async def test_a_node_of_a_cluster_takes_its_own_sandboxes_along_and_brings_them_back() -> None:
    with cluster() as nodes:
        app = Application(Settings(store=nodes.url, frozen=True))
        async with client_of(app) as client:
            polls: dict[int, dict[str, Any]] = {}
            while len(polls) < 3:
                made = (await client.post(f"{PLANE}/sandboxes", json={})).json()
                polls[nodes.serving(f"{{{made['id']}}}")] = await ordered(client, made["keys"])
            before = {at: (await client.get(**poll)).json() for at, poll in polls.items()}
            nodes.kill(2)
            assert (await client.get(**polls[2])).status_code >= 500
            for at in (0, 1):
                assert (await client.get(**polls[at])).json() == before[at]
            nodes.start(2)
            await comes_back(client, polls[2])
            assert (await client.get(**polls[2])).json() == before[2]
        await app.shutdown()


@pytest.mark.slow
@pytest.mark.redis
async def test_a_node_of_a_cluster_is_followed_by_the_one_that_stands_by_for_it() -> None:
    with cluster() as nodes:
        nodes.stand_by(1)
        app = Application(Settings(store=nodes.url, frozen=True))
        async with client_of(app) as client:
            while True:
                made = (await client.post(f"{PLANE}/sandboxes", json={})).json()
                if nodes.serving(f"{{{made['id']}}}") == 1:
                    break
            poll = await ordered(client, made["keys"])
            before = (await client.get(**poll)).json()
            with nodes.client(1) as master:
                assert master.wait(1, 5000) == 1  # what was acknowledged has been copied
            nodes.kill(1)
            assert (await client.get(**poll)).status_code >= 500
            await comes_back(client, poll)
            assert (await client.get(**poll)).json() == before
        await app.shutdown()


async def ordered(client: httpx.AsyncClient, keys: dict[str, str]) -> dict[str, Any]:
    """A poll of a job that was just ordered."""
    way = asking(VENDORS[0])
    headers = way.headers(keys[VENDORS[0]])
    told = await client.post(way.submit_path, json=way.body("a fox"), headers=headers)
    return {"url": way.poll_path.format(job=way.job(told)), "headers": headers}


async def comes_back(client: httpx.AsyncClient, poll: dict[str, Any]) -> None:
    """Polls until that is answered."""
    for _ in range(1000):
        if (await client.get(**poll)).status_code < 500:
            return
        await asyncio.sleep(0.03)
    raise AssertionError("it does not come back")


async def test_a_full_file_refuses_what_is_written_and_takes_it_when_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqliteStore(str(tmp_path / "a.db"))
    app = Application(Settings(), store)
    way = asking(VENDORS[0])
    async with client_of(app) as client:
        made = (await client.post(f"{PLANE}/sandboxes", json={})).json()
        headers = way.headers(made["keys"][VENDORS[0]])
        store.file.connection.execute("PRAGMA max_page_count = 1")
        body = {**way.body("A fox.", small=True), "prompt": "x" * 1000}
        seen = [
            (await client.post(way.submit_path, json=body, headers=headers)).status_code
            for _ in range(40)
        ]
        assert seen[-1] >= 500
        assert [level for level, _ in lines(caplog)] == [logging.ERROR]
        store.file.connection.execute("PRAGMA max_page_count = 100000")
        assert (await client.post(way.submit_path, json=body, headers=headers)).status_code < 300
    assert [level for level, _ in lines(caplog)] == [logging.ERROR, logging.WARNING]
    await app.shutdown()


async def test_a_fault_of_ours_is_a_problem_and_no_outage(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*of: Any) -> Any:
        raise RuntimeError("a fault of ours")

    app = Application(Settings())
    monkeypatch.setattr(app.store, "sandboxes", crash)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        told = await client.get(f"{PLANE}/sandboxes")
        assert (told.status_code, told.headers["content-type"]) == (500, "application/problem+json")
        assert "fault of ours" not in told.text
        assert (await client.get(f"{PLANE}/ready")).status_code == 200


@pytest.mark.parametrize("path", ["/live", "/ready"])
async def test_what_watches_a_server_needs_neither_name_nor_token(path: str) -> None:
    app = Application(Settings(host="0.0.0.0", control_token="open-sesame"))
    async with client_of(app) as client:
        told = await client.get(PLANE + path, headers={"host": "10.1.2.3:8750"})
        assert (told.status_code, set(told.json())) == (200, {"status"})
        assert (await client.get(f"{PLANE}/health")).status_code == 401


@pytest.mark.parametrize(
    "url",
    [
        "redis://:hunter2@127.0.0.1:1/0",
        "redis://me:hunter2@127.0.0.1:1/0",
        "rediss://:hunter2@localhost:1",
        "redis://127.0.0.1:1/0?password=hunter2",
        "redis://:hun/hunter2@127.0.0.1:1/0",
        "redis://:hunter2@127.0.0.1:port/0",
        "rediz://:hunter2@127.0.0.1:1/0",
        "unix://:hunter2@/nowhere/redis.sock",
        "redis+cluster://:hunter2@127.0.0.1:1",
    ],
)
def test_no_error_tells_a_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"Redis|store") as caught:
        open_store(url)
    assert "hunter2" not in str(caught.value)
    assert "hun/" not in str(caught.value)
    assert shown("redis://127.0.0.1:6379/0") == "redis://127.0.0.1:6379/0"


@pytest.mark.parametrize(
    "content",
    [b"not a database at all, but long enough to be taken for one" * 40, b"SQLite format 3\0junk"],
    ids=["text", "torn"],
)
def test_a_file_that_is_no_store_is_refused_by_name_and_left_as_it_is(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "precious.db"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"precious\.db"):
        open_store(f"sqlite:{path}")
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused_by_name_and_left_as_it_is(
    tmp_path: Path,
) -> None:
    path = tmp_path / "precious.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (a)")
        other.execute("INSERT INTO theirs VALUES (1)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"precious\.db is a database of another program"):
        open_store(f"sqlite:{path}")
    assert path.read_bytes() == before
