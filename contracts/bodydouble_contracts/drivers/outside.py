"""Drives a target that has no control plane: one session for all scripts, and time that passes.

Without sandboxes every script meets the same account, so that only one history of all of them
tells what each balance should be. The judge waits in real time, within a number of seconds for
the whole run, and gives a target up that answers nothing any more. It refuses to judge.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bodydouble_contracts.drivers.scenario import Scenario
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import History, Reply, Request
from bodydouble_contracts.history.numerals import whole
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.targets.target import Lost, Target, TargetError
from bodydouble_contracts.vendors.profile import Profile

MAX_LOST = 5
"""Replies lost one after the other before a target counts as gone."""
sleep: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Patience:
    """The real seconds that a run may still spend on waiting."""

    left_s: float
    nap_s: float = 1.0

    @property
    def used_up(self) -> bool:
        """Whether there is not a moment left."""
        return self.left_s < self.nap_s

    def spend(self, seconds: float) -> bool:
        """Let some seconds pass; say whether there were as many left."""
        if self.left_s < seconds:
            return False
        self.left_s -= seconds
        sleep(seconds)
        return True


@dataclass(slots=True)
class OutsideSession(Session):
    """A session whose time passes by itself. It waits when a limiter says so, then asks again."""

    patience: Patience = field(default_factory=lambda: Patience(0))

    def wait(self) -> bool:
        """Let a moment pass; say whether there was one left."""
        return self.patience.spend(self.patience.nap_s)

    def send(
        self,
        request: Request,
        intent: dict[str, str] | None = None,
        *,
        media: Target | None = None,
    ) -> Call:
        """Send any request; what was too early is sent once more after the time that was named."""
        call = Session.send(self, request, intent, media=media)
        told = whole(call.header("retry-after")) if call.status == 429 else None
        if told is not None and told >= 0 and self.patience.spend(told):
            call = Session.send(self, request, intent, media=media)
        return call


@dataclass(slots=True)
class Watched:
    """A target that is given up after some lost replies in a row."""

    inner: Target
    name: str
    lost: int = 0

    def send(self, request: Request) -> Reply:
        """Send one request. Raises Lost, and TargetError once nothing comes any more."""
        try:
            reply = self.inner.send(request)
        except Lost as error:
            self.lost += 1
            if self.lost >= MAX_LOST:
                raise TargetError(
                    f"{self.name} lost {self.lost} replies in a row ({error}): the run ended there"
                ) from error
            raise
        self.lost = 0
        return reply

    def close(self) -> None:
        """The inner target is closed by whoever opened it."""


def play_outside(
    scripts: Iterable[Scenario], target: Target, profile: Profile, seed: int, patience: Patience
) -> tuple[History, str]:
    """Play scripts in one session; return what was recorded, and why it was cut short, if it was.

    Raises TargetError if not a single reply came.
    """
    watched = Watched(target, target.name)
    session = OutsideSession(watched, profile, "outside", "", seed, patience=patience)
    ended = ""
    try:
        for script in scripts:
            session.mark("script", called=script.name)
            script.play(session)
    except TargetError as error:
        if not any(e.reply for e in session.history().exchanges):
            raise
        ended = str(error)
    return session.history(), ended
