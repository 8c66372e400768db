"""Every rule of the lint convicts the client that breaks it, and lets the good one go."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.bad_clients.clients import (
    ORDER,
    Doubler,
    Forgetful,
    GoodClient,
    Gullible,
    Impatient,
    Obsessed,
)
from understudy.client import ControlError
from understudy.core.manners import RULES
from understudy.testing import Sandbox

pytestmark = pytest.mark.understudy(orphans="ignore")


@pytest.fixture
def http(understudy: Sandbox) -> Iterator[httpx.Client]:
    with understudy.smartlyq.client() as client:
        yield client


def rules(understudy: Sandbox, **query: list[str]) -> set[str]:
    return {finding["rule"] for finding in understudy.findings(**query)}


def limited(understudy: Sandbox) -> None:
    understudy.faults.add(
        "arrival", "status", status=429, retry_after_s=30, operation="generateVideo", times=1
    )


def lost(understudy: Sandbox) -> None:
    understudy.faults.add("acceptance", "reset", operation="generateVideo", times=1)


def endless(understudy: Sandbox) -> None:
    understudy.set_scenario("stuck")


def nothing(understudy: Sandbox) -> None:
    pass


Trouble = Callable[[Sandbox], None]
HABITS: list[tuple[str, type[GoodClient], Trouble]] = [
    ("poll-too-fast", Impatient, nothing),
    ("ignored-retry-after", Impatient, limited),
    ("create-without-idempotency-key", Doubler, lost),
    ("polling-finished-job", Obsessed, nothing),
    ("no-deadline", Obsessed, endless),
]


@pytest.mark.parametrize(("rule", "client", "trouble"), HABITS, ids=[row[0] for row in HABITS])
def test_a_bad_habit_is_named_by_its_rule(
    understudy: Sandbox,
    http: httpx.Client,
    rule: str,
    client: type[GoodClient],
    trouble: Trouble,
) -> None:
    trouble(understudy)
    client(http, understudy.clock.sleep).film()
    assert rule in rules(understudy)
    assert rule not in rules(understudy, waive=[rule])
    with pytest.raises(AssertionError, match=rule):
        understudy.lint()


@pytest.mark.parametrize("trouble", [nothing, limited, lost, endless])
def test_the_good_client_has_no_finding_in_the_same_trouble(
    understudy: Sandbox, http: httpx.Client, trouble: Trouble
) -> None:
    trouble(understudy)
    GoodClient(http, understudy.clock.sleep).film()
    understudy.requests.assert_called(operation="generateVideo")
    understudy.lint()


def test_a_receiver_that_takes_what_is_badly_signed_is_named(
    understudy: Sandbox, http: httpx.Client
) -> None:
    understudy.webhooks.subscribe()
    understudy.webhooks.handler = lambda one: Gullible().take(one.body)
    understudy.faults.add("delivery", "bad-signature", times=1)
    GoodClient(http, understudy.clock.sleep).film()
    understudy.webhooks.settle()
    assert rules(understudy) == {"never-verified-signature"}


def test_a_receiver_that_refuses_what_is_badly_signed_has_no_finding(
    understudy: Sandbox, http: httpx.Client
) -> None:
    understudy.webhooks.subscribe()
    understudy.webhooks.handler = lambda one: 200 if one.verified else 401
    understudy.faults.add("delivery", "bad-signature", times=1)
    GoodClient(http, understudy.clock.sleep).film()
    understudy.clock.advance("10m")
    assert [one.verified for one in understudy.webhooks.received] == [False, True]
    understudy.lint()


def test_a_live_looking_key_that_no_sandbox_issued_is_named(
    understudy: Sandbox, http: httpx.Client
) -> None:
    http.get("/me", headers={"authorization": f"Bearer {Gullible.key}"})
    assert rules(understudy) == {"live-looking-key"}


def test_a_test_key_that_no_sandbox_issued_has_no_finding(
    understudy: Sandbox, http: httpx.Client
) -> None:
    http.get("/me", headers={"authorization": "Bearer sqk_test_anything"})
    http.get("/me")
    understudy.lint()


def test_every_rule_is_held_against_a_bad_client() -> None:
    elsewhere = {"never-verified-signature", "live-looking-key"}
    assert {row[0] for row in HABITS} | elsewhere == set(RULES)


def test_waiving_a_rule_that_does_not_exist_is_an_error(understudy: Sandbox) -> None:
    with pytest.raises(ControlError, match="poll-to-fast"):
        understudy.lint(waive=["poll-to-fast"])


def test_a_finding_names_its_page_and_its_requests(understudy: Sandbox, http: httpx.Client) -> None:
    Impatient(http, understudy.clock.sleep).film()
    finding = next(one for one in understudy.findings() if one["rule"] == "poll-too-fast")
    assert finding["source"] == "docs.smartlyq.com/guides/async-jobs"
    assert finding["requests"]
    assert finding["job"] == understudy.jobs.all()[0]["id"]


def test_a_vendor_without_a_documented_interval_is_not_held_to_one(understudy: Sandbox) -> None:
    with understudy.leonardo.client() as client:
        body = {"prompt": "a curtain rises", "resolution": "RESOLUTION_480"}
        said = client.post("/generations-text-to-video", json=body).json()
        job = said["motionVideoGenerationJob"]["generationId"]
        for _ in range(5):
            assert client.get(f"/generations/{job}").status_code == 200
    assert "poll-too-fast" not in rules(understudy)


def test_orphans_are_jobs_nobody_fetched_or_cancelled(
    understudy: Sandbox, http: httpx.Client
) -> None:
    left = Forgetful(http, understudy.clock.sleep).film()
    fetched = GoodClient(http, understudy.clock.sleep).film()
    given_up = GoodClient(http, understudy.clock.sleep).order()
    http.post(f"/jobs/{given_up}/cancel", json={})
    assert [one["job"] for one in understudy.orphans] == [left]
    assert fetched != left


def test_a_job_found_in_a_list_is_no_orphan(understudy: Sandbox, http: httpx.Client) -> None:
    Forgetful(http, understudy.clock.sleep).film()
    understudy.clock.until_idle()
    assert understudy.orphans
    http.get("/jobs")
    assert not understudy.orphans


def test_a_job_whose_end_was_announced_is_no_orphan(
    understudy: Sandbox, http: httpx.Client
) -> None:
    understudy.webhooks.subscribe()
    Forgetful(http, understudy.clock.sleep).film()
    understudy.clock.until_idle()
    assert not understudy.orphans


def test_a_refunded_job_is_no_orphan(understudy: Sandbox, http: httpx.Client) -> None:
    understudy.set_scenario("failed")
    Forgetful(http, understudy.clock.sleep).film()
    understudy.clock.until_idle()
    assert not understudy.orphans
    assert understudy.spend.net("smartlyq") == 0


def test_a_fork_goes_its_own_way_with_its_own_wallet_clock_and_faults(
    understudy: Sandbox, http: httpx.Client
) -> None:
    http.post("/videos/generate", json=ORDER)
    fork = understudy.fork()
    assert fork.keys["smartlyq"] != understudy.keys["smartlyq"]
    assert [job["id"] for job in fork.jobs.all()] == [job["id"] for job in understudy.jobs.all()]
    fork.faults.add("arrival", "status", status=503)
    fork.accounts.set_balance("smartlyq", "1.0000")
    fork.clock.advance("1h")
    assert understudy.faults.all() == []
    assert understudy.accounts.get("smartlyq")["balance"] == "14.9300"
    assert understudy.jobs.all(state="queued")
    assert fork.jobs.all(state="succeeded")
