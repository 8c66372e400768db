"""The pytest plugin as a stranger's suite meets it: markers, verdicts, stories and the receipt.

Each test runs a small suite of its own with pytest's own tool and reads what came of it.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.house.tree import ROOT

pytest_plugins = ["pytester"]

HEAD = """
import httpx
import pytest
from tests.bad_clients.clients import Forgetful, GoodClient, Gullible, ORDER

def film(understudy, kind=GoodClient):
    with understudy.smartlyq.client() as client:
        return kind(client, understudy.clock.sleep).film()
"""
# What other plugins of this checkout would add only costs time here.
QUIET = (
    *("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest", "-q"),
    *("-o", "asyncio_default_fixture_loop_scope=function", "-o", f"pythonpath={ROOT}"),
)


def run(pytester: pytest.Pytester, body: str, *args: str) -> pytest.RunResult:
    pytester.makepyfile(HEAD + body)
    return pytester.runpytest_inprocess(*QUIET, *args)


def test_a_suite_that_behaves_passes_and_is_told_what_it_would_have_cost(
    pytester: pytest.Pytester,
) -> None:
    result = run(pytester, "def test_it(understudy): film(understudy); understudy.lint()")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*would have cost 0.0700 USD at smartlyq (1 charges of 0.0700)"])


def test_a_suite_that_spends_nothing_hears_of_no_cost(pytester: pytest.Pytester) -> None:
    result = run(pytester, "def test_it(understudy): understudy.clock.advance(1)")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*would have cost*")


def test_each_test_has_a_fresh_sandbox_with_the_same_seed(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
seen = []

@pytest.mark.parametrize("n", range(3))
def test_it(understudy, n):
    seen.append((understudy.id, film(understudy), understudy.accounts.get("smartlyq")["balance"]))
    ids, jobs, balances = zip(*seen)
    assert len(set(ids)) == n + 1 and len(set(jobs)) == 1 and set(balances) == {"14.9300"}
""",
    )
    result.assert_outcomes(passed=3)


def test_markers_make_the_sandbox_and_the_nearest_wins(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
pytestmark = pytest.mark.understudy(seed=5, scenario="failed", balance="100", rate=2.0)

@pytest.mark.understudy(seed=7, quirks={"smartlyq.job_id_alias": True})
def test_it(understudy):
    box = understudy.control.sandbox(understudy.id)
    assert (box["seed"], box["scenario"], box["clock"]["rate"]) == (7, "failed", 2.0)
    with understudy.smartlyq.client() as client:
        assert "job_id" in client.post("/videos/generate", json=ORDER).json()["data"]
    understudy.clock.until_idle()
    assert understudy.accounts.get("smartlyq")["balance"] == "100.0000"
""",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("sed=1", "*there is no argument 'sed': there are seed, *"),
        ("scenario='clumsy'", "*no scenario is called 'clumsy'*"),
        ("orphans='shout'", "*orphans is one of warn, error, ignore*"),
    ],
)
def test_a_marker_that_means_nothing_is_an_error_in_one_sentence(
    pytester: pytest.Pytester, argument: str, sentence: str
) -> None:
    body = f"@pytest.mark.understudy({argument})\ndef test_it(understudy): pass"
    result = run(pytester, body)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([sentence])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_spending_more_than_allowed_fails_a_test_and_refunds_do_not_count(
    pytester: pytest.Pytester,
) -> None:
    result = run(
        pytester,
        """
@pytest.mark.understudy(max_spend="0.10")
def test_too_much(understudy):
    film(understudy), film(understudy)

@pytest.mark.understudy(max_spend={"smartlyq": "0.07"})
def test_just_enough(understudy):
    film(understudy)

@pytest.mark.understudy(max_spend=0, scenario="failed")
def test_refunded(understudy):
    film(understudy)

@pytest.mark.understudy(max_spend="0.07")
def test_a_fork_counts(understudy):
    film(understudy), film(understudy.fork())
""",
    )
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        ["smartlyq would have kept 0.1400 USD for 2 charges, and at most 0.10 was to be spent"]
    )


@pytest.mark.parametrize(
    ("how", "outcomes"),
    [
        ("warn", {"passed": 2, "warnings": 1}),
        ("error", {"passed": 1, "failed": 1}),
        ("ignore", {"passed": 2}),
    ],
)
def test_orphans_are_named_at_the_end_of_a_test(
    pytester: pytest.Pytester, how: str, outcomes: dict[str, int]
) -> None:
    body = """
def test_bad(understudy): film(understudy, Forgetful)
def test_good(understudy): film(understudy)
"""
    result = run(pytester, body, f"--understudy-orphans={how}")
    result.assert_outcomes(**outcomes)
    named = "*orphan: smartlyq job job_* was charged 0.0700 USD, and it was left queued*"
    if how == "ignore":
        result.stdout.no_fnmatch_line(named)
    else:
        result.stdout.fnmatch_lines([named])


def test_a_real_vendors_host_fails_the_test_even_if_the_client_swallows_it(
    pytester: pytest.Pytester,
) -> None:
    result = run(
        pytester,
        """
def test_bad(understudy):
    assert Gullible().call_home() == "ConnectError"

def test_good(understudy):
    with httpx.Client(base_url=understudy.smartlyq.base_url) as client:
        client.get("/me", headers=understudy.smartlyq.headers).raise_for_status()
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["a connection to the real vendor at api.smartlyq.com was attempted and refused: *"]
    )


