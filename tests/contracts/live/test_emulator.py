"""The live path from the command line, with the emulator on loopback as if it were the vendor."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from bodydouble_contracts.live.passage import balance_of
from bodydouble_contracts.live.spending import dearest
from bodydouble_contracts.vendors.reader import load, names

pytest.importorskip("bodydouble", reason="the emulator is not installed beside the judge")
# What the plan itself says is enough, where the vendor publishes prices.
ENOUGH = re.compile(r"the budget that lets all of it run: (\S+)")


@dataclass
class Server:
    """One emulator process and a sandbox per vendor in it."""

    url: str
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    boxes: dict[str, str] = field(default_factory=dict)
    starting_balance: dict[str, str] = field(default_factory=dict)

    def open(self, vendor: str) -> None:
        judged = load(vendor).section("control").get("sandbox", {}).get("quirks", {})
        box = self.ask("POST", "/sandboxes", {"seed": 1, "quirks": judged})
        self.boxes[vendor] = box["id"]
        path, keys = f"/sandboxes/{box['id']}/keys", {}
        main = self.ask("GET", f"/sandboxes/{box['id']}/accounts/{vendor}/main")
        self.starting_balance[vendor] = main["balance"]
        for role, balance in {"main": None, "empty": "0", "other": main["balance"]}.items():
            spec: dict[str, Any] = {"provider": vendor, "account": role, "balance": balance}
            keys[role] = self.ask("POST", path, {**spec, "rate_limit": 100_000})["key"]
        self.keys[vendor] = keys

    def budget(self, vendor: str, planned: str) -> Decimal:
        """What a plan says is enough; all there is where no price is published."""
        enough = ENOUGH.search(planned)
        whole = Decimal(self.starting_balance[vendor]) * scale(vendor)
        return Decimal(enough[1]) if enough else whole

    def ask(self, method: str, path: str, data: Any = None) -> Any:
        reply = httpx.request(method, f"{self.url}/_bodydouble{path}", json=data, trust_env=False)
        assert reply.status_code < 300, reply.text
        return reply.json()

    def balance(self, vendor: str) -> Decimal:
        """What the emulator says the three accounts hold, in the vendor's money."""
        found = self.ask("GET", f"/sandboxes/{self.boxes[vendor]}/accounts")
        rows = found.get("accounts", found) if isinstance(found, dict) else found
        return sum(
            (Decimal(str(r["balance"])) for r in rows if r["provider"] == vendor), Decimal(0)
        )


def scale(vendor: str) -> Decimal:
    """How many of the vendor's own units make one of the emulator's account."""
    return Decimal(str(load(vendor).section("control").get("times", 1)))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    command = [sys.executable, "-c", "from bodydouble.cli import main; main()", "serve"]
    options = ["--port", "0", "--json", "--strict-keys", "--speed", "1000", "--seed", "1"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        made = Server(json.loads(process.stdout.readline())["url"])
        yield made
    finally:
        process.terminate()
        process.wait(10)


def environment(server: Server, vendor: str, folder: Path) -> dict[str, str]:
    roles = load(vendor).roles
    keys = {roles[name].env: key for name, key in server.keys[vendor].items()}
    return {**os.environ, **keys, "BODYDOUBLE_JOURNAL": str(folder / "journal.jsonl")}


def judge(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-c",
        "from bodydouble_contracts.cli.app import main; main()",
        *words,
    ]
    return subprocess.run(
        command, capture_output=True, check=False, text=True, env=env, timeout=120
    )


def live(
    server: Server, vendor: str, folder: Path, *more: str, budget: str = ""
) -> subprocess.CompletedProcess[str]:
    plan = folder / "plan.json"
    planned = judge("plan", vendor, "--out", str(plan), "--pace-ms", "0", "--poll-ms", "20")
    most = budget or str(server.budget(vendor, planned.stdout))
    words = ["run", "--live", vendor, "--budget", most, "--plan", str(plan)]
    words += ["--upstream", f"{server.url}/{vendor}", "--cassette", str(folder / "c.jsonl"), *more]
    return judge(*words, env=environment(server, vendor, folder))


@pytest.mark.parametrize(
    "vendor",
    [
        *names()[:2],
        *(pytest.param(one, marks=pytest.mark.nightly) for one in names()[2:]),
    ],
)
def test_a_live_run_holds_and_costs_no_more_than_its_budget(
    server: Server, tmp_path: Path, vendor: str
) -> None:
    server.open(vendor)
    before = 2 * Decimal(
        server.starting_balance[vendor]
    )  # main and other; the third account is empty
    done = live(server, vendor, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    profile, planned = load(vendor), judge("plan", vendor).stdout
    shown = balance_of(profile) is not None
    bought = "whatever may cost money is left out" not in planned
    # What was not looked at is never called agreement.
    assert ("agrees" in done.stdout) is shown
    assert ("balance not read" in done.stdout) is (bought and not shown)
    assert bought or (not shown and dearest(profile) is None)
    assert "failing 0" in done.stdout
    spent = before - server.balance(vendor)
    most = server.budget(vendor, planned)
    assert spent * scale(vendor) <= most
    assert (spent > 0) is bought
    text = (tmp_path / "c.jsonl").read_text() + done.stdout + done.stderr
    assert not [k for k in server.keys[vendor].values() if k in text]
    again = judge("rejudge", str(tmp_path / "c.jsonl"))
    assert again.returncode == 0, again.stdout + again.stderr


def test_a_budget_too_small_buys_nothing_and_exits_with_4(server: Server, tmp_path: Path) -> None:
    server.open("smartlyq")
    done = live(server, "smartlyq", tmp_path, budget="0.0700")
    assert done.returncode == 4
    assert re.search(r"at worst \S+ would be gone, and the request may cost 0.0700", done.stdout)
    assert server.balance("smartlyq") == 2 * Decimal(server.starting_balance["smartlyq"])


def test_ctrl_c_settles_before_it_ends(server: Server, tmp_path: Path) -> None:
    server.open("smartlyq")
    # A job that never ends: on a slow machine a quick one would be over before the first poll.
    server.ask("PUT", f"/sandboxes/{server.boxes['smartlyq']}/scenario", {"name": "stuck"})
    plan = tmp_path / "plan.json"
    judge("plan", "smartlyq", "--out", str(plan), "--pace-ms", "0", "--poll-ms", "60000")
    data = json.loads(plan.read_text())
    data["steps"] = [s for s in data["steps"] if s["tier"] == "2"]
    plan.write_text(json.dumps(data))
    words = ["run", "--live", "smartlyq", "--budget", "2.00", "--plan", str(plan)]
    words += ["--upstream", f"{server.url}/smartlyq", "--cassette", str(tmp_path / "c.jsonl")]
    program = "from bodydouble_contracts.cli.app import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        env=environment(server, "smartlyq", tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "poll it to its end" in line:
            break
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "ended early: interrupted" in told
    assert '"end":' in (tmp_path / "c.jsonl").read_text()
    assert '"closed"' in (tmp_path / "journal.jsonl").read_text()
    assert "STILL RUNNING" not in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "--live", "smartlyq"], "wants all three"),
        (["run", "--live", "smartlyq", "--budget", "2"], "wants all three"),
        (["run", "--budget", "2.00"], "wants all three"),
        (["run", "--live", "nobody", "--budget", "2", "--plan", "p"], "no profile 'nobody'"),
        (["run", "--live", "smartlyq", "--budget", "2", "--plan", "absent.json"], "cannot be read"),
    ],
)
def test_without_all_three_nothing_is_sent(words: list[str], told: str) -> None:
    done = judge(*words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
