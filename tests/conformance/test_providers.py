"""Every provider that is installed conforms; the suite convicts one with a flaw, saying where."""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bodydouble.conformance import Example, check_provider
from bodydouble.conformance.exchanges import examples_of, golden_exchanges
from bodydouble.conformance.hostile import hostile_calls_are_refused
from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Refusal, Refused
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import Window
from bodydouble.core.money.amounts import Currency
from bodydouble.core.provider import Operation, Provider, Quirk
from bodydouble.core.standing import Standing
from bodydouble.core.wire import Call, Reply
from bodydouble.providers import load, names
from tests.conformance.toy import GOLDEN, TOYCO, complaint, create, read, written


@pytest.mark.parametrize("name", names())
def test_the_provider_conforms(name: str) -> None:
    check_provider(load(name))


def test_the_toy_conforms_so_that_what_convicts_a_copy_is_its_flaw(tmp_path: Path) -> None:
    check_provider(TOYCO, exchanges=written(tmp_path))


def test_a_provider_without_golden_exchanges_is_told_where_to_put_one(tmp_path: Path) -> None:
    told = complaint(TOYCO, tmp_path, **dict.fromkeys(GOLDEN))
    assert told == (
        "toyco has no golden exchange: put an example from the vendor's pages into "
        f"{tmp_path / 'create.json'}, in the format of fixtures/README.md"
    )


def test_a_provider_that_no_entry_point_names_is_told_so() -> None:
    with pytest.raises(AssertionError, match=r"no entry point of the group bodydouble\.providers"):
        check_provider(TOYCO)


def test_a_provider_whose_exchanges_make_no_job_fails(tmp_path: Path) -> None:
    only = {**dict.fromkeys(GOLDEN), "no-version": GOLDEN["no-version"]}
    assert "no golden exchange makes a job in a new sandbox" in complaint(TOYCO, tmp_path, **only)


def test_a_provider_whose_examples_are_all_refused_fails(tmp_path: Path) -> None:
    refused = Example("POST", "/v1/jobs", {}, headers=(("Toyco-Version", "1"),))
    assert "no example is accepted" in complaint(TOYCO, tmp_path, refused)


def speechless(cause: Cause) -> Callable[[Refusal, Call], Reply]:
    def refuse(refusal: Refusal, call: Call) -> Reply:
        if refusal.cause is cause:
            raise KeyError(cause)
        return TOYCO.refuse(refusal, call)

    return refuse


def needs_data(refusal: Refusal, call: Call) -> Reply:
    if refusal.cause is Cause.RATE:
        return Reply(429, {"wait": refusal.data["seconds"]})
    return TOYCO.refuse(refusal, call)


def handling(**handlers: Any) -> Provider:
    operations = tuple(
        replace(one, handle=handlers.get(one.name, one.handle)) for one in TOYCO.operations
    )
    return replace(TOYCO, operations=operations)


async def mute_about_bad_input(call: Call, view: AccountView) -> Reply:
    job = await view.job(call.params["id"])
    if job is not None and job.reason is not None and job.reason.value == "bad_input":
        raise KeyError("no text for bad_input")
    return await read(call, view)


async def charges_twice(call: Call, view: AccountView) -> Reply:
    await create(call, view)
    return await create(call, view)


async def trusts_the_prompt(call: Call, view: AccountView) -> Reply:
    fields = call.fields()
    if fields.get("prompt") is not None:
        fields["prompt"].strip()
    return await create(call, view)


async def trusts_the_query(call: Call, view: AccountView) -> Reply:
    int(call.query.get("page", "1"))
    return await read(call, view)


async def trusts_the_type(call: Call, view: AccountView) -> Reply:
    if call.media_type == "text/plain":
        raise KeyError(call.media_type)
    return await create(call, view)


async def rounds_numbers(call: Call, view: AccountView) -> Reply:
    style = call.fields().get("style")
    if isinstance(style, float):
        int(style * 1e300)
    return await create(call, view)


def echoed(call: Call) -> tuple[tuple[str, str], ...]:
    return (("toyco-request", str(int(call.header(b"toyco-version") or 1))),)


