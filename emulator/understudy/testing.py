"""For tests: an emulator in this process, and the conformance suites for strangers' parts.

`Emulator` serves on a free port of the loopback interface, in a thread of its own, until its
``with`` block ends. What happens inside is the server's; this file only starts and stops it.
"""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

from understudy.web.app import Understudy
from understudy.web.server import Server, bound, config_for
from understudy.web.settings import Settings

_START_S = 20


class Emulator:
    """A running emulator: ``with Emulator(seed=1) as emulator: emulator.url``.

    Options are those of `web.settings.Settings`; time is frozen unless ``frozen=False``.
    """

    def __init__(self, **options: Any) -> None:
        options = {"frozen": True, "port": 0, **options}
        self.settings = Settings(**options)
        self.app = Understudy(self.settings)
        self.url = ""
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Emulator:
        listener = bound(self.settings.host, self.settings.port)
        self.url = f"http://{self.settings.host}:{listener.getsockname()[1]}"
        ready = threading.Event()
        server = self._server = Server(config_for(self.app), ready.set)
        self._thread = threading.Thread(
            target=server.run, args=([listener],), name="understudy", daemon=True
        )
        self._thread.start()
        if not ready.wait(_START_S):
            raise RuntimeError(f"the emulator did not start within {_START_S} s at {self.url}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(_START_S)
