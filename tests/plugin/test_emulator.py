"""The emulator in process: transports that fail as sockets do, threads, loops, a port on demand."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from bodydouble.client import AsyncControl, Control, ControlError
from bodydouble.testing import AsyncEmulator, Emulator, Sandbox

ORDER = {"model": "kling-v2-1", "type": "text_to_video", "prompt": "a curtain rises"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Emulator() as emulator, emulator.sandbox(seed=1) as sandbox:
        yield sandbox


def order(client: httpx.Client) -> str:
    return str(client.post("/videos/generate", json=ORDER).json()["data"]["job_uid"])


def test_nothing_listens_and_no_thread_runs_until_an_address_is_asked_for(
    sandbox: Sandbox,
) -> None:
    def mine() -> list[str]:
        return [one.name for one in threading.enumerate() if one.name == "bodydouble"]

    with sandbox.smartlyq.client() as client:
        job = order(client)
        sandbox.clock.until_job(job)
        assert client.get(f"/jobs/{job}").json()["data"]["status"] == "completed"
        assert mine() == []
        with httpx.Client(headers=sandbox.smartlyq.headers) as other:
            address = f"{sandbox.smartlyq.base_url}/jobs/{job}"
            assert other.get(address).json()["data"]["status"] == "completed"
        assert mine() == ["bodydouble"]
        assert client.get(f"/jobs/{job}").status_code == 200


def test_an_emulator_leaves_signals_and_the_collector_as_they_were() -> None:
    before = (signal.getsignal(signal.SIGINT), gc.get_threshold(), gc.get_freeze_count())
    with Emulator() as emulator:
        httpx.get(emulator.url)
        assert before == (
            signal.getsignal(signal.SIGINT),
            gc.get_threshold(),
            gc.get_freeze_count(),
        )


@pytest.mark.parametrize("listens", [False, True], ids=["in process", "over a socket"])
@pytest.mark.parametrize(
    ("point", "kind", "error"),
    [
        ("arrival", "reset", httpx.ReadError),
        ("acceptance", "reset", httpx.ReadError),
        ("departure", "truncated", httpx.RemoteProtocolError),
        ("departure", "wrong-length", httpx.RemoteProtocolError),
    ],
)
def test_a_cut_connection_is_the_same_error_with_and_without_a_socket(
    sandbox: Sandbox, listens: bool, point: str, kind: str, error: type[Exception]
) -> None:
    sandbox.faults.add(point, kind, times=1)
    base, key = sandbox.smartlyq.base_url if listens else "", sandbox.smartlyq
    client = httpx.Client(base_url=base, headers=key.headers) if listens else key.client()
    with client, pytest.raises(error):
        client.post("/videos/generate", json=ORDER)
    assert len(sandbox.jobs.all()) == (0 if point == "arrival" else 1)


def test_a_reply_later_than_the_clients_patience_is_a_timeout(sandbox: Sandbox) -> None:
    sandbox.faults.add("arrival", "hang", hold_s=60, times=1)
    with sandbox.smartlyq.client(timeout=0.05) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.get("/me")
        assert client.get("/me").status_code == 200


def test_a_delay_is_slept_in_real_time_without_a_thread(sandbox: Sandbox) -> None:
    sandbox.faults.add("arrival", "latency", latency={"ms": 20.0}, times=2)
    with sandbox.smartlyq.client(timeout=0.001) as hasty, pytest.raises(httpx.ReadTimeout):
        hasty.get("/me")
    with sandbox.smartlyq.client() as client:
        reply = client.get("/me")
    assert reply.status_code == 200
    assert reply.elapsed


def test_callers_of_several_threads_get_their_own_answers(sandbox: Sandbox) -> None:
    with sandbox.smartlyq.client() as client, ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda _: order(client), range(40)))
    assert len(set(jobs)) == 40
    assert sandbox.spend["smartlyq"].charges == 40


async def test_a_sandbox_is_steered_from_inside_somebodys_event_loop(sandbox: Sandbox) -> None:
    async with sandbox.smartlyq.async_client() as client:
        replies = await asyncio.gather(
            *[client.post("/videos/generate", json=ORDER) for _ in range(10)]
        )
        assert {reply.status_code for reply in replies} == {202}
        sandbox.clock.until_idle()
        said = (await client.get("/jobs")).json()
    assert {job["status"] for job in said["data"]} == {"completed"}


async def test_the_twin_for_coroutines_does_the_same_in_the_callers_loop() -> None:
    before = set(threading.enumerate())
    async with AsyncEmulator() as emulator, await emulator.sandbox(seed=1) as sandbox:
        async with sandbox.smartlyq.async_client() as client:
            job = (await client.post("/videos/generate", json=ORDER)).json()["data"]["job_uid"]
        await sandbox.clock.advance("1m")
        assert (await sandbox.jobs.get(job))["state"] == "succeeded"
        fork = await sandbox.fork()
        await fork.faults.add("arrival", "status", status=503)
        assert await sandbox.faults.all() == []
        assert (await sandbox.accounts.get("smartlyq"))["balance"] == "14.9300"
        assert set(threading.enumerate()) <= before
        url = await emulator.listen()
        async with httpx.AsyncClient(headers=fork.smartlyq.headers) as client:
            reply = await client.get(f"{fork.smartlyq.base_url}/me")
            assert (reply.status_code, str(reply.url)[: len(url)]) == (503, url)
        async with AsyncControl(url) as control:
            assert (await control.health())["status"] == "ok"


def test_the_environment_names_key_and_address_of_each_vendor(sandbox: Sandbox) -> None:
    assert sandbox.smartlyq.env == {
        "SMARTLYQ_API_KEY": sandbox.keys["smartlyq"],
        "SMARTLYQ_BASE_URL": sandbox.smartlyq.base_url,
    }
    each = [sandbox.vendor(name).env for name in sandbox.keys]
    assert sandbox.env == {name: value for env in each for name, value in env.items()}
    assert len(sandbox.env) == sum(len(env) for env in each)


def test_a_leonardo_key_with_a_callback_is_announced_to_the_inbox(sandbox: Sandbox) -> None:
    key = sandbox.webhooks.callback_key("leonardo", "a secret of ours")
    with sandbox.leonardo.client(headers={"authorization": f"Bearer {key}"}) as client:
        client.post("/generations-text-to-video", json={"prompt": "x"}).raise_for_status()
    sandbox.clock.until_idle()
    assert [one.verified for one in sandbox.webhooks.received] == [True]
    assert sandbox.webhooks.received[0].event == "video_generation.complete"


def test_an_inbox_says_what_came_instead(sandbox: Sandbox) -> None:
    sandbox.webhooks.subscribe(["job.completed"])
    sandbox.webhooks.answers = [500, 200]
    with sandbox.smartlyq.client() as client:
        order(client)
    sandbox.clock.advance("10m")
    assert sandbox.webhooks.events() == ["job.completed"] * 2
    with pytest.raises(AssertionError, match=r"job.failed 1 times.*came: job.completed"):
        sandbox.webhooks.expect("job.failed")


def test_the_control_client_says_what_was_wrong_and_where(sandbox: Sandbox) -> None:
    with pytest.raises(ControlError, match="seed") as caught:
        sandbox.control.create_sandbox(seed=-1, quirks={"no.such": 1})
    assert (caught.value.status, len(caught.value.errors)) == (422, 1)
    with Control(sandbox.emulator.url) as control:
        assert control.sandbox(sandbox.id)["seed"] == 1
        assert sandbox.id in [row["id"] for row in control.sandboxes()]
    with Control("http://127.0.0.1:1") as nobody, pytest.raises(ControlError, match="answers at"):
        nobody.health()
