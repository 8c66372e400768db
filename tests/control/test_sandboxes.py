"""Sandboxes are made as asked, share nothing, are bounded in number and forgotten when idle."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.web.settings import Settings
from tests.control.session import PLANE, control_session
from tests.vendors.asking import VENDORS


async def test_a_new_sandbox_has_a_key_for_every_vendor_and_each_of_them_works() -> None:
    async with control_session(label="mine", start="2030-01-02T03:04:05Z") as session:
        assert set(session.keys) == set(VENDORS)
        assert session.made["clock"] == {
            "now": "2030-01-02T03:04:05.000Z",
            "now_us": 1893553445000000,
            "rate": 0.0,
        }
        for vendor in VENDORS:
            assert (await session.submit(vendor)).status_code < 300
        assert {job["provider"] for job in await session.jobs()} == set(VENDORS)


async def test_every_bad_field_is_named_at_once() -> None:
    async with control_session() as session:
        bad = {"seed": "x", "rate": -1, "labels": "", "scenario": "no such thing"}
        answer = await session.client.post(f"{PLANE}/sandboxes", json=bad)
        assert answer.status_code == 422
        fields = {error["field"] for error in answer.json()["errors"]}
        assert fields == {"seed", "rate", "labels", "scenario"}
        worse = {"balance": {"smartlyq": "1.00001", "nobody": "1"}, "quirks": {"smartlyq.x": 1}}
        answer = await session.client.post(f"{PLANE}/sandboxes", json=worse)
        fields = {error["field"] for error in answer.json()["errors"]}
        assert fields == {"balance.smartlyq", "balance.nobody", "quirks.smartlyq.x"}


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("smartlyq.requests_per_minute", 2**53, "from 0 to"),
        ("smartlyq.requests_per_minute", 2**64, "from 0 to"),
        ("smartlyq.requests_per_minute", -1, "from 0 to"),
        ("smartlyq.requests_per_minute", True, "of type int"),
        ("smartlyq.requests_per_minute", "60", "of type int"),
        ("smartlyq.balance_low", "much", "is an amount"),
        ("smartlyq.balance_low", "-1", "is an amount"),
        ("smartlyq.rate_tiers", 1, "is one of"),
    ],
)
async def test_a_quirk_no_vendor_could_live_with_is_refused(
    name: str, value: Any, problem: str
) -> None:
    async with control_session() as session:
        asked = {"quirks": {name: value}}
        answer = await session.client.post(f"{PLANE}/sandboxes", json=asked)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["field"] == f"quirks.{name}"
        assert problem in error["problem"]
        if value == 2**64:
            return  # an export that a server wrote holds no such number
        document = await session.done("GET", "/export")
        (row,) = [one for one in document["records"] if one["kind"] == "sandbox"]
        row["record"]["quirks"] = asked["quirks"]
        answer = await session.client.post(f"{PLANE}/sandboxes/import", json=document)
        assert answer.status_code == 422
        assert f"quirks.{name}" in answer.text


async def test_a_number_too_large_for_any_store_is_refused() -> None:
    async with control_session() as session:
        for asked in ({"parameters": {"x": 2**64}}, {"rules": [{"x": 2**64}]}):
            answer = await session.ask("PUT", "/scenario", {"name": "normal", **asked})
            assert answer.status_code == 422
            assert "too large" in answer.json()["errors"][0]["problem"]


async def test_a_balance_is_what_the_wallet_opens_with() -> None:
    async with control_session(balance={"smartlyq": "1.2300"}) as session:
        account = await session.done("GET", "/accounts/smartlyq/main")
        assert account["balance"] == "1.2300"
        await session.done("POST", "/accounts/smartlyq/main/top-ups", {"amount": "2"})
        await session.done("PUT", "/accounts/smartlyq/main/balance", {"amount": "0.5"})
        account = await session.done("GET", "/accounts/smartlyq/main")
        assert account["balance"] == "0.5000"
        entries = (await session.done("GET", "/accounts/smartlyq/main/entries"))["entries"]
        assert sum(round(float(one["amount"]) * 10_000) for one in entries) == 5_000


async def test_an_amount_is_as_fine_as_its_vendors_smallest_unit_and_no_finer() -> None:
    async with control_session(balance={"infinityblue": "0.349998"}) as session:
        account = await session.done("GET", "/accounts/infinityblue/main")
        assert account["balance"] == "0.349998"
        path, amount = "/accounts/smartlyq/main/balance", {"amount": "0.349998"}
        answer = await session.ask("PUT", path, amount)
        assert answer.status_code == 422
        assert "finer than the smallest unit" in answer.text


async def test_an_unknown_scenario_is_named_by_the_field_it_came_in() -> None:
    async with control_session() as session:
        answer = await session.client.post(f"{PLANE}/sandboxes", json={"scenario": "no-such"})
        assert [error["field"] for error in answer.json()["errors"]] == ["scenario"]
        answer = await session.ask("PUT", "/scenario", {"name": "no-such"})
        assert [error["field"] for error in answer.json()["errors"]] == ["name"]


async def test_two_sandboxes_share_nothing_and_a_deleted_one_is_gone() -> None:
    async with control_session() as session:
        other = (await session.client.post(f"{PLANE}/sandboxes", json={"seed": 7})).json()
        await session.submit()
        jobs = await session.client.get(f"{PLANE}/sandboxes/{other['id']}/jobs")
        assert jobs.json()["total"] == 0
        await session.done("POST", "/snapshots", {})
        await session.done("DELETE", "")
        assert (await session.ask("GET", "")).status_code == 404
        assert await session.app.store.sandboxes() == [other["id"]]


async def test_the_number_of_sandboxes_is_bounded_for_testers_and_for_unknown_keys() -> None:
    async with control_session(Settings(seed=1, sandboxes_max=2)) as session:
        assert (await session.client.post(f"{PLANE}/sandboxes")).status_code == 201
        full = await session.client.post(f"{PLANE}/sandboxes")
        assert full.status_code == 503
        assert "delete some" in full.json()["detail"]
        session.keys["smartlyq"] = "sqk_live_nobody_issued_me"
        assert (await session.submit()).status_code == 500


async def test_a_fork_goes_its_own_way_with_its_own_wallet_clock_and_faults() -> None:
    async with control_session() as session:
        job = (await session.submit()).json()["data"]["job_uid"]
        fork = await session.done("POST", "/forks", {"label": "other"})
        root = f"{PLANE}/sandboxes/{fork['id']}"
        assert (fork["seed"], fork["clock"]) == (7, session.made["clock"])
        moved = await session.client.patch(f"{root}/clock", json={"until": {"job": job}})
        assert moved.json()["settled"] == 2
        await session.client.post(f"{root}/faults", json={"point": "arrival", "kind": "reset"})
        assert (await session.jobs())[0]["state"] == "queued"
        mine = session.keys["smartlyq"]
        session.keys["smartlyq"] = fork["keys"]["smartlyq"]
        assert mine != fork["keys"]["smartlyq"]
        session.keys["smartlyq"] = mine
        assert (await session.submit()).status_code == 202
        theirs = (await session.client.get(f"{root}/jobs")).json()["jobs"]
        assert [one["state"] for one in theirs] == ["succeeded"]


async def test_a_snapshot_brings_back_money_jobs_and_time_but_keeps_keys() -> None:
    async with control_session() as session:
        await session.submit()
        saved = await session.done("POST", "/snapshots", {"name": "before"})
        before = [await session.done("GET", path) for path in ("/jobs", "/accounts", "/clock")]
        await session.done("PATCH", "/clock", {"until": "idle"})
        await session.submit()
        await session.done("PUT", f"/snapshots/{saved['id']}/restore")
        after = [await session.done("GET", path) for path in ("/jobs", "/accounts", "/clock")]
        assert after == before
        assert (await session.submit()).status_code == 202
        await session.done("DELETE", f"/snapshots/{saved['id']}")
        assert (await session.done("GET", "/snapshots"))["total"] == 0


async def test_an_export_comes_back_as_the_same_sandbox() -> None:
    async with control_session() as session:
        await session.submit()
        document = await session.done("GET", "/export")
        made = await session.client.post(f"{PLANE}/sandboxes/import", json=document)
        root = f"{PLANE}/sandboxes/{made.json()['id']}"
        for path in ("/jobs", "/accounts", "/clock", "/requests"):
            there = (await session.client.get(root + path)).json()
            assert there == await session.done("GET", path), path
        document["records"] = [one for one in document["records"] if one["kind"] != "account"]
        bad = await session.client.post(f"{PLANE}/sandboxes/import", json=document)
        assert bad.status_code == 422
        assert "belongs to no account" in bad.text


async def test_an_export_of_an_earlier_version_is_refused_in_one_sentence() -> None:
    async with control_session() as session:
        document = await session.done("GET", "/export")
        for field, value in (("format", "under" + "study-sandbox"), ("version", 0)):
            changed = {**document, field: value}
            answer = await session.client.post(f"{PLANE}/sandboxes/import", json=changed)
            assert answer.status_code == 422
            told = f"{value!r} was written by another version: export the sandbox again"
            assert answer.json()["errors"] == [{"field": field, "problem": told}]


async def test_time_stops_where_it_is_told_to() -> None:
    async with control_session() as session:
        job = (await session.submit()).json()["data"]["job_uid"]
        start = session.made["clock"]["now_us"]
        moved = await session.done("PATCH", "/clock", {"until": "next-event"})
        assert (await session.jobs())[0]["state"] == "running"
        assert (moved["settled"], moved["now_us"]) > (1, start)
        moved = await session.done("PATCH", "/clock", {"until": {"job": job}})
        (row,) = await session.jobs()
        assert (row["state"], row["ended_at"]) == ("succeeded", moved["now"])
        moved = await session.done("PATCH", "/clock", {"advance": "1h30m"})
        again = await session.done("PATCH", "/clock", {"advance_s": 0.5})
        assert again["now_us"] - moved["now_us"] == 500_000
        assert (await session.ask("PATCH", "/clock", {"to": "2001-01-01"})).status_code == 409
        assert (
            await session.ask("PATCH", "/clock", {"advance_s": 1, "rate": 1})
        ).status_code == 422


async def test_waiting_for_a_job_that_never_ends_is_refused_and_time_stays() -> None:
    async with control_session(scenario="stuck") as session:
        job = (await session.submit()).json()["data"]["job_uid"]
        answer = await session.ask("PATCH", "/clock", {"until": {"job": job}})
        assert answer.status_code == 409
        assert await session.done("GET", "/clock") == session.made["clock"]


async def test_a_job_is_forced_to_finish_fail_or_stall() -> None:
    async with control_session() as session:
        ids = [(await session.submit()).json()["data"]["job_uid"] for _ in range(3)]
        await session.done("PATCH", f"/jobs/{ids[0]}", {"finish": True})
        failed = await session.done("PATCH", f"/jobs/{ids[1]}", {"fail": "moderated"})
        await session.done("PATCH", f"/jobs/{ids[2]}", {"stall": True})
        await session.done("PATCH", "/clock", {"until": "idle"})
        states = [job["state"] for job in await session.jobs()]
        assert (states, failed["refunded"]) == (["succeeded", "failed", "running"], True)
        assert (await session.ask("PATCH", f"/jobs/{ids[0]}", {"finish": True})).status_code == 409
