"""Every rule of the lint convicts the client that breaks it, and lets the good one go."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from bodydouble.client import ControlError
from bodydouble.core.evidence.lint import RULES
from bodydouble.testing import Sandbox
from tests.bad_clients.clients import (
    ORDER,
    Doubler,
    Forgetful,
    GoodClient,
    Gullible,
    Impatient,
    Obsessed,
)

pytestmark = pytest.mark.bodydouble(orphans="ignore")


@pytest.fixture
def http(bodydouble: Sandbox) -> Iterator[httpx.Client]:
    with bodydouble.smartlyq.client() as client:
        yield client


def rules(bodydouble: Sandbox, **query: list[str]) -> set[str]:
    return {finding["rule"] for finding in bodydouble.findings(**query)}


def limited(bodydouble: Sandbox) -> None:
    bodydouble.faults.add(
        "arrival", "status", status=429, retry_after_s=30, operation="generateVideo", times=1
    )


def lost(bodydouble: Sandbox) -> None:
    bodydouble.faults.add("acceptance", "reset", operation="generateVideo", times=1)


def endless(bodydouble: Sandbox) -> None:
    bodydouble.set_scenario("stuck")


def nothing(bodydouble: Sandbox) -> None:
    pass


Condition = Callable[[Sandbox], None]
HABITS: list[tuple[str, type[GoodClient], Condition]] = [
    ("poll-too-fast", Impatient, nothing),
    ("ignored-retry-after", Impatient, limited),
    ("create-without-idempotency-key", Doubler, lost),
    ("polling-finished-job", Obsessed, nothing),
    ("no-deadline", Obsessed, endless),
]


@pytest.mark.parametrize(("rule", "client", "condition"), HABITS, ids=[row[0] for row in HABITS])
def test_a_bad_habit_is_named_by_its_rule(
    bodydouble: Sandbox,
    http: httpx.Client,
    rule: str,
    client: type[GoodClient],
    condition: Condition,
) -> None:
    condition(bodydouble)
    client(http, bodydouble.clock.sleep).film()
    assert rule in rules(bodydouble)
    assert rule not in rules(bodydouble, waive=[rule])
    with pytest.raises(AssertionError, match=rule):
        bodydouble.lint()


@pytest.mark.parametrize("condition", [nothing, limited, lost, endless])
def test_the_good_client_has_no_finding_in_the_same_trouble(
    bodydouble: Sandbox, http: httpx.Client, condition: Condition
) -> None:
    condition(bodydouble)
    GoodClient(http, bodydouble.clock.sleep).film()
    bodydouble.requests.assert_called(operation="generateVideo")
    bodydouble.lint()


def test_a_receiver_that_takes_what_is_badly_signed_is_named(
    bodydouble: Sandbox, http: httpx.Client
) -> None:
    bodydouble.webhooks.subscribe()
    bodydouble.webhooks.handler = lambda one: Gullible().take(one.body)
    bodydouble.faults.add("delivery", "bad-signature", times=1)
    GoodClient(http, bodydouble.clock.sleep).film()
    bodydouble.webhooks.settle()
    assert rules(bodydouble) == {"never-verified-signature"}


def test_a_receiver_that_refuses_what_is_badly_signed_has_no_finding(
    bodydouble: Sandbox, http: httpx.Client
) -> None:
    bodydouble.webhooks.subscribe()
    bodydouble.webhooks.handler = lambda one: 200 if one.verified else 401
    bodydouble.faults.add("delivery", "bad-signature", times=1)
    GoodClient(http, bodydouble.clock.sleep).film()
    bodydouble.clock.advance("10m")
    assert [one.verified for one in bodydouble.webhooks.received] == [False, True]
    bodydouble.lint()


def test_a_live_looking_key_that_no_sandbox_issued_is_named(
    bodydouble: Sandbox, http: httpx.Client
) -> None:
    http.get("/me", headers={"authorization": f"Bearer {Gullible.key}"})
    assert rules(bodydouble) == {"live-looking-key"}


def test_a_test_key_that_no_sandbox_issued_has_no_finding(
    bodydouble: Sandbox, http: httpx.Client
) -> None:
    http.get("/me", headers={"authorization": "Bearer sqk_test_anything"})
    http.get("/me")
    bodydouble.lint()


def test_every_rule_is_held_against_a_bad_client() -> None:
    elsewhere = {"never-verified-signature", "live-looking-key"}
    assert {row[0] for row in HABITS} | elsewhere == set(RULES)


def test_waiving_a_rule_that_does_not_exist_is_an_error(bodydouble: Sandbox) -> None:
    with pytest.raises(ControlError, match="poll-to-fast"):
        bodydouble.lint(waive=["poll-to-fast"])


def test_a_finding_names_its_page_and_its_requests(bodydouble: Sandbox, http: httpx.Client) -> None:
    Impatient(http, bodydouble.clock.sleep).film()
    finding = next(one for one in bodydouble.findings() if one["rule"] == "poll-too-fast")
    assert finding["source"] == "docs.smartlyq.com/guides/async-jobs"
    assert finding["requests"]
    assert finding["job"] == bodydouble.jobs.all()[0]["id"]


def test_a_vendor_without_a_documented_interval_is_not_held_to_one(bodydouble: Sandbox) -> None:
    with bodydouble.leonardo.client() as client:
        body = {"prompt": "a curtain rises", "resolution": "RESOLUTION_480"}
        said = client.post("/generations-text-to-video", json=body).json()
        job = said["motionVideoGenerationJob"]["generationId"]
        for _ in range(5):
            assert client.get(f"/generations/{job}").status_code == 200
    assert "poll-too-fast" not in rules(bodydouble)


def test_orphans_are_jobs_nobody_fetched_or_cancelled(
    bodydouble: Sandbox, http: httpx.Client
) -> None:
    left = Forgetful(http, bodydouble.clock.sleep).film()
    fetched = GoodClient(http, bodydouble.clock.sleep).film()
    given_up = GoodClient(http, bodydouble.clock.sleep).order()
    http.post(f"/jobs/{given_up}/cancel", json={})
    assert [one["job"] for one in bodydouble.orphans] == [left]
    assert fetched != left


def test_a_job_found_in_a_list_is_no_orphan(bodydouble: Sandbox, http: httpx.Client) -> None:
    Forgetful(http, bodydouble.clock.sleep).film()
    bodydouble.clock.until_idle()
    assert bodydouble.orphans
    http.get("/jobs")
    assert not bodydouble.orphans


def test_a_job_whose_end_was_announced_is_no_orphan(
    bodydouble: Sandbox, http: httpx.Client
) -> None:
    bodydouble.webhooks.subscribe()
    Forgetful(http, bodydouble.clock.sleep).film()
    bodydouble.clock.until_idle()
    assert not bodydouble.orphans


def test_a_refunded_job_is_no_orphan(bodydouble: Sandbox, http: httpx.Client) -> None:
    bodydouble.set_scenario("failed")
    Forgetful(http, bodydouble.clock.sleep).film()
    bodydouble.clock.until_idle()
    assert not bodydouble.orphans
    assert bodydouble.spend.net("smartlyq") == 0


def test_a_fork_goes_its_own_way_with_its_own_wallet_clock_and_faults(
    bodydouble: Sandbox, http: httpx.Client
) -> None:
    http.post("/videos/generate", json=ORDER)
    fork = bodydouble.fork()
    assert fork.keys["smartlyq"] != bodydouble.keys["smartlyq"]
    assert [job["id"] for job in fork.jobs.all()] == [job["id"] for job in bodydouble.jobs.all()]
    fork.faults.add("arrival", "status", status=503)
    fork.accounts.set_balance("smartlyq", "1.0000")
    fork.clock.advance("1h")
    assert bodydouble.faults.all() == []
    assert bodydouble.accounts.get("smartlyq")["balance"] == "14.9300"
    assert bodydouble.jobs.all(state="queued")
    assert fork.jobs.all(state="succeeded")
