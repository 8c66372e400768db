"""Faults strike where, whom and as often as they were told to, and money stays right."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bodydouble.core.chance import Draw
from bodydouble.core.scenarios.faults import Latency, Spread
from bodydouble.testing import Emulator
from tests.control.session import ControlSession, control_session
from tests.vendors.asking import VENDORS, asking
from tests.webhooks.session import receiving


async def arm(session: ControlSession, **fault: Any) -> str:
    id: str = (await session.done("POST", "/faults", {"times": 1, **fault}))["id"]
    return id


async def charges(session: ControlSession) -> int:
    entries = (await session.done("GET", "/accounts/smartlyq/main/entries"))["entries"]
    return sum(1 for entry in entries if entry["kind"] == "charge")


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("status", [401, 429, 500, 502, 503])
async def test_a_status_at_arrival_is_said_once_and_makes_no_job(vendor: str, status: int) -> None:
    async with control_session() as session:
        fault = await arm(session, point="arrival", kind="status", status=status, provider=vendor)
        assert (await session.submit(vendor)).status_code == status
        assert not await session.jobs()
        assert (await session.submit(vendor)).status_code < 300
        struck = await session.done("GET", f"/faults/{fault}")
        assert (struck["injected"], struck["left"]) == (1, 0)


async def test_a_burst_of_429_tells_when_to_come_back() -> None:
    async with control_session() as session:
        await arm(session, point="arrival", kind="status", cause="rate", retry_after_s=7, times=2)
        answers = [await session.submit() for _ in range(3)]
        assert [one.status_code for one in answers] == [429, 429, 202]
        assert answers[0].headers["retry-after"] == "7"


async def test_a_reset_before_any_byte_leaves_nothing_behind() -> None:
    async with control_session() as session:
        await arm(session, point="arrival", kind="reset")
        with pytest.raises(ConnectionResetError):
            await session.submit()
        assert (await charges(session), await session.jobs()) == (0, [])


async def test_a_lost_reply_repeated_with_its_key_is_the_first_job_and_one_charge() -> None:
    async with control_session() as session:
        await arm(session, point="acceptance", kind="reset")
        named: dict[str, Any] = {"x-idempotency-key": "order-66"}
        with pytest.raises(ConnectionResetError):
            await session.submit(**named)
        (job,) = await session.jobs()
        again = await session.submit(**named)
        assert again.json()["data"]["job_uid"] == job["id"]
        assert await charges(session) == 1


async def test_a_lost_reply_repeated_without_a_key_is_two_jobs_and_two_charges() -> None:
    async with control_session() as session:
        await arm(session, point="acceptance", kind="status", status=504)
        assert (await session.submit()).status_code == 504
        assert (await session.submit()).status_code == 202
        assert (await charges(session), len(await session.jobs())) == (2, 2)


async def test_an_acceptance_fault_waits_for_a_submission_that_is_accepted() -> None:
    async with control_session() as session:
        job = (await session.submit()).json()["data"]["job_uid"]
        fault = await arm(session, point="acceptance", kind="reset")
        await session.poll(job)
        assert (await session.submit(prompt=" ")).status_code == 422
        assert (await session.done("GET", f"/faults/{fault}"))["injected"] == 0


async def test_a_stale_poll_shows_the_past_and_changes_nothing() -> None:
    async with control_session() as session:
        job = (await session.submit()).json()["data"]["job_uid"]
        await session.done("PATCH", "/clock", {"until": "idle"})
        await arm(session, point="departure", kind="stale")
        polls = [(await session.poll(job)).json()["data"]["status"] for _ in range(2)]
        assert polls == ["pending", "completed"]


def readable(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("kind", ["truncated", "garbage"])
async def test_a_damaged_body_cannot_be_read(kind: str) -> None:
    async with control_session() as session:
        await arm(session, point="departure", kind=kind)
        answer = await session.submit()
        assert not readable(answer.content)
        assert await charges(session) == 1


async def test_chance_strikes_the_same_requests_under_the_same_seed() -> None:
    async def struck() -> list[int]:
        async with control_session(seed=5) as session:
            fault = {"point": "arrival", "kind": "status", "status": 500, "probability": 0.5}
            await session.done("POST", "/faults", fault)
            return [(await session.submit()).status_code for _ in range(20)]

    first = await struck()
    assert first == await struck()
    assert {202, 500} == set(first)


async def test_a_fault_meets_only_whom_it_means() -> None:
    async with control_session() as session:
        match = {"prompt": "drag.n", "model": "kling*", "account": "main"}
        await arm(
            session, point="arrival", kind="status", status=500, operation="submit", match=match
        )
        assert (await session.submit("leonardo", "a dragon")).status_code < 300
        assert (await session.submit(prompt="a fox")).status_code == 202
        assert (await session.submit(prompt="a dragon")).status_code == 500


async def test_faults_are_removed_one_by_one_or_all_at_once() -> None:
    async with control_session() as session:
        ids = [await arm(session, point="arrival", kind="status", status=500) for _ in range(3)]
        await session.done("DELETE", f"/faults/{ids[0]}")
        assert (await session.done("GET", "/faults"))["total"] == 2
        await session.done("DELETE", "/faults")
        assert (await session.submit()).status_code == 202


@pytest.mark.parametrize(
    "fault",
    [
        {"point": "arrival", "kind": "drip"},
        {"point": "arrival", "kind": "status"},
        {"point": "arrival", "kind": "latency"},
        {"point": "departure", "kind": "garbage", "status": 500},
        {"point": "arrival", "kind": "reset", "match": {"prompt": "(?=a)b"}},
        {"point": "arrival", "kind": "reset", "match": {"prompt": "(a{99}){99}"}},
        {"point": "arrival", "kind": "reset", "operation": "noSuchThing"},
        {"point": "arrival", "kind": "reset", "provider": "nobody"},
    ],
    ids=str,
)
async def test_a_fault_that_could_never_strike_is_refused(fault: dict[str, Any]) -> None:
    async with control_session() as session:
        answer = await session.ask("POST", "/faults", fault)
        assert answer.status_code == 422
        assert answer.json()["errors"]


@pytest.mark.parametrize("spread", list(Spread))
def test_a_latency_is_drawn_within_its_bounds_and_around_its_middle(spread: Spread) -> None:
    size = {Spread.UNIFORM: 50.0, Spread.NORMAL: 20.0, Spread.LOGNORMAL: 0.5}.get(spread, 0.0)
    latency = Latency(100, spread, size)
    drawn = sorted(latency.draw_us(Draw(1, spread, at)) for at in range(2000))
    middle = 69_315 if spread is Spread.EXPONENTIAL else 100_000
    assert abs(drawn[1000] - middle) < 8_000
    assert 0 <= drawn[0] <= drawn[-1] <= 60_000_000


def test_on_a_real_socket_cut_connections_are_what_a_client_sees() -> None:
    with Emulator(seed=1) as emulator, httpx.Client(base_url=emulator.url) as client:
        made = client.post("/_bodydouble/sandboxes", json={"rate": 0}).json()
        root = f"/_bodydouble/sandboxes/{made['id']}"
        vendor = asking("smartlyq")
        named = vendor.headers(made["keys"]["smartlyq"])

        def submit(**fault: Any) -> httpx.Response:
            client.post(f"{root}/faults", json={"times": 1, **fault}).raise_for_status()
            return client.post(vendor.submit_path, json=vendor.body("a fox"), headers=named)

        with pytest.raises(httpx.ReadError):
            submit(point="acceptance", kind="reset")
        with pytest.raises(httpx.RemoteProtocolError):
            submit(point="departure", kind="truncated")
        with pytest.raises(httpx.RemoteProtocolError):
            submit(point="departure", kind="wrong-length")
        with pytest.raises(httpx.ReadError):
            submit(point="arrival", kind="hang", hold_s=0)
        dripped = submit(point="departure", kind="drip", hold_s=0.01)
        assert dripped.json()["success"] is True
        assert client.get(f"{root}/jobs").json()["total"] == 4


@pytest.mark.parametrize(
    ("kind", "arrivals"), [("drop", 1), ("late", 1), ("duplicate", 2), ("bad-signature", 1)]
)
async def test_a_webhook_goes_astray_as_told(kind: str, arrivals: int) -> None:
    async with receiving() as receiver, control_session() as session:
        named = {"authorization": f"Bearer {session.keys['smartlyq']}"}
        body = {"url": receiver.url, "events": ["job.completed"]}
        made = await session.client.post("/smartlyq/v1/webhooks", json=body, headers=named)
        assert made.status_code < 300, made.text
        await arm(session, point="delivery", kind=kind, hold_s=30)
        job = (await session.submit()).json()["data"]["job_uid"]
        await session.done("PATCH", "/clock", {"until": {"job": job}})
        at_once = len(receiver.got)
        await session.done("PATCH", "/clock", {"until": "idle"})
        first = 0 if kind in ("drop", "late") else arrivals
        assert (at_once, len(receiver.got)) == (first, arrivals)
        (delivery,) = (await session.done("GET", "/deliveries"))["deliveries"]
        assert delivery["status"] == "delivered"
        await session.done("POST", f"/deliveries/{delivery['id']}/retry")
        assert len(receiver.got) == arrivals + 1
