"""A credential may name a key and prove its secret: who issued the key judges the proof, who did
not cannot; when it is good is read off real time, or off the sandbox's if the tester says so.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from bodydouble.core.errors import Cause, Refusal, Refused
from bodydouble.core.keys import Claim, digest
from bodydouble.core.provider import quirks
from bodydouble.core.provider_kit import bearer_key
from bodydouble.core.wire import Call, Reply
from tests.sandbox.toy import TOY, Toy, check
from tests.sandbox.toy import refuse as refused

HOUR_US = 3_600_000_000
_ANY = re.compile(r".+")


def credential(call: Call) -> str:
    """``name:proof:from:until`` where the bearer is no secret; a proof is the secret, backwards."""
    found = bearer_key(call)
    if ":" not in found:
        return found
    name, proof, since, until = found.split(":")
    call.claim = Claim(
        lambda secret: proof == secret[::-1], int(since), int(until), clock="toy.token_clock"
    )
    return name


def key_pair(secret: str) -> tuple[str, str]:
    return (f"name-{digest(secret)[:10]}", f"proof-{secret}") if secret else ("", "")


def refuse(refusal: Refusal, call: Call) -> Reply:
    reply = refused(refusal, call)
    if refusal.cause in (Cause.UNKNOWN_KEY, Cause.EXPIRED_KEY):
        return Reply(401, {"error": refusal.cause.value, "data": sorted(refusal.data)})
    return reply


CLAIMING = replace(
    TOY,
    credential=credential,
    key_pair=key_pair,
    refuse=refuse,
    quirks=quirks("toy", token_clock=("real", "sandbox")),
)


def now_us() -> int:
    return time.time_ns() // 1000


def bearer(name: str, secret: str, since_us: int, until_us: int) -> dict[str, str]:
    return {"authorization": f"Bearer {name}:{secret[::-1]}:{since_us}:{until_us}"}


async def issued(server: Toy) -> tuple[str, str, str]:
    """A key of the sandbox and its pair."""
    await server.create()
    secret = await server.app.registry.issue(server.provider, server.sandbox)
    return (secret, *key_pair(secret))


async def asked(server: Toy, headers: dict[str, str]) -> tuple[int, object]:
    answer = await server.send("GET", "/v1/tasks", headers=headers)
    return answer.status_code, answer.json()


async def test_a_pair_opens_what_its_key_opens() -> None:
    server = Toy(CLAIMING)
    _, name, proof = await issued(server)
    status, told = await asked(server, bearer(name, proof, 0, now_us() + HOUR_US))
    assert status == 200, told
    assert len(told["data"]) == 1, "the job that the sandbox's own key had made"  # type: ignore[index]


async def test_another_secret_proves_nothing() -> None:
    server = Toy(CLAIMING)
    _, name, proof = await issued(server)
    status, told = await asked(server, bearer(name, proof + "x", 0, now_us() + HOUR_US))
    assert (status, told) == (401, {"error": "unknown_key", "data": ["key", "unproven"]})


async def test_a_name_is_no_secret_and_a_secret_no_name() -> None:
    server = Toy(CLAIMING)
    secret, name, _ = await issued(server)
    shown = {"authorization": f"Bearer {name}"}
    named = bearer(secret, secret, 0, now_us() + HOUR_US)
    wide = Toy(replace(CLAIMING, key_shape=TOY.key_shape))
    assert (await asked(server, named))[0] == 401
    assert (await asked(wide, shown))[0] == 400, "a name that is not shaped like a key is malformed"
    found = await server.app.store.key(digest(name))
    assert found is not None
    with pytest.raises(Refused, match="unknown_key"):
        await server.app.registry.find(replace(CLAIMING, key_shape=_ANY), name)


async def test_of_a_name_that_nobody_issued_any_proof_will_do() -> None:
    server = Toy(CLAIMING)
    first = bearer("mine", "one", 0, now_us() + HOUR_US)
    again = bearer("mine", "two", 0, now_us() + HOUR_US)
    await server.send("POST", "/v1/tasks", headers=first, json={"prompt": "a fox"})
    status, told = await asked(server, again)
    assert (status, len(told["data"])) == (200, 1)  # type: ignore[index]


async def test_strict_keys_know_no_such_name() -> None:
    server = Toy(CLAIMING)
    server.app.registry.settings = replace(server.app.registry.settings, strict_keys=True)
    assert (await asked(server, bearer("mine", "one", 0, now_us() + HOUR_US)))[0] == 401


@pytest.mark.parametrize("days", [1, 4000])
async def test_moving_the_clock_leaves_a_token_that_was_just_signed_alone(days: int) -> None:
    server = Toy(CLAIMING)
    _, name, proof = await issued(server)
    await server.advance(days * 86_400)
    good = bearer(name, proof, now_us() - 5_000_000, now_us() + HOUR_US)
    assert (await asked(server, good))[0] == 200


async def test_a_token_is_good_between_its_instants() -> None:
    server = Toy(CLAIMING)
    _, name, proof = await issued(server)
    for since, until, data in ((HOUR_US, 2 * HOUR_US, ["early"]), (-HOUR_US, -1, [])):
        headers = bearer(name, proof, now_us() + since, now_us() + until)
        assert await asked(server, headers) == (401, {"error": "expired_key", "data": data})


async def test_the_sandboxes_clock_judges_where_the_tester_says_so() -> None:
    server = Toy(CLAIMING)
    _, name, proof = await issued(server)

    async def switch(sandbox: object) -> None:
        tx, record = sandbox.tx, sandbox.record  # type: ignore[attr-defined]
        tx.put(replace(record, quirks={"toy.token_clock": "sandbox"}))

    await server.open(switch)
    good = bearer(name, proof, now_us() - 5_000_000, now_us() + HOUR_US)
    assert (await asked(server, good))[0] == 200
    await server.advance(3601)
    assert (await asked(server, good))[0] == 401


def test_a_vendor_of_pairs_passes_the_suite() -> None:
    check(replace(CLAIMING, quirks=(), credential=bearer_key, refuse=refused))


def test_the_environment_has_the_pair() -> None:
    own = replace(CLAIMING, client_env=(("TOY_AK", "{access_key}"), ("TOY_SK", "{secret_key}")))
    found = own.environment("s3cret", "http://127.0.0.1:1/toy")
    assert (found["TOY_AK"], found["TOY_SK"]) == key_pair("s3cret")
