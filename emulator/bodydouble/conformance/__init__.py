"""Conformance suites for anybody's stores and providers.

Plain functions that raise AssertionError with a sentence; no test framework is needed. A claim that
could not be checked is a failure, never a pass.
"""

from __future__ import annotations

from bodydouble.conformance.exchanges import Example
from bodydouble.conformance.providers import check_provider
from bodydouble.conformance.stores import check_store

__all__ = ["Example", "check_provider", "check_store"]
