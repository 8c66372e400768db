"""Every Python example of docs/testing.md runs, as a suite of its own."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import ROOT

pytest_plugins = ["pytester"]

GUIDE = ROOT / "docs" / "testing.md"
QUIET = (
    *("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest", "-q"),
    *("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"),
)


def snippets() -> list[str]:
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def test_every_example_of_the_guide_passes_without_a_warning(pytester: pytest.Pytester) -> None:
    code = "\n\n".join(snippets())
    count = len(re.findall(r"^ *(?:async )?def test_", code, re.MULTILINE))
    assert count >= len(snippets()) > 5, "each example has a test of its own"
    pytester.makepyfile(code)
    result = pytester.runpytest_inprocess(*QUIET, "-W", "error::pytest.PytestWarning")
    result.assert_outcomes(passed=count)


def test_the_guide_names_every_rule_and_every_argument_of_the_marker() -> None:
    from bodydouble.core.evidence.lint import RULES
    from bodydouble.testing.monitor import FIELDS, OWN

    text = GUIDE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)
    assert rows == list(RULES)
    for name in (*FIELDS, *OWN):
        assert re.search(rf"`{name}(`|=)", text), f"the guide does not speak of {name}"
