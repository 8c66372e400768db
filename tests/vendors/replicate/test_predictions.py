"""Replicate where no official client looks: deadlines, waits, events, money, limits, files."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bodydouble.testing import Emulator, Sandbox

MODEL = "/v1/models/bytedance/seedance-1-pro/predictions"
INPUT = {"prompt": "a paper boat", "duration": 2, "resolution": "480p"}
PNG = ("a.png", b"\x89PNG\r\n\x1a\n", "image/png")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as running:
        yield running


@pytest.fixture
def sandbox(emulator: Emulator) -> Iterator[Sandbox]:
    with emulator.sandbox(seed=1, rate=0) as made:
        yield made


def client(sandbox: Sandbox) -> httpx.Client:
    root = sandbox.vendor("replicate").base_url.removesuffix("/v1")
    key = {"authorization": f"Bearer {sandbox.keys['replicate']}"}
    return httpx.Client(base_url=root, headers=key, timeout=60)


def make(
    asked: httpx.Client,
    prompt: str = "a paper boat",
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Any:
    body = {"input": {**INPUT, "prompt": prompt}, **more}
    answer = asked.post(MODEL, json=body, headers=headers or {})
    assert answer.status_code in (201, 202), answer.text
    return answer.json()


def read(asked: httpx.Client, made: Any) -> Any:
    return asked.get(f"/v1/predictions/{made['id']}").json()


def balance(sandbox: Sandbox) -> str:
    return str(sandbox.accounts.get("replicate/main")["balance"])


def test_a_deadline_aborts_what_waits_and_cancels_what_runs_and_only_that_is_charged(
    sandbox: Sandbox,
) -> None:
    with client(sandbox) as asked:
        waits = make(asked, "x [[bodydouble: wait=60s]]", {"Cancel-After": "30s"})
        sandbox.clock.advance("29s")
        assert read(asked, waits)["status"] == "starting"
        sandbox.clock.advance("1s")
        told = read(asked, waits)
        assert (told["status"], told["started_at"]) == ("aborted", None)
        assert "predict_time" not in told["metrics"]
        assert balance(sandbox) == "50.0000"
        runs = make(asked, "x [[bodydouble: wait=1s run=60s]]", {"Cancel-After": "30s"})
        sandbox.clock.advance("30s")
        told = read(asked, runs)
        assert (told["status"], told["metrics"]["predict_time"]) == ("canceled", 29.0)
        assert balance(sandbox) == "49.9400"


@pytest.mark.parametrize("text", ["", "soon", "4s", "25h", "-1s", "1e3s"])
def test_a_deadline_that_is_none_is_refused_and_costs_nothing(sandbox: Sandbox, text: str) -> None:
    with client(sandbox) as asked:
        answer = asked.post(MODEL, json={"input": INPUT}, headers={"Cancel-After": text})
        assert answer.status_code == 422
        assert answer.json()["invalid_fields"][0]["field"] == "Cancel-After"
    assert balance(sandbox) == "50.0000"


def test_a_request_that_waits_is_answered_when_the_prediction_is_over(sandbox: Sandbox) -> None:
    sandbox.clock.flow(0.001)
    got: list[httpx.Response] = []
    with client(sandbox) as asked:

        def held() -> None:
            body = {"input": INPUT}
            got.append(asked.post(MODEL, json=body, headers={"Prefer": "wait"}))

        thread = threading.Thread(target=held)
        thread.start()
        while not (listed := asked.get("/v1/predictions").json()["results"]):
            assert thread.is_alive()
        assert listed[0]["status"] == "starting"
        sandbox.clock.advance("2m")
        thread.join()
        (answer,) = got
        assert (answer.status_code, answer.json()["status"]) == (201, "succeeded")
        assert answer.headers["location"] == answer.json()["urls"]["get"]


def test_one_that_runs_is_starting_to_whoever_waited_in_vain(sandbox: Sandbox) -> None:
    sandbox.clock.flow(1000)
    with client(sandbox) as asked:
        body = {"input": {**INPUT, "prompt": "x [[bodydouble: wait=1s run=10m]]"}}
        answer = asked.post(MODEL, json=body, headers={"Prefer": "wait=30"})
        assert (answer.status_code, answer.json()["status"]) == (202, "starting")
        assert read(asked, answer.json())["status"] in ("processing", "succeeded")


def test_events_are_those_asked_for_and_the_last_one_is_tried_again(sandbox: Sandbox) -> None:
    inbox = sandbox.webhooks
    with client(sandbox) as asked:
        inbox.trust("replicate", asked.get("/v1/webhooks/default/secret").json()["key"])
        inbox.answers = (500,)
        for chosen in (["start", "output", "logs", "completed"], None, ["start"]):
            more: dict[str, Any] = {} if chosen is None else {"webhook_events_filter": chosen}
            inbox.received.clear()
            make(asked, webhook=inbox.url, **more)
            sandbox.clock.advance("5m")
            inbox.settle()
            told = [(one.json["status"], bool(one.json["output"])) for one in inbox.received]
            assert all(one.verified for one in inbox.received)
            ids = {one.headers["webhook-id"] for one in inbox.received}
            end, output = ("succeeded", True), ("processing", True)
            if chosen == ["start"]:
                assert told == [("processing", False)]
            elif chosen is None:
                assert told == [output, *[end] * 6]
                assert len(ids) == 2
            else:
                assert told == [*[("processing", False)] * 3, output, *[end] * 6]


def test_an_old_clients_completed_address_hears_of_the_end_alone(sandbox: Sandbox) -> None:
    inbox = sandbox.webhooks
    with client(sandbox) as asked:
        make(asked, webhook_completed=inbox.url)
        sandbox.clock.advance("5m")
        inbox.settle()
        assert [one.json["status"] for one in inbox.received] == ["succeeded"]


@pytest.mark.parametrize("url", ["nowhere", "ftp://example.com/x", "javascript:alert(1)", ""])
def test_an_address_that_cannot_be_told_is_refused(sandbox: Sandbox, url: str) -> None:
    with client(sandbox) as asked:
        answer = asked.post(MODEL, json={"input": INPUT, "webhook": url})
        assert (answer.status_code, answer.json()["invalid_fields"][0]["field"]) == (422, "webhook")


def test_low_credit_tightens_the_limit_and_none_is_told_so(sandbox: Sandbox) -> None:
    with client(sandbox) as asked:
        sandbox.accounts.set_balance("replicate/main", "4.0000")
        make(asked)
        second = asked.post(MODEL, json={"input": INPUT})
        assert (second.status_code, second.headers["retry-after"]) == (429, "10")
        assert "less than $5.0 in credit" in second.json()["detail"]
        sandbox.accounts.set_balance("replicate/main", "0")
        for _ in range(2):
            assert asked.post(MODEL, json={"input": INPUT}).status_code == 402


def test_the_older_word_before_a_token_is_taken(sandbox: Sandbox) -> None:
    with client(sandbox) as asked:
        header = {"authorization": f"Token {sandbox.keys['replicate']}"}
        assert asked.get("/v1/account", headers=header).status_code == 200


@pytest.mark.parametrize(
    ("files", "data"),
    [
        ({}, {"x": "y"}),
        ({"content": b"abc"}, {"metadata": "[1]"}),
        ({"content": b"abc"}, {"metadata": "{"}),
    ],
)
def test_a_form_that_holds_no_file_is_refused(sandbox: Sandbox, files: Any, data: Any) -> None:
    with client(sandbox) as asked:
        parts = {name: (name, value) for name, value in (files or {"other": b"x"}).items()}
        answer = asked.post("/v1/files", files=parts, data=data)
        assert answer.status_code == 422, answer.text
        assert asked.get("/v1/files").json()["results"] == []


def test_a_file_that_is_gone_is_no_input(sandbox: Sandbox) -> None:
    with client(sandbox) as asked:
        made = asked.post("/v1/files", files={"content": PNG}).json()
        given = {"input": {**INPUT, "image": made["urls"]["get"]}}
        assert asked.post(MODEL, json=given).status_code == 201
        sandbox.clock.advance("25h")
        assert asked.get(f"/v1/files/{made['id']}").status_code == 404
        answer = asked.post(MODEL, json=given)
        assert answer.json()["invalid_fields"][0]["field"] == "input.image"


@pytest.mark.parametrize("prefer", ["", "AAA", "respond-async", "wait=many", "weight=3; x"])
def test_a_preference_that_nobody_knows_is_passed_over(sandbox: Sandbox, prefer: str) -> None:
    with client(sandbox) as asked:
        answer = asked.post(MODEL, json={"input": INPUT}, headers={"Prefer": prefer})
        assert (answer.status_code, answer.json()["status"]) == (201, "starting")


def test_an_empty_cursor_is_that_of_the_first_page_and_one_of_nobodys_is_refused(
    sandbox: Sandbox,
) -> None:
    with client(sandbox) as asked:
        make(asked)
        first = asked.get("/v1/predictions").json()
        assert asked.get("/v1/predictions?cursor=").json() == first
        assert len(first["results"]) == 1
        refused = asked.get("/v1/predictions?cursor=0")
        assert (refused.status_code, refused.json()["detail"]) == (400, "Invalid cursor")
