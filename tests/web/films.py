"""A small plan, and its film drawn in this process."""

from __future__ import annotations

from pathlib import Path

from bodydouble.core.media.plan import MediaPlan
from bodydouble.web.media.drawing.worker import serve
from bodydouble.web.media.orders import plan_wire

PLAN = MediaPlan(
    width=320,
    height=180,
    fps=24,
    duration_ms=1_000,
    audio=True,
    seed=7,
    prompt="A lighthouse keeper at dusk",
    model="kling-v2-1",
    label="job-1",
)


def drawn(plan: MediaPlan, out: Path, **about: object) -> Path:
    """The video of ``plan``, drawn in this process."""
    wire = {"kind": "video", "out": str(out), "plan": plan_wire(plan)}
    serve({**wire, "first": None, "last": None, **about})
    return out
