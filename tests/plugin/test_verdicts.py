"""What a test that passed is judged by when it is over: spending, orphans and real hosts."""

from __future__ import annotations

import pytest

from tests.plugin.suite import run

pytest_plugins = ["pytester"]


def test_spending_more_than_allowed_fails_a_test_and_refunds_do_not_count(
    pytester: pytest.Pytester,
) -> None:
    result = run(
        pytester,
        """
@pytest.mark.bodydouble(max_spend="0.10")
def test_too_much(bodydouble):
    film(bodydouble), film(bodydouble)

@pytest.mark.bodydouble(max_spend={"smartlyq": "0.07"})
def test_just_enough(bodydouble):
    film(bodydouble)

@pytest.mark.bodydouble(max_spend=0, scenario="failed")
def test_refunded(bodydouble):
    film(bodydouble)

@pytest.mark.bodydouble(max_spend="0.07")
def test_a_fork_counts(bodydouble):
    film(bodydouble), film(bodydouble.fork())
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
def test_bad(bodydouble): film(bodydouble, Forgetful)
def test_good(bodydouble): film(bodydouble)
"""
    result = run(pytester, body, f"--bodydouble-orphans={how}")
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
def test_bad(bodydouble):
    assert Gullible().call_home() == "ConnectError"

def test_good(bodydouble):
    with httpx.Client(base_url=bodydouble.smartlyq.base_url) as client:
        client.get("/me", headers=bodydouble.smartlyq.headers).raise_for_status()
""",
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["a connection to the real vendor at api.smartlyq.com was attempted and refused: *"]
    )


def test_the_network_guard_is_removed_for_a_live_test_and_after_every_test(
    pytester: pytest.Pytester,
) -> None:
    result = run(
        pytester,
        """
import socket
real = (socket.getaddrinfo, socket.socket.connect, socket.gethostbyname)

@pytest.mark.bodydouble(live=True)
def test_live(bodydouble):
    assert (socket.getaddrinfo, socket.socket.connect, socket.gethostbyname) == real

def test_armed(bodydouble):
    assert socket.getaddrinfo is not real[0]
    with pytest.raises(OSError, match="keeps this test from reaching"):
        socket.socket().connect(("cloud.leonardo.ai", 443))
    bodydouble.emulator  # the verdict below is the point

def test_after():
    assert (socket.getaddrinfo, socket.socket.connect, socket.gethostbyname) == real
""",
    )
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*the real vendor at cloud.leonardo.ai was attempted*"])
