"""Stores that outlive a process: several may share one, and none writes after it lost its hold."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from bodydouble.conformance import samples
from bodydouble.core.sandboxes import Counter
from bodydouble.stores import open_store
from bodydouble.stores.fences import LeaseLost
from bodydouble.stores.redis import RedisStore
from bodydouble.stores.sqlite.file import APPLICATION, LAYOUT
from bodydouble.stores.sqlite.store import SqliteStore
from tests.contracts.third_party.programs import free_port
from tests.stores.keepers import REDISES, flushed, of_our_own

WORKER = """
import asyncio, sys
from bodydouble.core.sandboxes import Counter
from bodydouble.stores import open_store

async def work(url):
    store = open_store(url)
    for _ in range(150):
        async with store.transaction("s") as tx:
            found = await tx.get(Counter, "n")
            await asyncio.sleep(0)
            tx.put(Counter("n", (found.value if found else 0) + 1))
    await store.close()

asyncio.run(work(sys.argv[1]))
"""


@pytest.fixture(params=["sqlite", *REDISES])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty store that processes can share."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path}/shared.db"
    return flushed(request.getfixturevalue(f"{request.param}_url"))


def test_three_processes_share_a_sandbox_without_losing_an_update(url: str) -> None:
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, url]) for _ in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]

    async def total() -> Counter | None:
        store = open_store(url)
        async with store.transaction("s") as tx:
            return await tx.get(Counter, "n")

    assert asyncio.run(total()) == Counter("n", 450)


OPENER = """
import sys
from bodydouble.stores.sqlite.store import SqliteStore
import asyncio

for line in sys.stdin:
    asyncio.run(SqliteStore(line.strip()).close())
    print("opened", flush=True)
