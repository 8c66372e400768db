"""One call that cancels or deletes and says nothing, refunds by state, and a job that is gone."""

from __future__ import annotations

from bodydouble.core.lifecycle import State
from bodydouble.core.money.ledger import Entry, balance_of
from tests.sandbox.toy import Toy


async def remove(toy: Toy, id: str) -> int:
    """Deletes a job; what it answers has no body."""
    answer = await toy.send("DELETE", f"/v1/tasks/{id}")
    assert answer.status_code != 204 or answer.content == b""
    return answer.status_code


async def test_what_waits_is_given_back_and_what_runs_is_not() -> None:
    toy = Toy()
    running, throttled = await toy.create(), await toy.create()
    await toy.advance(2)
    assert [await toy.status(id) for id in (running, throttled)] == ["RUNNING", "THROTTLED"]
    assert await toy.balance() == 980
    assert await remove(toy, throttled) == 204
    assert await toy.balance() == 990
    assert await remove(toy, running) == 204
    assert await toy.balance() == 990
    entries = await toy.open(lambda box: box.tx.list(Entry, "toy/main"))
    assert balance_of(entries) == 990


async def test_what_is_deleted_is_gone_for_clients_and_kept_as_evidence() -> None:
    toy = Toy()
    done, waiting = await toy.create(model="a"), await toy.create(model="b")
    await toy.advance(60)
    url = (await toy.send("GET", f"/v1/tasks/{done}")).json()["output"]
    assert await remove(toy, done) == 204
    assert (await toy.send("GET", f"/v1/tasks/{done}")).status_code == 404
    assert await remove(toy, done) == 404
    listed = (await toy.send("GET", "/v1/tasks")).json()["data"]
    assert [one["id"] for one in listed] == [waiting]
    assert (await toy.client.head(url)).status_code == 404
    job = await toy.job(done)
    assert (job.state, job.refunded) == (State.SUCCEEDED, False)
    assert job.deleted_at_us is not None


async def test_a_slot_is_free_again_once_its_job_is_deleted() -> None:
    toy = Toy()
    first, second = await toy.create(), await toy.create()
    await toy.advance(2)
    await remove(toy, first)
    assert await toy.status(second) == "RUNNING"


async def test_a_job_that_ignores_its_cancel_ignores_that_it_was_deleted() -> None:
    toy = Toy()
    id = await toy.create(prompt="a fox [[bodydouble: ending=ignores-cancel after=5s]]")
    assert await remove(toy, id) == 204
    await toy.advance(10)
    assert await toy.status(id) == "SUCCEEDED"
    assert await toy.balance() == 990
