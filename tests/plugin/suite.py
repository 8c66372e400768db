"""A small suite for pytest's own tool to run: its head, and how it is run without other plugins."""

from __future__ import annotations

import pytest

from tests.architecture.tree import ROOT

HEAD = """
import httpx
import pytest
from tests.bad_clients.clients import Forgetful, GoodClient, Gullible, ORDER

def film(bodydouble, kind=GoodClient):
    with bodydouble.smartlyq.client() as client:
        return kind(client, bodydouble.clock.sleep).film()
"""
# What other plugins of this checkout would add only costs time here.
QUIET = (
    *("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest", "-q"),
    *("-o", "asyncio_default_fixture_loop_scope=function", "-o", f"pythonpath={ROOT}"),
)


def run(pytester: pytest.Pytester, body: str, *args: str) -> pytest.RunResult:
    pytester.makepyfile(HEAD + body)
    return pytester.runpytest_inprocess(*QUIET, *args)
