"""The pytest plugin: the fixture ``bodydouble``, a fresh sandbox for each test, and its receipt.

It imports only pytest until a fixture is used, so that it costs nothing in suites that have it
installed and never ask for it. One emulator serves each process, so xdist's workers never meet.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from bodydouble.testing import Emulator, Sandbox
    from bodydouble.testing.monitor import Monitor

_MONITOR: pytest.StashKey[Monitor] = pytest.StashKey()
_BILLS: pytest.StashKey[list[dict[str, Any]]] = pytest.StashKey()
_OUTPUT = "bodydouble_bills"
_MARKER = (
    "bodydouble(seed, scenario, balance, quirks, start, rate, media, …, max_spend, orphans, live): "
    "how the sandbox of the fixture `bodydouble` is made, and what the test may spend"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the plugin's options."""
    group = parser.getgroup("bodydouble", "paid video APIs, stood in for")
    group.addoption(
        "--bodydouble-receipt",
        metavar="FILE",
        help="write what the suite would have cost, by vendor and by test, as JSON",
    )
    group.addoption(
        "--bodydouble-orphans",
        choices=("warn", "error", "ignore"),
        default="warn",
        help="what to do about jobs that were charged and neither fetched nor cancelled",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known. UsageError for a receipt that could not be written in the end."""
    config.addinivalue_line("markers", _MARKER)
    config.stash[_BILLS] = []
    path = config.option.bodydouble_receipt
    if path and not hasattr(config, "workerinput"):
        from pathlib import Path

        try:
            with Path(path).open("a", encoding="utf-8"):
                pass
        except OSError as error:
            raise pytest.UsageError(
                f"--bodydouble-receipt {path} cannot be written: {error.strerror}"
            ) from None


# The fixture -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def bodydouble_emulator() -> Iterator[Emulator]:
    """The one emulator of this test process; it listens once an address is asked for."""
    from bodydouble.testing import Emulator

    # Few tests look at a film, and those that do want its size and length: a marker asks for more.
    with Emulator(media="tiny") as emulator:
        yield emulator


@pytest.fixture
def bodydouble(request: pytest.FixtureRequest, bodydouble_emulator: Emulator) -> Iterator[Sandbox]:
    """A fresh sandbox with a frozen clock, forgotten after the test."""
    from bodydouble.client import ControlError
    from bodydouble.testing.monitor import Monitor, read_marker

    node = request.node
    given: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("bodydouble"))):
        if marker.args:
            pytest.fail(
                f"@pytest.mark.bodydouble: {marker.args[0]!r} has no name: write seed=7",
                pytrace=False,
            )
        given |= marker.kwargs
    try:
        options = read_marker(given, node.nodeid, request.config.option.bodydouble_orphans)
        monitor = Monitor(bodydouble_emulator, options)
    except (ValueError, ControlError) as error:
        pytest.fail(f"@pytest.mark.bodydouble: {error}", pytrace=False)
    node.stash[_MONITOR] = monitor
    monitor.start()
    try:
        yield monitor.sandbox
    finally:
        del node.stash[_MONITOR]
        spend = monitor.end()
        if spend:
            bill = {"test": node.nodeid, "vendors": spend.rows()}
            request.config.stash[_BILLS].append(bill)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Judges a test that passed: real hosts, spending and orphans."""
    yield
    monitor = item.stash.get(_MONITOR, None)
    if monitor is None:
        return
    failures, warnings = monitor.verdict()
    for sentence in warnings:
        item.warn(pytest.PytestWarning(sentence))
    if failures:
        pytest.fail("\n".join(failures), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Puts the sandbox's transcript beside a failure."""
    report = yield
    monitor = item.stash.get(_MONITOR, None)
    if monitor is not None and report.failed:
        try:
            report.sections.append(("bodydouble", monitor.transcript()))
        except Exception as error:
            report.sections.append(("bodydouble", f"the sandbox could not be asked: {error}"))
    return report


# The receipt -----------------------------------------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Takes over what an xdist worker has spent."""
    output = getattr(node, "workeroutput", {})
    node.config.stash[_BILLS] += output.get(_OUTPUT, [])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hands a worker's bills to its controller, or writes the receipt."""
    config = session.config
    bills = config.stash[_BILLS]
    if hasattr(config, "workeroutput"):
        config.workeroutput[_OUTPUT] = bills
        return
    path = config.option.bodydouble_receipt
    if path:
        import json
        from pathlib import Path

        from bodydouble.testing.monitor import receipt_of

        Path(path).write_text(json.dumps(receipt_of(bills), indent=2) + "\n", encoding="utf-8")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Says what the suite would have cost."""
    bills = config.stash[_BILLS]
    if bills:
        from bodydouble.testing.monitor import sentence_of

        terminalreporter.section("bodydouble")
        terminalreporter.line(sentence_of(bills))
