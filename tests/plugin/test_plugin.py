"""The fixture as a stranger's suite meets it: fresh sandboxes, markers, a failed test's story."""

from __future__ import annotations

import pytest

from tests.plugin.suite import run

pytest_plugins = ["pytester"]


def test_each_test_has_a_fresh_sandbox_with_the_same_seed(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
seen = []

@pytest.mark.parametrize("n", range(3))
def test_it(bodydouble, n):
    seen.append((bodydouble.id, film(bodydouble), bodydouble.accounts.get("smartlyq")["balance"]))
    ids, jobs, balances = zip(*seen)
    assert len(set(ids)) == n + 1 and len(set(jobs)) == 1 and set(balances) == {"14.9300"}
""",
    )
    result.assert_outcomes(passed=3)


def test_markers_make_the_sandbox_and_the_nearest_wins(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
pytestmark = pytest.mark.bodydouble(seed=5, scenario="failed", balance="100", rate=2.0)

@pytest.mark.bodydouble(seed=7, quirks={"smartlyq.job_id_alias": True})
def test_it(bodydouble):
    box = bodydouble.control.sandbox(bodydouble.id)
    assert (box["seed"], box["scenario"], box["clock"]["rate"]) == (7, "failed", 2.0)
    with bodydouble.smartlyq.client() as client:
        assert "job_id" in client.post("/videos/generate", json=ORDER).json()["data"]
    bodydouble.clock.until_idle()
    assert bodydouble.accounts.get("smartlyq")["balance"] == "100.0000"
""",
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("argument", "sentence"),
    [
        ("sed=1", "*there is no argument 'sed': there are seed, *"),
        ("scenario='clumsy'", "*no scenario is called 'clumsy'*"),
        ("orphans='shout'", "*orphans is one of warn, error, ignore*"),
        ("7", "*7 has no name: write seed=7*"),
        ("max_spend='much'", "*max_spend: 'much' is no amount*"),
        ("max_spend={'nobody': '1'}", "*max_spend: no provider is called 'nobody'*"),
        ("quirks={'smartlyq.rate_tiers': 'x'}", "*is one of false, true, not 'x'*"),
    ],
)
def test_a_marker_that_means_nothing_is_an_error_in_one_sentence(
    pytester: pytest.Pytester, argument: str, sentence: str
) -> None:
    body = f"@pytest.mark.bodydouble({argument})\ndef test_it(bodydouble): pass"
    result = run(pytester, body)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([sentence])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_films_are_tiny_unless_a_marker_asks_for_full_ones(pytester: pytest.Pytester) -> None:
    """Every test of a suite that opens links is quick, and one that looks at them may ask."""
    result = run(
        pytester,
        """
def made_as(bodydouble):
    return bodydouble.control.sandbox(bodydouble.id)["media"]

def test_usual(bodydouble):
    assert made_as(bodydouble) == "tiny"

@pytest.mark.bodydouble(media="full")
def test_full(bodydouble):
    assert made_as(bodydouble) == "full"

def test_of_nobody(bodydouble_emulator):
    with bodydouble_emulator.sandbox() as sandbox:
        assert made_as(sandbox) == "tiny"
""",
    )
    result.assert_outcomes(passed=3)


def test_a_failure_tells_the_sandboxs_story(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(bodydouble):
    bodydouble.faults.add("arrival", "status", status=429, operation="generateVideo", times=1)
    film(bodydouble)
    assert False
""",
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- bodydouble -*",
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
def test_it(bodydouble):
    print("KEY", bodydouble.smartlyq.key)
    bodydouble.webhooks.subscribe()
    film(bodydouble)
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
def test_it(bodydouble):
    film(bodydouble)
    bodydouble.requests.assert_called(operation="generateVideo", body={"prompt": "a curtain falls"})
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
def test_it(bodydouble, n):
    headers = {"authorization": "Bearer sqk_live_somebody"}
    with bodydouble.smartlyq.client(headers=headers) as client:
        said = client.post("/videos/generate", json=ORDER).json()
    assert said["usage"]["balance_remaining"] == "14.9300"
""",
    )
    result.assert_outcomes(passed=2)


def test_an_async_test_uses_the_same_fixture(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
async def test_it(bodydouble):
    async with bodydouble.smartlyq.async_client() as client:
        said = (await client.post("/videos/generate", json=ORDER)).json()
        bodydouble.clock.advance("1m")
        job = (await client.get(f"/jobs/{said['data']['job_uid']}")).json()
    assert job["data"]["status"] == "completed"
""",
        "-o",
        "asyncio_mode=auto",
    )
    result.assert_outcomes(passed=1)
