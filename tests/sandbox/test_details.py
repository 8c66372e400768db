"""A vendor's own kinds of failure and refusal: asked for by cue, rule, fault and control plane."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bodydouble.core.details import Detail
from bodydouble.core.errors import Cause
from bodydouble.core.reasons import Reason
from tests.sandbox.toy import DETAILS, TOY, Toy, check


async def ended(toy: Toy, id: str) -> dict[str, Any]:
    """What the vendor says of a job once it is over."""
    await toy.advance(100)
    answer: dict[str, Any] = (await toy.send("GET", f"/v1/tasks/{id}")).json()
    return answer


@pytest.mark.parametrize(
    ("cue", "said", "left"),
    [
        ("fail=moderated:output", "SAFETY.OUTPUT", 1000),
        ("fail=moderated:input after=5s", "SAFETY.INPUT", 990),
        ("fail=moderated", "SAFETY.INPUT", 990),
        ("fail=provider_error:third-party", "THIRD_PARTY", 1000),
        ("fail=timeout", "INTERNAL", 1000),
    ],
)
async def test_a_cue_asks_for_one_and_the_first_is_meant_where_it_asks_for_none(
    cue: str, said: str, left: int
) -> None:
    toy = Toy()
    id = await toy.create(prompt=f"a fox [[bodydouble: {cue}]]")
    body = await ended(toy, id)
    assert (body["status"], body["failure"]) == ("FAILED", said)
    assert await toy.balance() == left


async def test_a_cue_refuses_with_one() -> None:
    toy = Toy()
    for cue in ("refuse=moderated:names", "refuse=moderated"):
        prompt = f"a fox [[bodydouble: {cue}]]"
        answer = await toy.send("POST", "/v1/tasks", json={"prompt": prompt})
        assert (answer.status_code, answer.json()["code"]) == (400, "moderation.names")


@pytest.mark.parametrize(
    "cue",
    [
        "fail=moderated:names",
        "fail=timeout:input",
        "refuse=moderated:input",
        "refuse=funds:x",
        "fail=moderated:",
        "fail=moderated:Input",
        "fail=:input",
    ],
)
async def test_a_cue_for_a_detail_the_vendor_does_not_tell_is_refused(cue: str) -> None:
    toy = Toy()
    prompt = f"a fox [[bodydouble: {cue}]]"
    answer = await toy.send("POST", "/v1/tasks", json={"prompt": prompt})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("prompt: ")


async def control(toy: Toy, method: str, path: str, body: Any) -> Any:
    """One request to the control plane, below the toy's sandbox."""
    address = f"http://localhost/_bodydouble/sandboxes/{toy.sandbox}{path}"
    return await toy.client.request(method, address, json=body)


async def test_a_rule_asks_for_one() -> None:
    toy = Toy()
    await toy.send("GET", "/v1/tasks/x")
    rules = [
        {"when": {"model": "b"}, "then": {"refuse": "moderated:names"}},
        {"when": {"provider": "toy"}, "then": {"fail": "moderated:output"}},
    ]
    answer = await control(toy, "PUT", "/scenario", {"name": "normal", "rules": rules})
    assert answer.status_code == 200, answer.text
    refused = await toy.send("POST", "/v1/tasks", json={"prompt": "x", "model": "b"})
    assert refused.json()["code"] == "moderation.names"
    assert (await ended(toy, await toy.create()))["failure"] == "SAFETY.OUTPUT"


@pytest.mark.parametrize(
    "rule",
    [
        {"then": {"fail": "moderated:nothing"}},
        {"when": {"provider": "toy"}, "then": {"refuse": "funds:input"}},
        {"when": {"provider": "nobody"}, "then": {"fail": "moderated:input"}},
        {"then": {"fail": "moderated:In put"}},
        {"then": {"fault": {"point": "arrival", "kind": "status", "status": 400, "detail": "x"}}},
    ],
)
async def test_a_rule_that_asks_for_what_nobody_tells_is_refused(rule: Any) -> None:
    toy = Toy()
    await toy.send("GET", "/v1/tasks/x")
    answer = await control(toy, "PUT", "/scenario", {"name": "normal", "rules": [rule]})
    assert answer.status_code == 422, answer.text


async def test_a_fault_refuses_with_one_and_without_where_the_vendor_tells_none_such() -> None:
    toy = Toy()
    await toy.send("GET", "/v1/tasks/x")
    for detail in ("names", "others"):
        fault = {"point": "arrival", "kind": "status", "cause": "moderated", "detail": detail}
        answer = await control(toy, "POST", "/faults", {**fault, "times": 1})
        assert (answer.status_code, answer.json()["detail"]) == (201, detail)
        refused = await toy.send("GET", "/v1/tasks/x")
        assert refused.json()["code"] == "moderation.names"


async def test_the_control_plane_fails_a_job_with_one_and_shows_it() -> None:
    toy = Toy()
    id = await toy.create()
    answer = await control(toy, "PATCH", f"/jobs/{id}", {"fail": "moderated:nothing"})
    assert answer.status_code == 409
    assert "input, output" in answer.text
    answer = await control(toy, "PATCH", f"/jobs/{id}", {"fail": "moderated:output"})
    assert (answer.json()["reason"], answer.json()["detail"]) == ("moderated", "output")
    assert (await ended(toy, id))["failure"] == "SAFETY.OUTPUT"
    answer = await control(toy, "PATCH", f"/jobs/{id}", {"fail": "moderated:"})
    assert answer.status_code == 422


def test_the_suite_asks_for_a_word_of_each() -> None:
    check(TOY)
    for wrong, sentence in {
        Detail(Reason.MODERATED, "style", "SAFETY.STYLE", "about"): "says 'SAFETY.STYLE'",
        Detail(Cause.MODERATED, "style", "moderation.style", "about"): "does not say",
        Detail(Cause.NOT_FOUND, "gone", "gone", "about"): "on cue",
        Detail(Reason.TIMEOUT, "Late", "late", "about"): "lower case",
        Detail(Reason.TIMEOUT, "late", "", "about"): "has no word",
        Detail(Reason.TIMEOUT, "late", "late", ""): "not explained",
        DETAILS[0]: "twice",
    }.items():
        with pytest.raises(AssertionError, match=sentence):
            check(replace(TOY, details=(*DETAILS, wrong)))