def test_the_tripwire_is_down_for_a_live_test_and_after_every_test(
    pytester: pytest.Pytester,
) -> None:
    result = run(
        pytester,
        """
import socket
real = (socket.getaddrinfo, socket.socket.connect, socket.gethostbyname)

@pytest.mark.understudy(live=True)
def test_live(understudy):
    assert (socket.getaddrinfo, socket.socket.connect, socket.gethostbyname) == real

def test_armed(understudy):
    assert socket.getaddrinfo is not real[0]
    with pytest.raises(OSError, match="keeps this test from reaching"):
        socket.socket().connect(("cloud.leonardo.ai", 443))
    understudy.emulator  # the verdict below is the point

def test_after():
    assert (socket.getaddrinfo, socket.socket.connect, socket.gethostbyname) == real
""",
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*the real vendor at cloud.leonardo.ai was attempted*"])


def test_a_failure_tells_the_sandboxs_story(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(understudy):
    understudy.faults.add("arrival", "status", status=429, operation="generateVideo", times=1)
    film(understudy)
    assert False
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- understudy -*",
            "sandbox s*, seed 1, *, rate 0",
            "requests",
            "*#1 smartlyq POST /v1/videos/generate -> 429",
            "*met fault f1: status at arrival",
            "*#2 smartlyq POST /v1/videos/generate -> 202",
            "jobs",
            "*job_* succeeded kling-v2-1 0.0700 *",
            "ledger of smartlyq/main, 14.9300 USD",
            "*charge -0.0700 -> 14.9300 job_*",
        ]
    )


def test_no_key_is_shown_in_a_story(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(understudy):
    print("KEY", understudy.smartlyq.key)
    understudy.webhooks.subscribe()
    film(understudy)
    assert False
""",
    )
    key = next(line.split()[1] for line in result.outlines if line.startswith("KEY"))
    assert sum(key in line for line in result.outlines) == 1
    assert "whsec_" not in "\n".join(result.outlines)


def test_assert_called_shows_the_nearest_request(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(understudy):
    film(understudy)
    understudy.requests.assert_called(operation="generateVideo", body={"prompt": "a curtain falls"})
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*expected operation='generateVideo', *at least once, and it came 0 times",
            "*the nearest request was",
            "*body.prompt: 'a curtain rises', not 'a curtain falls'",
        ]
    )


def test_what_a_key_of_nobodys_opened_is_gone_after_the_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.parametrize("n", range(2))
def test_it(understudy, n):
    headers = {"authorization": "Bearer sqk_test_somebody"}
    with understudy.smartlyq.client(headers=headers) as client:
        said = client.post("/videos/generate", json=ORDER).json()
    assert said["usage"]["balance_remaining"] == "14.9300"
""",
    )
    result.assert_outcomes(passed=2)


def test_an_async_test_uses_the_same_fixture(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
async def test_it(understudy):
    async with understudy.smartlyq.async_client() as client:
        said = (await client.post("/videos/generate", json=ORDER)).json()
        understudy.clock.advance("1m")
        job = (await client.get(f"/jobs/{said['data']['job_uid']}")).json()
    assert job["data"]["status"] == "completed"
""",
        "-o",
        "asyncio_mode=auto",
    )
    result.assert_outcomes(passed=1)


def test_the_receipt_is_written_by_vendor_and_by_test(pytester: pytest.Pytester) -> None:
    body = """
def test_one(understudy): film(understudy)

def test_two(understudy):
    film(understudy)
    with understudy.leonardo.client() as client:
        client.post("/generations-text-to-video", json={"prompt": "x"}).raise_for_status()
"""
    run(pytester, body, "--understudy-receipt", "receipt.json").assert_outcomes(
        passed=2, warnings=1
    )
    receipt = json.loads((pytester.path / "receipt.json").read_text())
    assert [row["provider"] for row in receipt["vendors"]] == ["leonardo", "smartlyq"]
    assert receipt["vendors"][1]["net"] == "0.1400"
    assert [test["test"].rpartition("::")[2] for test in receipt["tests"]] == [
        "test_one",
        "test_two",
    ]


def test_four_workers_run_the_suite_and_share_one_receipt(pytester: pytest.Pytester) -> None:
    body = """
@pytest.mark.parametrize("n", range(8))
def test_it(understudy, n):
    assert httpx.get(understudy.smartlyq.base_url + "/me", headers=understudy.smartlyq.headers)
    film(understudy)
"""
    pytester.makepyfile(HEAD + body)
    result = pytester.runpytest_subprocess(
        *QUIET, "-n", "4", "--understudy-receipt", "receipt.json"
    )
    result.assert_outcomes(passed=8)
    result.stdout.fnmatch_lines(["*would have cost 0.5600 USD at smartlyq (8 charges of 0.5600)"])
    receipt = json.loads((pytester.path / "receipt.json").read_text())
    assert receipt["vendors"][0]["charges"] == 8
    assert len(receipt["tests"]) == 8


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("understudy.pytest_plugin", {"pytest"}),
        ("understudy.client", set[str]()),
    ],
)
def test_importing_loads_nothing_heavy(module: str, allowed: set[str]) -> None:
    script = (
        "import sys, pytest; before = set(sys.modules) if 'pytest' in sys.argv else set();"
        f"import {module};"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *allowed], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    heavy = {"httpx", "starlette", "uvicorn", "pydantic", "schemathesis", "av", "numpy", "orjson"}
    assert not loaded & heavy
    if allowed:
        assert loaded - sys.stdlib_module_names == {"understudy"}


def test_the_testing_module_loads_neither_schemathesis_nor_the_renderer() -> None:
    script = "import sys, understudy.testing; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "understudy" in loaded
    assert not loaded & {"schemathesis", "av", "hypothesis", "numpy", "PIL", "pytest"}
