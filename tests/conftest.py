"""What every run of the tests needs, however it was started."""

import signal

import pytest

from tests import sampling


def pytest_configure() -> None:
    # A shell starts what it runs in the background with SIGINT ignored; a program inherits that,
    # and then a test that interrupts one waits for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Whoever asks for a name, a vendor's for instance, is shown all that there is of it.
    if not config.option.keyword:
        sampling.mark_the_rest(items)
