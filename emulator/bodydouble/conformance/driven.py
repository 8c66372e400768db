"""Claims about a real submission, driven into every state and every failure.

Each has a harness of its own. A provider whose examples are all refused fails, since nothing
could be shown about it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bodydouble.conformance.exchanges import Example
from bodydouble.conformance.harness import ProviderHarness, filled_path
from bodydouble.conformance.running import prefixed
from bodydouble.core.clock import DAY_US
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import Event, State
from bodydouble.core.provider import Provider
from bodydouble.core.reasons import Reason
from bodydouble.core.slots import Slots
from bodydouble.sandbox.open_sandbox import OpenSandbox

Examples = Sequence[Example]


async def accepted(harness: ProviderHarness, examples: Examples) -> Job:
    """The job of the first example that is accepted."""
    assert examples, (
        "no golden exchange makes a job in a new sandbox: write one that is answered with success "
        "and whose setup, if it has any, only sets the balance"
    )
    answers = []
    for example in examples:
        reply = await harness.submit(example)
        if reply.status < 300:
            jobs = await harness.jobs()
            assert jobs, f"{example.method} {example.path} answered {reply.status} and made no job"
            return jobs[-1]
        answers.append(f"{example.path}: {reply.status} {reply.body!r:.200}")
    raise AssertionError("no example is accepted: " + "; ".join(answers[:5]))


async def examples_are_accepted_and_charged(provider: Provider, examples: Examples) -> None:
    """A documented request makes one job that can be stored, and costs exactly its price."""
    harness = ProviderHarness(provider, examples=examples)
    job = await accepted(harness, examples)
    account = await harness.account()
    assert account is not None, "a job belongs to no account"
    before = sum(amount for _, amount in provider.starting_balance)
    if harness.balance:
        before = provider.currency.parse(harness.balance)
    spent = before - account.balance
    assert spent == job.submission.price, f"it costs {job.submission.price} and took {spent}"
    assert job.submission.names.get("job") == job.id, "names lack the job's own id"
    extra = job.submission.extra
    assert json.loads(json.dumps(extra)) == extra, f"extra holds more than JSON can: {extra}"
    job.media().digest()


async def an_empty_wallet_refuses(provider: Provider, examples: Examples) -> None:
    """The same request with an empty wallet is refused, and makes no job."""
    job = await accepted(ProviderHarness(provider, examples=examples), examples)
    if not job.submission.price:
        return
    harness = ProviderHarness(provider, examples=examples, balance="0")
    for example in examples:
        reply = await harness.submit(example)
        assert reply.status >= 400, f"{example.path} answered {reply.status} with nothing to pay"
    assert await harness.jobs() == [], "a job was made for nothing"


async def every_state_is_shown(provider: Provider, examples: Examples) -> None:
    """In each state a job is, some reading operation shows the state's word, and none crashes."""
    for state in State:
        harness = ProviderHarness(provider, examples=examples)
        job = await accepted(harness, examples)
        await _driven(harness, job, state)
        with prefixed(f"Provider.states, State.{state.name}"):
            await _is_shown(harness, job, provider.states[state])


async def waiting_for_a_slot_is_shown(provider: Provider, examples: Examples) -> None:
    """A job that waits for a concurrency slot is shown with the word there is for it."""
    if not provider.awaiting_slot_state:
        return
    assert provider.slots is not None, "there is a word for jobs without a slot, and no slots"
    crowded = replace(provider, slots=lambda quirks, job: Slots(running=0, from_acceptance=True))
    harness = ProviderHarness(crowded, examples=examples)
    job = await accepted(harness, examples)
    assert job.awaits_slot, "it waits for no slot, and none is free"
    with prefixed("Provider.awaiting_slot_state"):
        await _is_shown(harness, job, provider.awaiting_slot_state)


async def every_reason_is_shown(provider: Provider, examples: Examples) -> None:
    """For each reason a job fails, reading it says that it failed, and nothing crashes."""
    for reason in Reason:
        harness = ProviderHarness(provider, examples=examples)
        job = await accepted(harness, examples)
        await _driven(harness, job, State.FAILED, reason)
        (failed,) = [one for one in await harness.jobs() if one.id == job.id]
        assert failed.reason is reason, f"it failed for {failed.reason}, not {reason}"
        with prefixed(f"Reason.{reason.name}"):
            await _is_shown(harness, job, provider.states[State.FAILED])


