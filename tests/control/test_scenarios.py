"""Scenarios bend what they say they bend; their rules mean whom they name; files are checked."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.core.scenarios.scenario import SCENARIOS
from bodydouble.web.control.scenario_files import BadScenario, parse_scenario, scenario_files
from bodydouble.web.settings import Settings
from tests.control.session import ControlSession, control_session
from tests.vendors.asking import VENDORS


async def outcomes(session: ControlSession, count: int = 1, vendor: str = "smartlyq") -> list[Any]:
    """Statuses of refused submissions and final states of accepted ones, in order.

    One that its vendor's deadline ended is `running`: nothing else would have ended it.
    """
    statuses = [(await session.submit(vendor)).status_code for _ in range(count)]
    await session.done("PATCH", "/clock", {"until": "idle"})
    states = iter([outcome(job) for job in await session.jobs()])
    return [next(states) if status < 300 else status for status in statuses]


def outcome(job: dict[str, Any]) -> str:
    """The state that a job came to by itself."""
    if job["state"] == "canceled" and job["ended_at"] == job["deadline_at"] is not None:
        assert job["started_at"] < job["deadline_at"]
        return "running"
    return str(job["state"])


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("normal", "succeeded"),
        ("fast", "succeeded"),
        ("slow", "succeeded"),
        ("failed", "failed"),
        ("moderated", "failed"),
        ("stuck", "running"),
        ("expired-media", "succeeded"),
    ],
)
async def test_a_named_scenario_ends_jobs_its_way(name: str, ending: str, vendor: str) -> None:
    async with control_session(scenario=name) as session:
        assert await outcomes(session, vendor=vendor) == [ending]


async def test_every_scenario_of_the_core_is_tried_somewhere_in_this_file() -> None:
    tried = {"normal", "fast", "slow", "failed", "moderated", "stuck", "expired-media"}
    assert set(SCENARIOS) == tried | {"flaky", "outage", "overloaded"}


@pytest.mark.parametrize("vendor", VENDORS)
async def test_an_outage_answers_nothing_and_lets_running_jobs_go_on(vendor: str) -> None:
    async with control_session() as session:
        await session.submit(vendor)
        await session.done("PUT", "/scenario", {"name": "outage"})
        (job,) = await session.jobs()
        assert (await session.poll(job["id"], vendor)).status_code >= 500
        await session.done("PATCH", "/clock", {"until": "idle"})
        await session.done("PUT", "/scenario", {"name": "normal"})
        assert (await session.poll(job["id"], vendor)).status_code == 200
        assert (await session.jobs())[0]["state"] == "succeeded"


async def test_flaky_and_overloaded_go_both_ways_and_repeat_under_their_seed() -> None:
    for name, both in (("flaky", {"succeeded", "failed"}), ("overloaded", {"succeeded", 429})):
        runs = []
        for _ in range(2):
            async with control_session(scenario=name, seed=3) as session:
                runs.append(await outcomes(session, 20))
        assert set(runs[0]) == both
        assert runs[0] == runs[1]


async def test_parameters_turn_a_scenario() -> None:
    turned = {"failure_rate": 1, "failures": {"timeout": 1}}
    async with control_session(scenario="flaky", parameters=turned) as session:
        assert await outcomes(session, 3) == ["failed"] * 3
        assert {job["reason"] for job in await session.jobs()} == {"timeout"}
        await session.done("PUT", "/scenario", {"name": "outage", "parameters": {"status": 503}})
        assert (await session.submit()).status_code == 503


async def test_rules_mean_the_request_they_name() -> None:
    rules: list[dict[str, Any]] = [
        {"when": {"prompt": "drag.n"}, "then": {"fail": "moderated"}},
        {"when": {"provider": "leonardo"}, "then": {"stuck": True}},
        {"when": {"model": "kling*", "nth": [2]}, "then": {"refuse": "funds"}},
        {
            "when": {"operation": "getJob", "every": 2},
            "then": {"fault": {"point": "arrival", "kind": "status", "status": 500}},
        },
    ]
    async with control_session() as session:
        await session.done("PUT", "/scenario", {"name": "normal", "rules": rules})
        assert (await session.submit(prompt="a dragon")).status_code == 202
        assert (await session.submit("leonardo")).status_code < 300
        answers = [(await session.submit()).status_code for _ in range(3)]
        # The dragon was the first of its model, so the next one is the second.
        assert answers == [402, 202, 202]
        await session.done("PATCH", "/clock", {"until": "idle"})
        jobs = await session.jobs()
        assert [job["state"] for job in jobs] == ["failed", "running", "succeeded", "succeeded"]
        polls = [(await session.poll(jobs[0]["id"])).status_code for _ in range(4)]
        assert polls == [200, 500, 200, 500]


async def test_a_rule_about_a_key_keeps_only_its_digest() -> None:
    async with control_session() as session:
        key = session.keys["smartlyq"]
        rule = {"when": {"key": key}, "then": {"fail": "timeout"}}
        await session.done("PUT", "/scenario", {"name": "normal", "rules": [rule]})
        assert key not in (await session.ask("GET", "/export")).text
        await session.submit()
        other = await session.done("POST", "/keys", {"provider": "smartlyq"})
        session.keys["smartlyq"] = other["key"]
        await session.submit()
        reasons = [job["timeline"]["reason"] for job in await session.jobs()]
        assert reasons == ["timeout", None]


async def test_a_bad_day_is_seven_bad_jobs_and_then_good_ones() -> None:
    async with control_session(scenario="bad-day") as session:
        states = await outcomes(session, 8)
        assert states == ["failed", "failed", *["succeeded"] * 4, "running", "succeeded"]
        endings = [job["timeline"]["ending"] for job in await session.jobs()]
        assert endings[2:6] == ["no-url", "unknown-status", "link-html", "link-truncated"]


async def test_lost_replies_loses_every_second_one() -> None:
    async with control_session(scenario="lost-replies") as session:
        assert (await session.submit()).status_code == 202
        with pytest.raises(ConnectionResetError):
            await session.submit()
        assert len(await session.jobs()) == 2


async def test_a_server_may_start_in_a_scenario_from_a_file() -> None:
    async with control_session(Settings(seed=1, scenario="strict-moderation")) as session:
        assert (await session.submit(prompt="a Rifle")).status_code == 422
        session.keys["smartlyq"] = "sqk_live_from_an_env_file"
        assert (await session.submit(prompt="a Rifle")).status_code == 422
        assert (await session.submit(prompt="a fox")).status_code == 202


def test_every_scenario_file_can_be_used() -> None:
    assert {"bad-day", "lost-replies", "rush-hour", "strict-moderation"} <= set(scenario_files())


GOOD = "name: mine\nabout: a test\nrules:\n  - when: {operation: submit}\n    then: {stuck: true}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("operation", "operatoin"), "mine.yaml:4: rules.0.when.operatoin: "),
        (GOOD.replace("stuck: true", "fail: nope"), "mine.yaml:5: rules.0.then: "),
        (GOOD.replace("name: mine\n", ""), "mine.yaml:1: name: "),
        (GOOD + "base: nothing\n", "mine.yaml:6: base: "),
        (GOOD + "parameters:\n  jitter: 2\n", "mine.yaml:7: parameters.jitter: "),
        (GOOD.replace("{operation", "{{operation"), "mine.yaml:"),
        ("", "mine.yaml:1: the file: "),
        ("- 1", "mine.yaml:1: the file: "),
    ],
)
def test_a_bad_file_is_told_with_file_line_and_field(text: str, said: str) -> None:
    with pytest.raises(BadScenario) as bad:
        parse_scenario("mine.yaml", text)
    assert any(line.startswith(said) for line in bad.value.lines), bad.value.lines


def test_a_good_file_is_read() -> None:
    assert parse_scenario("mine.yaml", GOOD).scenario.rules[0].directive is not None
