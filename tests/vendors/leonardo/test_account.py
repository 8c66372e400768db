"""Leonardo's wallet, prices, slots and limits: what is charged, refunded, queued and refused."""

from __future__ import annotations

from collections import Counter

import pytest

from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import State
from bodydouble.providers.leonardo import PROVIDER
from bodydouble.providers.leonardo.catalogue import dollars
from tests.vendors.leonardo.session import JOB, TEXT, Leonardo, error


async def states(session: Leonardo) -> Counter[State]:
    async with session.app.store.transaction(session.sandbox) as tx:
        return Counter(job.state for job in await tx.list(Job, "leonardo/main"))


async def test_me_shows_whole_credits_and_the_slots() -> None:
    session = Leonardo()
    (row,) = (await session.get("/me")).json()["user_details"]
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
    await session.submit(model="VEO3")
    await session.submit(model="VEO3")
    (row,) = (await session.get("/me")).json()["user_details"]
    assert (row["apiSubscriptionTokens"], row["apiPaidTokens"]) == (0, 24_220)


async def test_pay_as_you_go_answers_dollars_and_still_counts_credits() -> None:
    session = Leonardo()
    before = await session.credits()
    job = (await session.post(TEXT, {"prompt": "p", "model": "MOTION2FAST"})).json()[JOB]
    assert job["apiCreditCost"] is None
    assert job["cost"] == {"amount": "0.1047", "unit": "DOLLARS"}
    assert before - await session.credits() == 70


def test_dollars_are_credits_at_the_observed_rate() -> None:
    seen = {70: "0.1047", 30: "0.0449", 90: "0.1346", 110: "0.1645", 672: "1.0046"}
    seen |= {3360: "5.0232", 65: "0.0972", 3: "0.0045", 2: "0.0030"}
    assert {credits: dollars(credits) for credits in seen} == seen


async def test_an_empty_wallet_is_refused_with_the_users_id() -> None:
    session = Leonardo(balance="99")
    text = f"not enough api tokens userId: {await session.user()}"
    answer = await session.post(TEXT, {"prompt": "p"})
    assert error(answer) == (400, text, "$", "unexpected")
    assert await session.credits() == 99
    assert await states(session) == {}
    await session.submit(model="MOTION2FAST")
    assert await session.credits() == 29


@pytest.mark.parametrize("refunds", [True, False])
async def test_a_failure_gives_its_credits_back_unless_the_quirk_says_not(refunds: bool) -> None:
    session = Leonardo(quirks={"leonardo.refund_failed": refunds})
    before = await session.credits()
    await session.scenario("failed")
    await session.submit()
    assert await session.credits() == before - 100
    await session.advance(600)
    assert await session.credits() == (before if refunds else before - 100)


async def test_of_eleven_jobs_ten_run_and_all_show_pending() -> None:
    session = Leonardo()
    ids = [await session.submit() for _ in range(11)]
    await session.advance(2)
    assert await states(session) == {State.RUNNING: 10, State.QUEUED: 1}
    assert {(await session.generation(id))["status"] for id in ids} == {"PENDING"}
    await session.advance(600)
    assert await states(session) == {State.SUCCEEDED: 11}


async def test_a_full_queue_is_429_and_nothing_is_charged() -> None:
    session = Leonardo(quirks={"leonardo.pending_jobs": 3, "leonardo.concurrent_jobs": 1})
    for _ in range(3):
        await session.submit()
    left = await session.credits()
    answer = await session.post(TEXT, {"prompt": "p"})
    assert error(answer)[0::2] == (429, "$")
    assert "retry-after" not in answer.headers
    assert await session.credits() == left
    await session.advance(2)
    await session.submit()


async def test_the_documented_queue_holds_200_beside_ten_that_run() -> None:
    session = Leonardo()
    await session.get("/me")
    await session.scenario("stuck")
    for accepted in range(210):
        if accepted in (10, 100, 190):
            await session.advance(61)
        await session.submit()
    assert await states(session) == {State.RUNNING: 10, State.QUEUED: 200}
    await session.advance(61)
    assert (await session.post(TEXT, {"prompt": "p"})).status_code == 429


async def test_the_101st_submission_of_a_minute_is_429_and_polling_goes_on() -> None:
    session = Leonardo(quirks={"leonardo.retry_after": True})
    for _ in range(100):
        assert (await session.post(TEXT, {})).status_code == 400
    answer = await session.post(TEXT, {"prompt": "p"})
    assert error(answer)[3] == "unexpected"
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert (await session.get("/me")).status_code == 200
    assert (await session.post("/generations", {"prompt": "p"})).status_code == 200
    await session.advance(60)
    await session.submit()


async def test_requests_of_a_minute_are_limited_as_the_quirk_says() -> None:
    session = Leonardo(quirks={"leonardo.requests_per_minute": 3})
    answers = [(await session.get("/me")).status_code for _ in range(4)]
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
    session = Leonardo()
    body = {"service": service, "serviceParams": {service: params}}
    answer = await session.post("/pricing-calculator", body)
    assert answer.json() == {"calculateProductionApiServiceCost": {"cost": cost}}
    assert await session.balance() == 28_500


async def test_the_calculator_knows_no_price_of_other_services_and_refuses_nonsense() -> None:
    session = Leonardo()
    answer = await session.post("/pricing-calculator", {"service": "MODEL_TRAINING"})
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
        assert error(await session.post("/pricing-calculator", body))[3] == "validation-failed", (
            body
        )


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
    guesses = set(PROVIDER.standing().assumptions)
    assert {f"A{number}" for number in range(1, 30)} <= guesses
