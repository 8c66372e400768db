"""What every run of the tests needs, however it was started."""

import signal


def pytest_configure() -> None:
    # A shell starts what it runs in the background with SIGINT ignored; a program inherits that,
    # and then a test that interrupts one waits for ever.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
