"""Whether the store answers, as far as requests have found out: one line when it stops, one when it
is back.

It counts nothing and tries nothing by itself, and what is no fault of the store it leaves alone.
"""

from __future__ import annotations

import asyncio
import logging
import time

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.store import Store

log = logging.getLogger("bodydouble")

ASKED_S = 2.0
_TOLD_CHARACTERS_MAX = 300


class Outage:
    """The outages of one store. ``since`` is real time, None while the store answers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.failures = store.failures
        self.since: float | None = None

    def met(self, error: BaseException) -> Refused | None:
        """How a vendor's client is refused for ``error``, if it is the store's; None if it is not.

        The first of an outage is logged, in one line. The reason is for the console alone.
        """
        if not isinstance(error, self.failures):
            return None
        if self.since is None:
            self.since = time.monotonic()
            log.error("%s; requests are refused until it does", told(error))
        return Refused(Cause.UNAVAILABLE, told(error))

    def over(self) -> None:
        """Somebody was answered by the store."""
        if self.since is not None:
            log.warning("the store answers again after %.0f s", time.monotonic() - self.since)
            self.since = None

    async def ask(self) -> str:
        """What is wrong with the store, asked now and not for long; nothing if it answers."""
        try:
            async with asyncio.timeout(ASKED_S), self._store.transaction("-ready"):
                pass
        except TimeoutError:
            return f"the store did not answer within {ASKED_S:.0f} s"
        except self.failures as error:
            self.met(error)
            return told(error)
        self.over()
        return ""


def told(error: BaseException) -> str:
    """What is said of a store that fails, to whoever reads the console or asks."""
    text = " ".join(str(error).split())[:_TOLD_CHARACTERS_MAX]
    return f"the store does not answer ({type(error).__name__}: {text})"