async def makes_jobs_of_nonsense(call: Call, view: AccountView) -> Reply:
    try:
        return await create(call, view)
    except Refused:
        body, headers = b'{"prompt": "anything"}', ((b"content-type", b"application/json"),)
        return await create(Call(call.method, call.path, headers=headers, body=body), view)


NUMBERS = itertools.count()
QUIRK = TOYCO.quirks[0]
MAKES, READS = TOYCO.operations
HERE = r"\(tests/conformance/test_providers.py:\d+\)"
FLAWED: dict[str, tuple[Provider, str]] = {
    "lacks a word for a state": (
        replace(TOYCO, states={State.QUEUED: "waiting"}),
        r"Provider.states has none for State.RUNNING in tests/conformance/toy.py",
    ),
    "says another word than it lists": (
        replace(TOYCO, states={**TOYCO.states, State.RUNNING: "rendering"}),
        r"Provider.states, State.RUNNING: no operation .* says 'rendering'",
    ),
    "asks a refusal for data it does not carry": (
        replace(TOYCO, refuse=needs_data),
        rf"Provider.refuse has no reply for Cause.RATE with the data .*'seconds' {HERE}",
    ),
    "refuses with a success": (
        replace(TOYCO, refuse=lambda refusal, call: Reply(200, {})),
        "no_key is answered with status 200",
    ),
    "blames the client for its own crash": (
        replace(TOYCO, refuse=lambda refusal, call: Reply(400, {})),
        "unavailable blames the client",
    ),
    "tells a client what is for the console": (
        replace(TOYCO, refuse=lambda refusal, call: Reply(500, {"error": refusal.text})),
        "unavailable tells the client its text",
    ),
    "has no text for a reason": (
        handling(read=mute_about_bad_input),
        rf"Reason.BAD_INPUT: the handler of read: .*'no text for bad_input' {HERE}",
    ),
    "takes more than the price": (handling(create=charges_twice), "it costs 25 and took 50"),
    "crashes on a member of the wrong type": (
        handling(create=trusts_the_prompt),
        rf"create: POST /v1/jobs .* crashed: AttributeError: .* {HERE}",
    ),
    "crashes on a query": (handling(read=trusts_the_query), rf"read: GET .* ValueError.* {HERE}"),
    "crashes on a content type": (
        handling(create=trusts_the_type),
        rf"create: POST .*KeyError: 'text/plain' {HERE}",
    ),
    "crashes on a huge number": (
        handling(create=rounds_numbers),
        rf"create: POST .*cannot convert float infinity to integer {HERE}",
    ),
    "crashes on a header of every request": (
        replace(TOYCO, finish=lambda reply, call, decisions: echoed(call)),
        rf"create: POST .*'toyco-version': 'ÿ'.* crashed: ValueError: .* {HERE}",
    ),
    "says another word than it lists of a job that waits for a slot": (
        replace(TOYCO, awaiting_slot_state="queueing"),
        "Provider.awaiting_slot_state: no operation .* says 'queueing'",
    ),
    "has no reply for a detail of a failure": (
        replace(TOYCO, details=(*TOYCO.details, replace(TOYCO.details[0], name="voice", word="x"))),
        r"Provider.details: moderated:voice: the handler of read: .*KeyError: 'voice' \(tests/",
    ),
    "keeps a detail of a refusal to itself": (
        replace(TOYCO, details=(replace(TOYCO.details[2], word="rude"),)),
        "Provider.details: moderated:prompt: Provider.refuse does not say 'rude'",
    ),
    "says another word of a detail": (
        replace(TOYCO, details=(replace(TOYCO.details[0], word="rude"),)),
        "Provider.details: moderated:prompt: no operation .* says 'rude'",
    ),
    "misnames a detail": (
        replace(TOYCO, details=(replace(TOYCO.details[0], name="Bad words"),)),
        "Provider.details: moderated:Bad words: a name is lower case",
    ),
    "reads a coding that cannot be undone": (
        replace(TOYCO, reads=replace(TOYCO.reads, codings=("compress",))),
        "Provider.reads: {'compress'} cannot be undone",
    ),
    "makes jobs of nonsense": (handling(create=makes_jobs_of_nonsense), "made a job of nonsense"),
    "defaults to what is no choice": (
        replace(TOYCO, quirks=(replace(QUIRK, default="x"),)),
        "toyco.mood: 'x' is no choice",
    ),
    "names a quirk after another": (
        replace(TOYCO, quirks=(QUIRK, Quirk("zenith.x", 1))),
        "zenith.x names another provider",
    ),
    "has one quirk twice": (replace(TOYCO, quirks=(QUIRK, QUIRK)), "a name occurs twice"),
    "crashes under a quirk": (
        replace(
            TOYCO, slots=lambda quirks, submission: 1 // (quirks["toyco.mood"] == "fair") and None
        ),
        rf"toyco.mood=foul: .*ZeroDivisionError.* {HERE}",
    ),
    "leaves a quirk undescribed": (
        replace(TOYCO, standing=Standing),
        "standing.yaml does not describe mood",
    ),
    "describes a quirk it has not": (
        replace(TOYCO, quirks=()),
        "standing.yaml describes mood, which is no quirk",
    ),
    "mints keys that do not fit": (
        replace(TOYCO, mint_key=lambda draw: f"sk-{draw.text(8)}"),
        "does not fit toyco_",
    ),
    "mints the same key again": (
        replace(TOYCO, mint_key=lambda draw: f"toyco_{'0' * 32}"),
        "two draws gave the same key",
    ),
    "takes nothing for a key": (
        replace(TOYCO, key_shape=re.compile(".*")),
        "nothing at all is a well-formed key",
    ),
    "crashes without a key": (
        replace(TOYCO, credential=lambda call: (call.header(b"authorization") or "")[7:]),
        "a call without any header has a key",
    ),
    "names an operation twice": (
        replace(TOYCO, operations=(MAKES, READS, replace(READS, path="/v1/other"))),
        "a name occurs twice",
    ),
    "hides an operation behind another": (
        replace(
            TOYCO, operations=(MAKES, READS, replace(READS, name="x", path="/v1/jobs/some-id"))
        ),
        "GET /v1/jobs/some-id finds x, not read",
    ),
    "prints money it cannot read": (
        replace(TOYCO, currency=Currency("USD", 10_000, -1)),
        "decimals are negative",
    ),
    "lists no model": (replace(TOYCO, models=list), "no model is listed"),
    "rolls its own request ids": (
        replace(TOYCO, request_id=lambda draw, now_us: str(next(NUMBERS))),
        "the same draw gave two ids",
    ),
    "has an unknown gate": (replace(TOYCO, gates=("key", "mood")), "unknown gates"),
    "does not ask for the key first": (
        replace(TOYCO, gates=("rate", "key")),
        "whoever has no valid key learns nothing else",
    ),
} | {
    f"has no reply for {cause}": (
        replace(TOYCO, refuse=speechless(cause)),
        rf"Provider.refuse has no reply for Cause.{cause.name} .* {HERE}",
    )
    for cause in Cause
}


@pytest.mark.parametrize("flaw", FLAWED)
def test_the_suite_convicts_a_provider_that(flaw: str, tmp_path: Path) -> None:
    provider, sentence = FLAWED[flaw]
    told = complaint(provider, tmp_path)
    assert re.search(sentence, told), told


def versioned(call: Call, key: Key, operation: Operation) -> tuple[Window, ...]:
    if call.header(b"toyco-version") is None:
        raise Refused(Cause.INVALID, "version")
    return TOYCO.windows(call, key, operation)


async def test_hostile_calls_that_stop_at_a_gate_prove_nothing(tmp_path: Path) -> None:
    examples = examples_of(TOYCO, golden_exchanges(TOYCO, written(tmp_path)))
    undeclared = replace(TOYCO, required_headers=(), windows=versioned)
    await hostile_calls_are_refused(undeclared, examples)
    bare = tuple(replace(one, headers=()) for one in examples)
    await hostile_calls_are_refused(TOYCO, bare)
    with pytest.raises(AssertionError, match=r"create: no call reached its handler.* with 400"):
        await hostile_calls_are_refused(undeclared, bare)