async def every_detail_is_shown(provider: Provider, examples: Examples) -> None:
    """Of each detail of a failure, some reading operation says the vendor's word."""
    for detail in provider.details:
        if isinstance(detail.of, Reason):
            harness = ProviderHarness(provider, examples=examples)
            job = await accepted(harness, examples)
            await _driven(harness, job, State.FAILED, detail.of, detail.name)
            with prefixed(f"Provider.details: {detail.of}:{detail.name}"):
                await _is_shown(harness, job, detail.word)


async def every_quirk_is_served(provider: Provider, examples: Examples) -> None:
    """Whatever a quirk is set to, a job can be made, read, fail, and be deleted without a crash."""
    for quirk in provider.quirks:
        for choice in quirk.choices:
            with prefixed(f"{quirk.name}={choice}"):
                for state in (State.SUCCEEDED, State.FAILED):
                    await _served(provider, examples, {quirk.name: choice}, state)


async def _served(
    provider: Provider, examples: Examples, quirks: Mapping[str, Any], state: State
) -> None:
    harness = ProviderHarness(provider, quirks, examples=examples)
    for example in examples:
        await harness.submit(example)
        if jobs := await harness.jobs():
            await _driven(harness, jobs[0], state)
            _ = [reply async for reply in _readings(harness, jobs[0])]
            return


async def deleted_jobs_are_shown(provider: Provider, examples: Examples) -> None:
    """A job whose product was deleted can be asked for without a crash."""
    harness = ProviderHarness(provider, examples=examples)
    job = await accepted(harness, examples)
    await _driven(harness, job, State.SUCCEEDED)
    (done,) = [one for one in await harness.jobs() if one.id == job.id]
    await harness.open(lambda sandbox: sandbox.mark_deleted(done))
    _ = [reply async for reply in _readings(harness, job)]


async def _driven(
    harness: ProviderHarness,
    job: Job,
    state: State,
    reason: Reason | None = None,
    detail: str = "",
) -> None:
    """Takes the job to ``state`` by its own schedule, or by a cancel."""
    ending = {State.SUCCEEDED: Event.SUCCEED, State.FAILED: Event.FAIL}.get(state)
    if ending is Event.FAIL:
        reason = reason or Reason.PROVIDER_ERROR
    timeline = replace(job.timeline, wait_us=0, run_us=0, outcome=ending, reason=reason)
    timeline = replace(timeline, detail=detail)

    async def drive(sandbox: OpenSandbox) -> None:
        sandbox.tx.put(replace(job, timeline=timeline))
        if state is State.CANCELED:
            await sandbox.apply(job, Event.CANCEL, sandbox.now_us)
        elif state is not State.QUEUED:
            # The row of the start stands where the first draw put it, at most a day away.
            await sandbox.settle(sandbox.now_us + DAY_US)

    await harness.open(drive)
    now = {one.id: one.state for one in await harness.jobs()}[job.id]
    assert now is state, f"the job went to {now}, not to {state}"


async def _is_shown(harness: ProviderHarness, job: Job, word: str) -> None:
    # All are read, even after one has shown the word: another might crash.
    replies = [reply async for reply in _readings(harness, job)]
    shown = [reply.body for reply in replies if reply.status < 300 and reply.body]
    assert any(word in _texts(json.loads(body)) for body in shown), (
        f"no operation of Provider.operations says {word!r} of such a job: {shown!r:.600}"
    )


async def _readings(harness: ProviderHarness, job: Job) -> Any:
    for operation in harness.provider.operations:
        if operation.method != "GET":
            continue
        values = set(job.submission.names.values()) if "{" in operation.path else {""}
        for value in sorted(values):
            with prefixed(f"the handler of {operation.name}"):
                yield await harness.call("GET", filled_path(operation.path, value))
    sample = harness.provider.sample
    path, asks, query = sample.poll.partition("?") if sample is not None else ("", "", "")
    if asks:
        # Where a query names the job, no path does.
        with prefixed(f"the handler of {path}"):
            yield await harness.call("GET", path, query=query.format(job=job.id))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


CLAIMS: tuple[Callable[[Provider, Examples], Any], ...] = (
    examples_are_accepted_and_charged,
    an_empty_wallet_refuses,
    every_state_is_shown,
    waiting_for_a_slot_is_shown,
    every_reason_is_shown,
    every_detail_is_shown,
    every_quirk_is_served,
    deleted_jobs_are_shown,
)
