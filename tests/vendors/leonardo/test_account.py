"""Leonardo's wallet, prices, slots and limits: what is charged, refunded, queued and refused."""

from __future__ import annotations

from collections import Counter

import pytest

from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.providers.leonardo import PROVIDER
from bodydouble.providers.leonardo.catalogue import dollars
from tests.vendors.leonardo.session import JOB, TEXT, Leonardo, error


async def states(stage: Leonardo) -> Counter[State]:
    async with stage.app.store.transaction(stage.sandbox) as tx:
        return Counter(job.state for job in await tx.list(Job, "leonardo/main"))


async def test_me_shows_whole_credits_and_the_slots() -> None:
    stage = Leonardo()
    (row,) = (await stage.get("/me")).json()["user_details"]
    assert list(row) == [
        "user",
        "tokenRenewalDate",
        "paidTokens",
        "subscriptionTokens",
        "subscriptionGptTokens",
        "subscriptionModelTokens",
        "apiConcurrencySlots",
        "apiPaidTokens",
        "apiSubscriptionTokens",
        "apiPlanTokenRenewalDate",
    ]
    assert (row["apiSubscriptionTokens"], row["apiPaidTokens"]) == (3_500, 25_000)
    assert row["apiConcurrencySlots"] == 10
    await stage.submit(model="VEO3")
    await stage.submit(model="VEO3")
    (row,) = (await stage.get("/me")).json()["user_details"]
    assert (row["apiSubscriptionTokens"], row["apiPaidTokens"]) == (0, 24_220)


async def test_pay_as_you_go_answers_dollars_and_still_counts_credits() -> None:
    stage = Leonardo()
    before = await stage.credits()
    job = (await stage.post(TEXT, {"prompt": "p", "model": "MOTION2FAST"})).json()[JOB]
    assert job["apiCreditCost"] is None
    assert job["cost"] == {"amount": "0.1047", "unit": "DOLLARS"}
    assert before - await stage.credits() == 70


def test_dollars_are_credits_at_the_observed_rate() -> None:
    seen = {70: "0.1047", 30: "0.0449", 90: "0.1346", 110: "0.1645", 672: "1.0046"}
    seen |= {3360: "5.0232", 65: "0.0972", 3: "0.0045", 2: "0.0030"}
    assert {credits: dollars(credits) for credits in seen} == seen


async def test_an_empty_wallet_is_refused_with_the_users_id() -> None:
    stage = Leonardo(balance="99")
    text = f"not enough api tokens userId: {await stage.user()}"
    answer = await stage.post(TEXT, {"prompt": "p"})
    assert error(answer) == (400, text, "$", "unexpected")
    assert await stage.credits() == 99
    assert await states(stage) == {}
    await stage.submit(model="MOTION2FAST")
    assert await stage.credits() == 29


@pytest.mark.parametrize("refunds", [True, False])
async def test_a_failure_gives_its_credits_back_unless_the_quirk_says_not(refunds: bool) -> None:
    stage = Leonardo(quirks={"leonardo.refund_failed": refunds})
    before = await stage.credits()
    await stage.scenario("failed")
    await stage.submit()
    assert await stage.credits() == before - 100
    await stage.advance(600)
    assert await stage.credits() == (before if refunds else before - 100)


async def test_of_eleven_jobs_ten_run_and_all_show_pending() -> None:
    stage = Leonardo()
    ids = [await stage.submit() for _ in range(11)]
    await stage.advance(2)
    assert await states(stage) == {State.RUNNING: 10, State.QUEUED: 1}
    assert {(await stage.generation(id))["status"] for id in ids} == {"PENDING"}
    await stage.advance(600)
    assert await states(stage) == {State.SUCCEEDED: 11}


async def test_a_full_queue_is_429_and_nothing_is_charged() -> None:
    stage = Leonardo(quirks={"leonardo.pending_jobs": 3, "leonardo.concurrent_jobs": 1})
    for _ in range(3):
        await stage.submit()
    left = await stage.credits()
    answer = await stage.post(TEXT, {"prompt": "p"})
    assert error(answer)[0::2] == (429, "$")
    assert "retry-after" not in answer.headers
    assert await stage.credits() == left
    await stage.advance(2)
    await stage.submit()


