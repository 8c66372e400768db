"""Claims that need a performance: a real submission, driven into every state and every failure.

Each plays on a stage of its own. A provider whose examples are all refused fails, since nothing
could be shown about it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from bodydouble.conformance.playing import Example, Stage
from bodydouble.core.clock import DAY_US
from bodydouble.core.jobs import Job
from bodydouble.core.lifecycle import Event, State
from bodydouble.core.provider import Provider
from bodydouble.core.reasons import Reason
from bodydouble.sandbox.open_sandbox import OpenSandbox

Examples = Sequence[Example]
# Bodies no vendor accepts; each must end in a refusal, whatever the route.
HOSTILE = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b"[" * 100_000,
    b'{"prompt": NaN}',
    b'{"prompt": "\\ud800"}',
    b'{"prompt": 1e999, "model": {}, "duration": "x", "type": []}',
    b'{"model": "\\u0000", "prompt": {"a": [null]}, "seed": 99999999999999999999}',
)


async def accepted(stage: Stage, examples: Examples) -> Job:
    """The job of the first example that is accepted."""
    assert examples, "no request is known that makes a job: pass an Example"
    answers = []
    for example in examples:
        reply = await stage.submit(example)
        if reply.status < 300:
            jobs = await stage.jobs()
            assert jobs, f"{example.method} {example.path} answered {reply.status} and made no job"
            return jobs[-1]
        answers.append(f"{example.path}: {reply.status} {reply.body!r:.200}")
    raise AssertionError("no example is accepted: " + "; ".join(answers[:5]))


async def examples_are_accepted_and_charged(provider: Provider, examples: Examples) -> None:
    """A documented request makes one job that can be stored, and costs exactly its price."""
    stage = Stage(provider)
    job = await accepted(stage, examples)
    account = await stage.account()
    assert account is not None, "a job belongs to no account"
    opening = sum(amount for _, amount in provider.opening)
    spent = opening - account.balance
    assert spent == job.submission.price, f"it costs {job.submission.price} and took {spent}"
    assert job.submission.names.get("job") == job.id, "names lack the job's own id"
    extra = job.submission.extra
    assert json.loads(json.dumps(extra)) == extra, f"extra holds more than JSON can: {extra}"
    job.media().digest()


async def an_empty_wallet_refuses(provider: Provider, examples: Examples) -> None:
    """The same request with an empty wallet is refused, and makes no job."""
    job = await accepted(Stage(provider), examples)
    if not job.submission.price:
        return
    stage = Stage(provider, balance="0")
    for example in examples:
        reply = await stage.submit(example)
        assert reply.status >= 400, f"{example.path} answered {reply.status} with nothing to pay"
    assert await stage.jobs() == [], "a job was made for nothing"


async def every_state_is_told(provider: Provider, examples: Examples) -> None:
    """In each state a job is, some reading operation says the state's word, and none crashes."""
    for state in State:
        stage = Stage(provider)
        job = await accepted(stage, examples)
        await _driven(stage, job, state)
        await _told(stage, job, state)


async def every_reason_is_told(provider: Provider, examples: Examples) -> None:
    """For each reason a job fails, reading it says that it failed, and nothing crashes."""
    for reason in Reason:
        stage = Stage(provider)
        job = await accepted(stage, examples)
        await _driven(stage, job, State.FAILED, reason)
        (failed,) = [one for one in await stage.jobs() if one.id == job.id]
        assert failed.reason is reason, f"it failed for {failed.reason}, not {reason}"
        await _told(stage, job, State.FAILED)


async def every_quirk_is_playable(provider: Provider, examples: Examples) -> None:
    """Whatever a quirk is set to, a job can be made, read, fail, and be deleted without a crash."""
    for quirk in provider.quirks:
        for choice in quirk.choices:
            for state in (State.SUCCEEDED, State.FAILED):
                stage = Stage(provider, {quirk.name: choice})
                for example in examples:
                    await stage.submit(example)
                    if jobs := await stage.jobs():
                        await _driven(stage, jobs[0], state)
                        _ = [reply async for reply in _readings(stage, jobs[0])]
                        break


async def deleted_jobs_are_told(provider: Provider, examples: Examples) -> None:
    """A job whose product was deleted can be asked for without a crash."""
    stage = Stage(provider)
    job = await accepted(stage, examples)
    await _driven(stage, job, State.SUCCEEDED)
    (done,) = [one for one in await stage.jobs() if one.id == job.id]
    await stage.open(lambda box: box.forget(done))
    _ = [reply async for reply in _readings(stage, job)]


async def hostile_calls_are_refused(provider: Provider, examples: Examples) -> None:
    """Nothing a client sends crashes an operation, and no nonsense makes a job."""
    for operation in provider.operations:
        stage = Stage(provider)
        for value in ("nope", "%00", "0", "x" * 3000):
            path = "/".join(value if "{" in part else part for part in operation.path.split("/"))
            await stage.call(
                operation.method, path, b"{}", f"page={value}&limit={value}&=&&offset=-1"
            )
        for body in HOSTILE:
            reply = await stage.call(operation.method, path, body)
            assert reply.status != 500 or not operation.billed, f"{body[:40]!r}: a 500"
        if not operation.open:
            assert await stage.jobs() == [], f"{operation.name} made a job of nonsense"


async def _driven(stage: Stage, job: Job, state: State, reason: Reason | None = None) -> None:
    """Takes the job to ``state`` by its own schedule, or by a cancel."""
    ending = {State.SUCCEEDED: Event.SUCCEED, State.FAILED: Event.FAIL}.get(state)
    if ending is Event.FAIL:
        reason = reason or Reason.PROVIDER_ERROR
    timeline = replace(job.timeline, wait_us=0, run_us=0, ending=ending, reason=reason)

    async def drive(box: OpenSandbox) -> None:
        box.tx.put(replace(job, timeline=timeline))
        if state is State.CANCELED:
            await box.apply(job, Event.CANCEL, box.now_us)
        elif state is not State.QUEUED:
            # The row of the start stands where the first draw put it, at most a day away.
            await box.settle(box.now_us + DAY_US)

    await stage.open(drive)
    now = {one.id: one.state for one in await stage.jobs()}[job.id]
    assert now is state, f"the job went to {now}, not to {state}"


async def _told(stage: Stage, job: Job, state: State) -> None:
    # All are read, even after one has said the word: another might crash.
    replies = [reply async for reply in _readings(stage, job)]
    said = [reply.body for reply in replies if reply.status < 300 and reply.body]
    word = stage.provider.words[state]
    assert any(word in _texts(json.loads(body)) for body in said), (
        f"nobody says {word!r} of a {state} job: {said!r:.600}"
    )


async def _readings(stage: Stage, job: Job) -> Any:
    for operation in stage.provider.operations:
        if operation.method != "GET":
            continue
        values = set(job.submission.names.values()) if "{" in operation.path else {""}
        for value in sorted(values):
            path = "/".join(value if "{" in part else part for part in operation.path.split("/"))
            yield await stage.call("GET", path)


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
    every_state_is_told,
    every_reason_is_told,
    every_quirk_is_playable,
    deleted_jobs_are_told,
    hostile_calls_are_refused,
)
