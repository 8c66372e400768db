"""Patterns on prompts: what they find, what they refuse, and that none can run for long."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bodydouble.core.scenarios.matching import Match

HANGS_A_BACKTRACKER = ("a?" * 60 + "a" * 60, ".*.*.*.*x", "(a+)+b", "(a|a)*b", "(.*a){20}b")
# Far more than a pattern may cost, and nothing against for ever.
SECONDS_MAX = 60


@pytest.mark.parametrize(
    ("pattern", "prompt", "found"),
    [
        ("drag.n", "a dragon flies", True),
        ("(?i)FOX", "a fox", True),
        (r"^a\b", "an owl", False),
        (r"\p{Han}", "一只狐狸", True),
        ("x" * 200, "x" * 199, False),
        ("end$", "a" * 10_000 + "end", False),
    ],
)
def test_a_pattern_is_searched_for(pattern: str, prompt: str, found: bool) -> None:
    assert Match(prompt=pattern).matches_content("", prompt) is found


def test_no_pattern_runs_for_long() -> None:
    # In a process of its own, since a backtracker would listen to no signal.
    code = (
        "from bodydouble.core.scenarios.matching import Match\n"
        f"for one in {HANGS_A_BACKTRACKER!r}:\n"
        "    Match(prompt=one).matches_content('', 'a' * 20_000)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=SECONDS_MAX)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?=a)b", "look-around"),
        (r"(a)\1", "backreferences"),
        ("[", "unclosed"),
        ("(a{1,50}){21}", "multiply to at most 1000"),
        ("x{1000000000000}", "multiply to at most 1000"),
        (r"\w{200}\W{5}" + r"\pL" * 60, "size limit"),
        ("x" * 201, "at most 200 characters"),
    ],
)
def test_an_unfit_pattern_is_refused_with_the_reason(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Match(prompt=pattern).matches_content("", "a")