"""


def test_processes_that_open_a_new_file_at_the_same_moment_all_get_it(tmp_path: Path) -> None:
    def opener() -> subprocess.Popen[str]:
        command, pipe = [sys.executable, "-c", OPENER], subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    with ExitStack() as stack:
        openers = [stack.enter_context(opener()) for _ in range(4)]
        for number in range(60):
            for each in openers:
                print(tmp_path / f"{number}.db", file=each.stdin, flush=True)
            told = [each.stdout.readline() for each in openers if each.stdout]
            assert told == ["opened\n"] * 4


def test_what_was_committed_is_there_after_the_store_is_closed_and_opened_again(url: str) -> None:
    async def write() -> None:
        store = open_store(url)
        await store.put_key(samples.key("k", "s"))
        async with store.transaction("s") as tx:
            for record in samples.records():
                tx.put(record)
        await store.close()

    async def read() -> None:
        store = open_store(url)
        assert await store.sandboxes() == ["s"]
        assert await store.key("k") == samples.key("k", "s")
        async with store.transaction("s") as tx:
            for record in samples.records():
                assert await tx.get(type(record), record.id) == record
        await store.close()

    asyncio.run(write())
    asyncio.run(read())


def test_a_sqlite_task_that_would_wait_for_itself_is_told_so(tmp_path: Path) -> None:
    async def nested() -> None:
        store = SqliteStore(str(tmp_path / "a.db"))
        async with store.transaction("a"):
            with pytest.raises(RuntimeError, match="one sandbox at a time"):
                await store.transaction("b").__aenter__()
        async with store.transaction("b") as tx:
            tx.put(Counter("still works", 1))
        async with store.transaction("a"):
            await store.drop("b")
            await store.put_key(samples.key("k", "a"))
        assert await store.sandboxes() == []
        assert await store.key("k") == samples.key("k", "a")

    asyncio.run(asyncio.wait_for(nested(), 10))


EARLIER = (
    "CREATE TABLE record (sandbox TEXT, kind TEXT, id TEXT, grp TEXT, ord INTEGER, body BLOB);"
    "CREATE TABLE key (id TEXT PRIMARY KEY, sandbox TEXT, body BLOB);"
    "PRAGMA user_version = 1"
)
OTHERS = "another program: use another file"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (EARLIER, f"in layout 1 where this one keeps layout {LAYOUT}: use another file"),
        (f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = 99", "in layout 99 where"),
        ("CREATE TABLE record (note TEXT)", OTHERS),
        ("CREATE TABLE note (text TEXT); PRAGMA user_version = 1", OTHERS),
        ("PRAGMA application_id = 252006674", OTHERS),
        ("PRAGMA user_version = 7", OTHERS),
    ],
    ids=["earlier", "later", "same table", "same number", "marked", "numbered"],
)
def test_a_sqlite_file_that_is_not_of_this_layout_is_refused_and_left_as_it_is(
    tmp_path: Path, script: str, told: str
) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as other:
        other.executescript(script)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=told) as refused:
        SqliteStore(str(path))
    assert str(refused.value).startswith(f"{path} ")
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.db"]


def test_a_sqlite_file_says_whose_it_is_and_opens_again(tmp_path: Path) -> None:
    for _ in range(2):
        store = SqliteStore(str(tmp_path / "a.db"))
        (application,) = store.file.connection.execute("PRAGMA application_id").fetchone()
        assert application.to_bytes(4) == b"bdbl"
        asyncio.run(store.close())


@pytest.mark.redis
@pytest.mark.parametrize("somebody_came", [True, False])
def test_a_redis_transaction_that_lost_its_lease_writes_only_if_nobody_came(
    redis_url: str, somebody_came: bool
) -> None:
    async def late() -> None:
        store, other = RedisStore(flushed(redis_url)), RedisStore(redis_url)
        async with store.transaction("s") as tx:
            tx.put(Counter("a", 1))
        sleeper = store.transaction("s")
        (await sleeper.__aenter__()).put(Counter("a", 2))
        # As if the lease had run out while this process slept.
        await store.redis.delete("bodydouble:{s}:lock")
        if somebody_came:
            async with other.transaction("s") as tx:
                tx.put(Counter("a", 3))
            with pytest.raises(LeaseLost):
                await sleeper.__aexit__(None, None, None)
        else:
            await sleeper.__aexit__(None, None, None)
        async with store.transaction("s") as tx:
            assert await tx.get(Counter, "a") == Counter("a", 3 if somebody_came else 2)

    asyncio.run(late())


@pytest.mark.redis
def test_a_redis_transaction_whose_lock_went_to_another_neither_writes_nor_frees_it(
    redis_url: str,
) -> None:
    async def robbed() -> None:
        slow, quick = RedisStore(flushed(redis_url)), RedisStore(redis_url)
        sleeper, held = slow.transaction("s"), quick.transaction("s")
        (await sleeper.__aenter__()).put(Counter("a", 1))
        await slow.redis.delete("bodydouble:{s}:lock")
        (await held.__aenter__()).put(Counter("a", 2))
        with pytest.raises(LeaseLost):
            await sleeper.__aexit__(None, None, None)
        await held.__aexit__(None, None, None)
        async with quick.transaction("s") as tx:
            assert await tx.get(Counter, "a") == Counter("a", 2)

    asyncio.run(robbed())


@pytest.mark.redis
def test_a_redis_of_another_layout_is_refused_and_left_as_it_is(redis_url: str) -> None:
    from redis import Redis

    for name, value, layout in (("numbers", 7, 1), ("layout", 99, 99)):
        with Redis.from_url(flushed(redis_url)) as client:
            client.set(f"bodydouble:{name}", value)
            with pytest.raises(ValueError, match=f"in layout {layout} where this one keeps"):
                open_store(redis_url)
            assert client.keys("*") == [f"bodydouble:{name}".encode()]
    flushed(redis_url)


@pytest.mark.redis
def test_a_cluster_and_a_single_server_are_not_taken_for_each_other(
    redis_url: str, cluster_url: str
) -> None:
    with pytest.raises(ValueError, match=r"is one of a cluster: use redis\+cluster://"):
        open_store(cluster_url.replace("+cluster", ""))
    told = r"the Redis at 'redis\+cluster://.*' does not answer"
    with (
        of_our_own("", "--port", str(port := free_port())),
        pytest.raises(ValueError, match=told),
    ):
        open_store(f"redis+cluster://127.0.0.1:{port}")


@pytest.mark.redis
def test_an_emptied_or_dropped_sandbox_leaves_nothing_in_redis(redis_url: str) -> None:
    async def left(drop: bool) -> set[bytes]:
        store = RedisStore(flushed(redis_url))
        await store.put_key(samples.key("k", "s"))
        async with store.transaction("s") as tx:
            for record in samples.records():
                tx.put(record)
        if drop:
            await store.drop("s")
        else:
            async with store.transaction("s") as tx:
                for record in samples.records():
                    tx.delete(type(record), record.id)
        return set(await store.redis.keys("*")) - {b"bodydouble:layout", b"bodydouble:processes"}

    assert asyncio.run(left(drop=True)) == set()
    keys = {b"bodydouble:key:k", b"bodydouble:{s}:keys", b"bodydouble:{s}:head"}
    assert asyncio.run(left(drop=False)) == keys