async def test_the_documented_queue_holds_200_beside_ten_that_run() -> None:
    stage = Leonardo()
    await stage.get("/me")
    await stage.scenario("stuck")
    for accepted in range(210):
        if accepted in (10, 100, 190):
            await stage.advance(61)
        await stage.submit()
    assert await states(stage) == {State.RUNNING: 10, State.QUEUED: 200}
    await stage.advance(61)
    assert (await stage.post(TEXT, {"prompt": "p"})).status_code == 429


async def test_the_101st_submission_of_a_minute_is_429_and_polling_goes_on() -> None:
    stage = Leonardo(quirks={"leonardo.retry_after": True})
    for _ in range(100):
        assert (await stage.post(TEXT, {})).status_code == 400
    answer = await stage.post(TEXT, {"prompt": "p"})
    assert error(answer)[3] == "unexpected"
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert (await stage.get("/me")).status_code == 200
    assert (await stage.post("/generations", {"prompt": "p"})).status_code == 200
    await stage.advance(60)
    await stage.submit()


async def test_requests_of_a_minute_are_limited_as_the_quirk_says() -> None:
    stage = Leonardo(quirks={"leonardo.requests_per_minute": 3})
    answers = [(await stage.get("/me")).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    defaults = PROVIDER.quirk_defaults
    assert defaults["leonardo.requests_per_minute"] == 2000


@pytest.mark.parametrize(
    ("service", "params", "cost"),
    [
        ("MOTION_SVD_GENERATION", {}, 45),
        ("MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_480"}, 100),
        ("MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_720"}, 200),
        ("VEO3_MOTION_VIDEO_GENERATION", {"resolution": "RESOLUTION_720"}, 2140),
        ("VEO3_MOTION_VIDEO_GENERATION", {}, 2140),
    ],
)
async def test_the_calculator_prices_videos_and_charges_nothing(
    service: str, params: dict[str, str], cost: int
) -> None:
    stage = Leonardo()
    body = {"service": service, "serviceParams": {service: params}}
    answer = await stage.post("/pricing-calculator", body)
    assert answer.json() == {"calculateProductionApiServiceCost": {"cost": cost}}
    assert await stage.balance() == 28_500


async def test_the_calculator_knows_no_price_of_other_services_and_refuses_nonsense() -> None:
    stage = Leonardo()
    answer = await stage.post("/pricing-calculator", {"service": "MODEL_TRAINING"})
    assert answer.json() == {"calculateProductionApiServiceCost": None}
    motion = "MOTION_VIDEO_GENERATION"
    for body in (
        {"service": "NO_SUCH_SERVICE"},
        {"service": motion, "serviceParams": []},
        {"service": motion, "serviceParams": 5},
        {"service": motion, "serviceParams": {motion: [1]}},
        {"service": motion, "serviceParams": {motion: {"resolution": "RESOLUTION_1080"}}},
        {"service": motion, "serviceParams": {motion: {"resolution": {}}}},
    ):
        assert error(await stage.post("/pricing-calculator", body))[3] == "validation-failed", body


async def test_elements_are_the_24_documented_motions_without_a_base_model() -> None:
    rows = (await Leonardo().get("/elements")).json()["loras"]
    assert len({row["akUUID"] for row in rows}) == 24
    assert {row["name"] for row in rows} >= {"Dolly In", "Crash Zoom Out", "Bullet Time"}
    assert all("baseModel" not in row for row in rows)


def test_quirks_and_assumptions_have_names_of_their_own() -> None:
    names = [quirk.name for quirk in PROVIDER.quirks]
    assert len(set(names)) == len(names)
    assert all(name.startswith("leonardo.") for name in names)
    assert all(not q.choices or q.default in q.choices for q in PROVIDER.quirks)
    guesses = {assumption.id for assumption in PROVIDER.assumptions}
    assert {f"A{number}" for number in range(1, 30)} <= guesses
    assert len(guesses) == len(PROVIDER.assumptions)
