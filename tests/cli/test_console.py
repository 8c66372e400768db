"""What a served bodydouble says on its console: where it is, and a line for each request."""

from __future__ import annotations

import io
import json
import logging
import signal
import subprocess
import sys
from typing import Any

import httpx
import pytest

from bodydouble.core.wire import Call, Reply
from bodydouble.providers import load
from bodydouble.web.app import Application
from bodydouble.web.pipeline.console import Console
from bodydouble.web.pipeline.context import RequestContext
from bodydouble.web.running.log_lines import Lines
from bodydouble.web.settings import Settings
from tests.cli.shell import BODYDOUBLE, START_S, serving
from tests.vendors.asking import asking

KEY = "sqk_live_console"
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "a video": ({}, "202  0.0700 USD  job_"),
    "a value that is none of those": ({"duration": 7}, "duration '7': choice, not one of 5, 10"),
    "a cue that cannot be read": ({"prompt": "x [[bodydouble: fial]]"}, "'fial' directs nothing"),
    "letters that steer a terminal": ({"model": "\x1b[2J"}, "'\\x1b[2J'"),
}


Capture = pytest.CaptureFixture[str]


async def lines(capsys: Capture, settings: Settings, *bodies: dict[str, Any]) -> list[str]:
    """What the console says of these orders."""
    way = asking("smartlyq")
    transport = httpx.ASGITransport(Application(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for body in bodies:
            order = {**way.body("a fox"), **body}
            await client.post(way.submit_path, json=order, headers=way.headers(KEY))
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize("case", CASES)
async def test_each_request_is_a_line_with_its_reason(capsys: Capture, case: str) -> None:
    body, said = CASES[case]
    (line,) = await lines(capsys, Settings(seed=1, log_format="text"), body)
    assert said in line
    assert line.isprintable()


async def test_as_json_each_line_is_an_object(capsys: Capture) -> None:
    settings = Settings(seed=1, log_format="json")
    told = [json.loads(line) for line in await lines(capsys, settings, {}, {"duration": 7})]
    assert [(one["status"], one["cost"]) for one in told] == [(202, "0.0700 USD"), (422, "")]
    assert told[0]["job"].startswith("job_")
    assert "duration" in told[1]["why"]


@pytest.mark.parametrize("format", ["text", "json"])
async def test_a_line_says_whom_it_was_answered_and_how(capsys: Capture, format: str) -> None:
    app = Application(Settings(seed=1, log_format=format))
    way, transport = asking("smartlyq"), httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/smartlyq/v1/me", headers=way.headers(KEY))
        refused = await client.get("/smartlyq/v1/me", headers=way.headers("sqk_live_\x7f"))
    good, bad = capsys.readouterr().err.splitlines()
    box = (await app.store.sandboxes())[0]
    assert answer.json()["meta"]["request_id"] in good
    assert refused.json()["meta"]["request_id"] in bad
    assert box in good
    assert "refused" in bad
    if format == "json":
        told = json.loads(good)
        assert told["decision"] == "answered"
        assert told["sandbox"] == box
        assert told["took_ms"] > 0


@pytest.mark.parametrize("as_json", [False, True])
def test_no_message_forges_a_line_or_steers_a_terminal(as_json: bool) -> None:
    token, text = "hunter2-hunter2", "told\nERROR root: forged\x1b[2J\u202e hunter2-hunter2"
    try:
        raise ValueError(text)
    except ValueError:
        record = logging.LogRecord("x", 40, "", 0, "%s", (text,), sys.exc_info())
    said = Lines(as_json=as_json, secrets=(token,)).format(record)
    first, *rest = said.split("\n")
    assert all(line.startswith("  | ") for line in rest)
    assert (rest == []) is as_json
    assert all(line.isprintable() for line in (first, *rest))
    assert token not in said
    assert "forged" in said


async def test_a_receiver_in_the_containers_host_is_explained(capsys: Capture) -> None:
    transport = httpx.ASGITransport(Application(Settings(seed=1, log_format="text")))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        body = {"url": "http://host.docker.internal:9/x", "events": ["job.completed"]}
        headers = {"authorization": f"Bearer {KEY}"}
        await client.post("/smartlyq/v1/webhooks", json=body, headers=headers)
        await client.get("/smartlyq/v1/me", headers={"authorization": "Bearer nonsense"})
    refused, keyless = capsys.readouterr().err.splitlines()
    assert "--webhook-allow host.docker.internal" in refused
    assert "401" in keyless
    assert "malformed_key" in keyless


async def test_what_never_gets_as_far_as_a_sandbox_is_a_line_with_its_reason(
    capsys: Capture,
) -> None:
    transport = httpx.ASGITransport(Application(Settings(seed=1, log_format="text")))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        await client.get("/smartlyq/v1/v1/me")
        headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
        body = b"x" * (17 * 1024 * 1024)
        await client.post("/smartlyq/v1/videos/generate", content=body, headers=headers)
    lost, large = capsys.readouterr().err.splitlines()
    assert "the nearest is GET /v1/me" in lost
    assert "413" in large
    assert "too_large" in large


async def test_without_the_option_nothing_is_said(capsys: Capture) -> None:
    assert await lines(capsys, Settings(seed=1), {}, {"duration": 7}) == []


def test_a_console_that_nobody_reads_costs_no_request() -> None:
    stream = io.StringIO()
    stream.close()
    call = Call("GET", "/v1/me")
    Console(stream)(load("smartlyq"), RequestContext(call), Reply(200), 0)


def test_addresses_work_when_pasted_and_quirks_add_up() -> None:
    first, second = "smartlyq.balance_low=2.5000", "smartlyq.rate_tiers=true"
    with serving("--quirk", first, "--quirk", second, "--hints") as told:
        made = httpx.post(f"{told['url']}/_bodydouble/sandboxes", json={}, timeout=START_S).json()
        assert [*made["quirks"].values()] == ["2.5000", True]
        assert made["hints"] is True
        me = httpx.get(
            f"{told['vendors']['smartlyq']}/me",
            headers={"authorization": f"Bearer {made['keys']['smartlyq']}"},
            timeout=START_S,
        )
        assert me.status_code == 200


@pytest.mark.parametrize(
    ("words", "keys"),
    [((), "any well-formed key opens"), (("--strict-keys",), "`bodydouble sandbox create`")],
)
def test_the_start_says_where_the_page_is_and_what_opens_a_sandbox(
    words: tuple[str, ...], keys: str
) -> None:
    command = [BODYDOUBLE, "serve", "--port", "0", "--quiet", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        said: list[str] = []
        while not said or "ctrl-c" not in said[-1]:
            said.append(process.stdout.readline())
        assert keys in said[-1]
        (page,) = [line.split()[1] for line in said if line.startswith("  page ")]
        assert "base URL" in httpx.get(page, timeout=START_S).text
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=START_S)
    with serving("--quiet") as told:
        assert told["page"] == f"{told['url']}/_bodydouble/"
