"""What the control plane tells for those who look: changes, how to meet a request again, copies
compared, what is due, where webhooks go."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bodydouble.providers import names
from bodydouble.testing import Emulator
from tests.control.session import ControlSession, control_session
from tests.vendors.asking import asking

VENDORS = names()


async def changed(session: ControlSession, before: dict[str, str]) -> set[str]:
    after = (await session.done("GET", "/changes"))["changes"]
    # What is due may be a delivery: webhooks may be told to look once too often.
    return {topic for topic in after if after[topic] != before[topic]} - {"webhooks"}


async def marks(session: ControlSession) -> dict[str, str]:
    found: dict[str, str] = (await session.done("GET", "/changes"))["changes"]
    return found


async def test_each_topic_changes_with_what_it_speaks_of_and_with_nothing_else() -> None:
    async with control_session() as session:
        before = await marks(session)
        assert await changed(session, before) == set()
        job = asking("smartlyq").job(await session.submit())
        assert await changed(session, before) == {"jobs", "requests", "wallet"}
        before = await marks(session)
        await session.poll(job)
        assert await changed(session, before) == {"requests"}
        for method, path, body, topics in (
            ("POST", "/faults", {"point": "departure", "kind": "reset"}, {"direct"}),
            ("PUT", "/scenario", {"name": "slow"}, {"direct"}),
            ("PATCH", "/clock", {"advance_s": 1}, {"clock", "jobs", "keys"}),
            ("POST", "/keys", {"provider": "smartlyq"}, {"keys"}),
            ("PATCH", f"/jobs/{job}", {"stall": True}, {"jobs"}),
            ("PATCH", f"/jobs/{job}", {"cancel": True}, {"jobs"}),
        ):
            before = await marks(session)
            await session.done(method, path, body)
            assert await changed(session, before) == topics, path


async def test_watching_is_no_use_of_a_sandbox() -> None:
    async with control_session() as session:
        last_used = session.app.registry.last_used
        last_used[session.id] = 5
        await session.done("GET", "/changes")
        assert last_used[session.id] == 5
        gone = await session.client.get("/_bodydouble/sandboxes/nobody/changes")
        assert gone.status_code == 404


async def test_a_job_is_cancelled_once() -> None:
    async with control_session() as session:
        job = asking("smartlyq").job(await session.submit())
        done = await session.done("PATCH", f"/jobs/{job}", {"cancel": True})
        assert done["state"] == "canceled"
        assert (await session.ask("PATCH", f"/jobs/{job}", {"cancel": True})).status_code == 409


async def test_a_finished_job_says_where_its_film_is_and_it_is_there() -> None:
    async with control_session() as session:
        for vendor in VENDORS:
            answer = await session.submit(vendor, small=True)
            job = asking(vendor).job(answer)
            assert (await session.done("GET", f"/jobs/{job}"))["links"] is None
            done = await session.done("PATCH", f"/jobs/{job}", {"finish": True})
            for link in done["links"].values():
                found = await session.client.head(link)
                assert found.status_code == 200, link


async def test_what_is_due_is_told_in_its_order_and_then_happens() -> None:
    async with control_session() as session:
        await session.submit()
        listed = await session.done("GET", "/schedule")
        assert [row["kind"] for row in listed["due"]] == ["start"]
        moved = await session.done("PATCH", "/clock", {"until": "next-event"})
        assert moved["now"] == listed["due"][0]["at"]
        assert [row["kind"] for row in (await session.done("GET", "/schedule"))["due"]] == ["end"]


async def test_two_snapshots_and_now_are_compared() -> None:
    async with control_session() as session:
        first = (await session.done("POST", "/snapshots", {}))["id"]
        path = f"/snapshots/{first}/differences"
        assert (await session.done("GET", path))["differences"] == []
        job = asking("smartlyq").job(await session.submit())
        second = (await session.done("POST", "/snapshots", {}))["id"]
        for query in ("", f"?to={second}"):
            found = await session.done("GET", path + query)
            rows = {(row["kind"], row["what"]) for row in found["differences"]}
            assert {("job", "added"), ("entry", "added")} <= rows
            assert found["by_kind"]["exchange"] == 1
        await session.done("PATCH", f"/jobs/{job}", {"finish": True})
        found = await session.done("GET", f"/snapshots/{second}/differences")
        (row,) = [row for row in found["differences"] if row["kind"] == "job"]
        assert {"field": "state", "from": '"queued"', "to": '"succeeded"'} in row["fields"]
        assert (await session.ask("GET", f"{path}?to=n9")).status_code == 404
        assert (await session.ask("GET", "/snapshots/n9/differences")).status_code == 404


async def test_the_log_is_searched_for_a_text() -> None:
    async with control_session() as session:
        await session.submit(prompt="a Heron at dusk")
        await session.submit(prompt="a fox")
        found = await session.done("GET", "/requests?text=hERON")
        assert (found["total"], "Heron" in found["requests"][0]["request"]["body"]) == (1, True)


async def rule_again(session: ControlSession, serial: int) -> tuple[Any, Any]:
    given = await session.done("GET", f"/requests/{serial}/rule")
    return given["fault"], given["rule"]


@pytest.mark.parametrize("vendor", VENDORS)
async def test_the_rule_of_a_refusal_refuses_the_next_and_its_fault_does(vendor: str) -> None:
    async with control_session(balance="0") as session:
        refused = await session.submit(vendor)
        assert refused.status_code >= 400
        fault, rule = await rule_again(session, 1)
        await session.done("PUT", f"/accounts/{vendor}/main/balance", {"amount": "1000"})
        assert (await session.submit(vendor)).status_code < 300
        await session.done("PUT", "/scenario", {"name": "again", "rules": [rule]})
        again = await session.submit(vendor)
        assert again.status_code == refused.status_code, again.text
        await session.done("PUT", "/scenario", {"name": "normal"})
        await session.done("POST", "/faults", fault)
        assert (await session.submit(vendor)).status_code == refused.status_code
        assert (await session.submit(vendor)).status_code < 300


@pytest.mark.parametrize("how", [{"fail": "moderated"}, {"finish": True}])
async def test_the_rule_of_a_job_gives_the_next_the_same_end(how: dict[str, Any]) -> None:
    async with control_session() as session:
        job = asking("smartlyq").job(await session.submit())
        ended = await session.done("PATCH", f"/jobs/{job}", how)
        _, rule = await rule_again(session, 1)
        await session.done("PUT", "/scenario", {"name": "again", "base": "failed", "rules": [rule]})
        next_one = asking("smartlyq").job(await session.submit())
        await session.done("PATCH", "/clock", {"until": "idle"})
        after = await session.done("GET", f"/jobs/{next_one}")
        assert (after["state"], after["reason"]) == (ended["state"], ended["reason"])


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("balance", ["0", "100"])
def test_the_test_of_a_request_passes_and_would_not_for_another_answer(
    vendor: str, balance: str
) -> None:
    known = asking(vendor)
    with Emulator(seed=1) as emulator:
        with emulator.sandbox(balance=balance) as first:
            headers = known.headers(first.keys[vendor])
            url = emulator.url + known.submit_path
            answer = httpx.post(url, json=known.body('it\'s "a" fox'), headers=headers)
            text = first.control.request_test(first.id, "1")
        assert f"== {answer.status_code}\n" in text
        for changed_to, passes in ((answer.status_code, True), (299, False)):
            space: dict[str, Any] = {}
            exec(text.replace(f"== {answer.status_code}", f"== {changed_to}"), space)
            with emulator.sandbox(balance="100") as sandbox:
                if passes:
                    space["test_request_1_again"](sandbox)
                else:
                    with pytest.raises(AssertionError):
                        space["test_request_1_again"](sandbox)
