"""The shell reaches the whole control plane, and follows the log; a shell can complete it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bodydouble.cli import OURS
from bodydouble.client import Control
from bodydouble.data import openapi_dir
from tests.cli.shell import BODYDOUBLE, START_S, called, serving

ORDER = {"model": "kling-v2-1", "type": "text_to_video", "prompt": "a \x1b[31mcurtain rises"}
# Reached otherwise: `bodydouble providers` lists the vendors, and needs no server for it; a page is
# told that something changed, a shell follows the log; a judge's report is its own command's;
# metrics are Prometheus's to read, and wanted by nobody else.
EXCUSED = {"listProviders", "getChanges", "getReport", "putReport", "getMetrics"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("--quiet") as told:
        yield told["url"]


class Box:
    """A sandbox, and the commands that are given about it."""

    def __init__(self, url: str) -> None:
        self.url = url
        made = json.loads(called("sandbox", "create", "--rate", "0", "--json", "--url", url).stdout)
        self.id, self.keys = made["id"], made["keys"]
        self.named = ("--sandbox", self.id, "--url", url)

    def __call__(self, *words: str, code: int = 0) -> str:
        done = called(*words, *self.named)
        assert done.exit_code == code, (words, done.stdout, done.stderr)
        return done.stdout

    def rows(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.keys['smartlyq']}"}
        address = f"{self.url}/smartlyq/v1{path}"
        return httpx.request(method, address, headers=headers, timeout=START_S, **more)

    def order(self) -> str:
        return str(self.ask("POST", "/videos/generate", json=ORDER).json()["data"]["job_uid"])


@pytest.fixture
def box(url: str) -> Box:
    return Box(url)


def operations() -> dict[str, tuple[str, re.Pattern[str]]]:
    document = yaml.safe_load((openapi_dir() / "control.yaml").read_text("utf-8"))
    return {
        one["operationId"]: (method.upper(), re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)))
        for path, item in document["paths"].items()
        for method, one in item.items()
        if isinstance(one, dict) and "operationId" in one
    }


def direct(box: Box) -> None:
    first, second, third = box.order(), box.order(), box.order()
    assert first in box("sandbox", "show")
    assert f"{first}  smartlyq  queued" in box("jobs", "list", "--state", "queued")
    assert "timeline" in box("jobs", "show", first)
    assert "succeeded" in box("jobs", "finish", first)
    assert "failed (moderated)" in box("jobs", "fail", second, "moderated")
    assert "refunded" in box("jobs", "list", "--provider", "smartlyq")
    assert third in box("jobs", "stall", third)
    fourth = box.order()
    assert "canceled" in box("jobs", "cancel", fourth)
    assert "in force: normal" in box("sandbox", "scenario")
    assert box("sandbox", "scenario", "flaky") == "from now on: flaky\n"
    assert "rate 0" in box("clock", "show")
    assert first in box("clock", "due")
    assert "rate 0" in box("clock", "advance", "90s")


def trouble(box: Box) -> None:
    account = "smartlyq/main"
    assert account in box("accounts", "list")
    assert "9.00 " not in box("accounts", "show", account)
    assert "charge" in box("accounts", "entries", account)
    assert "9.0000 USD" in box("accounts", "set", account, "9.00")
    assert "10.0000 USD" in box("accounts", "top-up", account, "1.00")
    assert box("keys", "add", "smartlyq", "--revoked").startswith("sqk_")
    told = box("keys", "list")
    assert re.search(r"smartlyq/main +every scope +revoked", told)
    assert box.keys["smartlyq"] not in told
    assert box("faults", "add", "drop", "--times", "2") == "fault f1: drop at delivery\n"
    assert "2 left" in box("faults", "list")
    assert "f1" in box("faults", "show", "f1")
    assert box("faults", "remove", "f1") == box("faults", "list") == ""
    box("faults", "clear")
    hook = {"url": "https://receiver.invalid/x", "events": ["job.completed"]}
    assert box.ask("POST", "/webhooks", json=hook).status_code == 201
    box("jobs", "finish", box.order())
    assert "https://receiver.invalid/x" in box("deliveries", "webhooks")
    delivery = box.rows("deliveries", "list")[0]["id"]
    assert "job.completed" in box("deliveries", "show", delivery)
    box("clock", "advance", "20d")
    assert delivery in box("deliveries", "retry", delivery)


def read_and_copy(box: Box, folder: Path) -> None:
    assert "POST /v1/videos/generate" in box("requests", "list", "--operation", "generateVideo")
    assert "generate" in box("requests", "list", "--decision", "answered")
    assert box("requests", "list", "--decision", "limit") == ""
    assert "one of answered, fault" in called("logs", "--decision", "luck", *box.named).stderr
    assert "\x1b" not in box("requests", "show", "1")
    assert box("requests", "curl", "1").startswith("curl ")
    assert "def test_" in box("requests", "test", "1")
    assert set(json.loads(box("requests", "rule", "1"))) == {"fault", "rule"}
    assert json.loads(box("requests", "har"))["log"]["version"] == "1.2"
    assert box("requests", "verify", "--operation", "createWebhook") == "came 1 times\n"
    box("requests", "verify", "--operation", "createWebhook", "--times", "3", code=1)
    assert "USD" in box("sandbox", "receipt")
    box("sandbox", "lint")
    saved = box("snapshots", "save", "--name", "before").strip()
    assert f"{saved}  " in box("snapshots", "list")
    assert box("snapshots", "compare", saved) == "nothing differs\n"
    box("accounts", "set", "smartlyq/main", "3.00")
    assert "smartlyq/main  " in box("snapshots", "compare", saved)
    box("snapshots", "restore", saved)
    box("snapshots", "delete", saved)
    kept = folder / "box.json"
    kept.write_text(box("sandbox", "export"))
    assert called("sandbox", "import", str(kept), "--url", box.url).stdout.startswith("sandbox ")
    assert box("sandbox", "fork", "--label", "copy").startswith("sandbox ")
    box("sandbox", "delete")
    box("sandbox", "show", code=1)


def test_every_verb_of_the_control_plane_has_a_command(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: set[tuple[str, str]] = set()
    ask = Control.ask

    def noted(self: Control, method: str, path: str, *rest: Any, **more: Any) -> Any:
        asked.add((method, path))
        return ask(self, method, path, *rest, **more)

    monkeypatch.setattr(Control, "ask", noted)
    box = Box(url)
    assert called("sandbox", "health", "--url", url).exit_code == 0
    assert called("sandbox", "live", "--url", url).stdout == "live\n"
    assert called("sandbox", "ready", "--url", url).stdout == "ready\n"
    assert box.id in called("sandbox", "list", "--url", url).stdout
    direct(box)
    trouble(box)
    read_and_copy(box, tmp_path)
    reached = {
        name
        for name, (method, path) in operations().items()
        if any(method == verb and path.fullmatch(at) for verb, at in asked)
    }
    assert reached == operations().keys() - EXCUSED


def test_a_sandbox_of_the_shell_has_the_clock_that_one_of_the_api_has(url: str) -> None:
    made = json.loads(called("sandbox", "create", "--json", "--url", url).stdout)
    other = httpx.post(f"{url}/_bodydouble/sandboxes", json={}, timeout=START_S).json()
    assert made["clock"]["rate"] == other["clock"]["rate"] == 1


def test_the_log_is_followed_until_it_is_interrupted(box: Box) -> None:
    box.ask("GET", "/me")
    words = [BODYDOUBLE, "logs", "--follow", *box.named]
    following = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert following.stdout is not None
    try:
        assert "GET /v1/me  200" in following.stdout.readline()
        box.order()
        assert "POST /v1/videos/generate  202" in following.stdout.readline()
        box.ask("GET", "/jobs/unknown")
        assert "GET /v1/jobs/unknown  404" in following.stdout.readline()
    finally:
        following.send_signal(signal.SIGINT)
        rest = following.communicate(timeout=START_S)
    assert (following.returncode, *rest) == (0, "", "")


def test_the_log_shows_as_much_as_was_asked_for_and_objects_for_programs(box: Box) -> None:
    for _ in range(3):
        box.ask("GET", "/me")
    assert len(box("logs").splitlines()) == 3
    assert len(box("logs", "--lines", "2").splitlines()) == 2
    assert box("logs", "--lines", "0") == ""
    told = [json.loads(line) for line in box("logs", "--json").splitlines()]
    assert [one["serial"] for one in told] == [1, 2, 3]


def test_waiting_for_a_request_ends_with_it_or_with_its_time(box: Box) -> None:
    path = f"{box.url}/_bodydouble/sandboxes/{box.id}/requests"
    assert httpx.get(path, params={"wait_s": 0}).json()["total"] == 0
    assert httpx.get(path, params={"wait_s": 31}).status_code == 422
    with Control(box.url) as control:
        box.ask("GET", "/me")
        assert [row["serial"] for row in control.requests(box.id, since=0, wait_s=30)] == [1]


def test_what_is_missing_is_said_in_one_sentence(url: str, tmp_path: Path) -> None:
    for words in (("jobs", "list"), ("logs",), ("faults", "clear")):
        told = called(*words, "--url", url)
        assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
        assert "which sandbox?" in told.stderr
    junk = tmp_path / "junk"
    junk.write_text("not what was exported")
    assert "no JSON" in called("sandbox", "import", str(junk), "--url", url).stderr


def test_a_shell_completes_commands_and_what_they_take() -> None:
    # Which shell it is for is told by the process that started it, whatever started the tests.
    typed = ["bash", "-c", f"'{BODYDOUBLE}' --show-completion; exit"]
    script = subprocess.run(typed, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "_BODYDOUBLE_COMPLETE=complete_bash" in script

    def completed(words: str) -> set[str]:
        asked = f"{script}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
        asked += "_bodydouble_completion bodydouble; printf '%s\\n' \"${COMPREPLY[@]}\""
        path = f"{Path(BODYDOUBLE).parent}:{os.environ['PATH']}"
        shell = subprocess.run(
            ["bash", "-c", asked],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            env={**os.environ, "PATH": path},
        )
        return set(shell.stdout.split())

    assert completed("bodydouble ''") >= {*OURS, "contracts", "record"}
    assert completed("bodydouble fa") == {"faults"}
    assert completed("bodydouble jobs ''") == {
        *("list", "show", "finish", "fail", "stall", "cancel")
    }
    assert "--follow" in completed("bodydouble logs --f")
