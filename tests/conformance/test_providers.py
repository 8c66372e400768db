"""Every provider that is installed conforms, and the suite convicts providers that lack a word."""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bodydouble.conformance import Example, check_provider
from bodydouble.core.errors import Cause, Refusal, Refused
from bodydouble.core.lifecycle import State
from bodydouble.core.money.amounts import Currency
from bodydouble.core.provider import AccountView, Assumption, Operation, Provider, Quirk
from bodydouble.core.wire import Call, Reply
from bodydouble.providers import load, names

SMARTLYQ = load("smartlyq")


@pytest.mark.parametrize("name", names())
def test_the_provider_conforms(name: str) -> None:
    check_provider(load(name))


def test_a_provider_whose_examples_are_all_refused_fails() -> None:
    with pytest.raises(AssertionError, match="no example is accepted"):
        check_provider(SMARTLYQ, Example("POST", "/v1/videos/generate", {"model": "none"}))


def test_a_provider_without_any_example_fails() -> None:
    with pytest.raises(AssertionError, match="pass an Example"):
        check_provider(replace(SMARTLYQ, name="stranger", quirks=()))


def speechless(cause: Cause) -> Callable[[Refusal, Call], Reply]:
    def refuse(refusal: Refusal, call: Call) -> Reply:
        if refusal.cause is cause:
            raise KeyError(cause)
        return SMARTLYQ.refuse(refusal, call)

    return refuse


def needs_data(refusal: Refusal, call: Call) -> Reply:
    if refusal.cause is Cause.RATE:
        return Reply(429, {"wait": refusal.data["seconds"]})
    return SMARTLYQ.refuse(refusal, call)


def with_operation(name: str, handle: Any) -> tuple[Operation, ...]:
    return tuple(
        replace(one, handle=handle) if one.name == name else one for one in SMARTLYQ.operations
    )


def original(name: str) -> Operation:
    (found,) = [one for one in SMARTLYQ.operations if one.name == name]
    return found


async def mute_about_failures(call: Call, view: AccountView) -> Reply:
    job = await view.job(call.params["job_id"])
    if job is not None and job.reason is not None and job.reason.value == "bad_input":
        raise KeyError("no text for bad_input")
    return await original("getJob").handle(call, view)


async def charges_twice(call: Call, view: AccountView) -> Reply:
    await original("generateVideo").handle(call, view)
    return await original("generateVideo").handle(call, view)


async def trusts_the_body(call: Call, view: AccountView) -> Reply:
    prompt = call.json_object().get("prompt")
    if prompt is not None:
        prompt.strip()
    return await original("generateVideo").handle(call, view)


async def makes_jobs_of_nonsense(call: Call, view: AccountView) -> Reply:
    try:
        return await original("generateVideo").handle(call, view)
    except Refused:
        body = b'{"model": "kling-v2-1", "type": "text_to_video", "prompt": "anything"}'
        ordered = Call(call.method, call.path, headers=call.raw_headers, body=body)
        ordered.quirks, ordered.now_us = call.quirks, call.now_us
        return await original("generateVideo").handle(ordered, view)


NUMBERS = itertools.count()
QUIRK = SMARTLYQ.quirks[0]
BENT: dict[str, Provider] = {
    "lacks a word for a state": replace(SMARTLYQ, states={State.QUEUED: "pending"}),
    "says another word than it lists": replace(
        SMARTLYQ, states={**SMARTLYQ.states, State.RUNNING: "rendering"}
    ),
    "asks a refusal for data it does not carry": replace(SMARTLYQ, refuse=needs_data),
    "refuses with a success": replace(SMARTLYQ, refuse=lambda refusal, call: Reply(200, {})),
    "blames the client for its own crash": replace(
        SMARTLYQ, refuse=lambda refusal, call: Reply(400, {})
    ),
    "has no text for a reason": replace(
        SMARTLYQ, operations=with_operation("getJob", mute_about_failures)
    ),
    "takes more than the price": replace(
        SMARTLYQ, operations=with_operation("generateVideo", charges_twice)
    ),
    "crashes on a body of the wrong type": replace(
        SMARTLYQ, operations=with_operation("generateVideo", trusts_the_body)
    ),
    "makes jobs of nonsense": replace(
        SMARTLYQ, operations=with_operation("generateVideo", makes_jobs_of_nonsense)
    ),
    "defaults to what is no choice": replace(SMARTLYQ, quirks=(replace(QUIRK, default="x"),)),
    "names a quirk after another": replace(
        SMARTLYQ, quirks=(*SMARTLYQ.quirks, Quirk("leonardo.x", 1, (), "about", "source"))
    ),
    "has one quirk twice": replace(SMARTLYQ, quirks=(*SMARTLYQ.quirks, QUIRK)),
    "crashes under a quirk": replace(
        SMARTLYQ,
        quirks=(*SMARTLYQ.quirks, Quirk("smartlyq.new", 1, (1, 2), "about", "source")),
        slots=lambda quirks: 1 / (2 - quirks["smartlyq.new"]) and None,
    ),
    "assumes without a basis": replace(SMARTLYQ, assumptions=(Assumption("A1", "x", ""),)),
    "mints keys that do not fit": replace(SMARTLYQ, mint_key=lambda draw: f"sk-{draw.text(8)}"),
    "mints the same key again": replace(SMARTLYQ, mint_key=lambda draw: "sqk_live_x"),
    "takes nothing for a key": replace(SMARTLYQ, key_shape=re.compile(".*")),
    "crashes without a key": replace(
        SMARTLYQ, credential=lambda call: (call.header(b"authorization") or "")[7:]
    ),
    "names an operation twice": replace(
        SMARTLYQ,
        operations=(*SMARTLYQ.operations, replace(original("health"), path="/v1/other")),
    ),
    "hides an operation behind another": replace(
        SMARTLYQ,
        operations=(
            *SMARTLYQ.operations,
            replace(original("getVideo"), name="other", path="/v1/videos/{id}/"),
            replace(original("getVideo"), name="hidden", path="/v1/{a}/some-id"),
        ),
    ),
    "prints money it cannot read": replace(SMARTLYQ, currency=Currency("USD", 10_000, -1)),
    "lists no model": replace(SMARTLYQ, models=list),
    "rolls its own request ids": replace(
        SMARTLYQ,
        request_id=lambda draw, now_us: str(next(NUMBERS)),
    ),
    "has an unknown gate": replace(SMARTLYQ, gates=("key", "mood")),
    "does not ask for the key first": replace(SMARTLYQ, gates=("rate", "key")),
} | {f"has no word for {cause}": replace(SMARTLYQ, refuse=speechless(cause)) for cause in Cause}


@pytest.mark.parametrize("flaw", BENT)
def test_the_suite_convicts_a_provider_that(flaw: str) -> None:
    with pytest.raises(AssertionError):
        check_provider(BENT[flaw])
