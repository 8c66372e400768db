"""Submissions and jobs: what the client asked for in neutral words, and what became of it.

A job carries its submission and its timeline unchanged to the end; only its state and instants
move. What the vendor calls any of this is the provider's; `extra` carries the vendor's own
request values for its replies and is never read here.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import Any

from bodydouble.core.lifecycle import FINAL, State
from bodydouble.core.media.plan import MediaPlan, Picture
from bodydouble.core.reasons import Reason
from bodydouble.core.records import record
from bodydouble.core.scenarios.endings import shown_progress
from bodydouble.core.slots import Slot
from bodydouble.core.timeline import Timeline


@record
class Submission:
    """What the client wants made. ``price`` is in the vendor's smallest unit, sizes in pixels.

    ``names`` are the ids the vendor gives the job and its parts; ``names["job"]`` is the job's own,
    and each of the others finds the job, too. One that is not over ``cancel_after_us`` after its
    acceptance is canceled then. One that ``fails`` is accepted all the same, and fails for that
    reason whatever else would have become of it: its vendor reads it only then.
    """

    operation: str
    model: str
    prompt: str
    price: int
    names: dict[str, str]
    width: int
    height: int
    fps: int
    duration_ms: int
    audio: bool = False
    seed: int | None = None
    first_frame: Picture | None = None
    last_frame: Picture | None = None
    cancel_after_us: int | None = None
    fails: Reason | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@record
class Job:
    """An accepted submission and its state. ``group`` is the account, ``order`` the serial.

    ``detail`` is which of the vendor's own kinds of ``reason`` it failed for. A refund is lost
    where a vendor, by a fault of its own, never gives what it owes.
    """

    id: str
    group: str
    order: int
    provider: str
    submission: Submission
    timeline: Timeline
    state: State
    accepted_at_us: int
    updated_at_us: int
    started_at_us: int | None = None
    ended_at_us: int | None = None
    reason: Reason | None = None
    refunded: bool = False
    refund_lost: bool = False
    deleted_at_us: int | None = None
    seed: int = 0
    slot: Slot = Slot.NONE
    slot_group: str = ""
    detail: str = ""

    @property
    def awaits_slot(self) -> bool:
        """Whether nothing but a concurrency slot is missing."""
        return self.slot is Slot.AWAITED

    @property
    def deadline_at_us(self) -> int | None:
        """When it is canceled unless it is over by then; None where no time was set for it."""
        limit_us = self.submission.cancel_after_us
        return None if limit_us is None else self.accepted_at_us + limit_us

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in FINAL

    def progress(self, now_us: int) -> float:
        """Share of the running time that has passed: 0.0 while queued, 1.0 once final."""
        if self.final:
            return 1.0
        if self.started_at_us is None or self.timeline.run_us <= 0:
            return 0.0
        # A job that runs on past its drawn end (a stuck one) stays just short of done.
        share = min(0.99, (now_us - self.started_at_us) / self.timeline.run_us)
        return shown_progress(self.timeline.ending, share)

    def media(self) -> MediaPlan:
        """What its video shows."""
        ordered = self.submission
        return MediaPlan(
            width=ordered.width,
            height=ordered.height,
            fps=ordered.fps,
            duration_ms=ordered.duration_ms,
            audio=ordered.audio,
            seed=self.seed,
            prompt=ordered.prompt,
            model=ordered.model,
            label=self.id,
            first_frame=ordered.first_frame,
            last_frame=ordered.last_frame,
        )


def unstarted(job: Job) -> Job:
    """The job as it was when it was accepted."""
    return replace(
        job,
        state=State.QUEUED,
        updated_at_us=job.accepted_at_us,
        started_at_us=None,
        ended_at_us=None,
        reason=None,
        refunded=False,
        refund_lost=False,
        slot=Slot.NONE,
        detail="",
    )


@record
class Alias:
    """Another id that finds a job; ``kind`` is the vendor's part (``video``, ``image``)."""

    id: str
    job: str
    kind: str
    group: str = ""
    order: int = 0
