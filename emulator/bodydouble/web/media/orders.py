"""What the renderer is told of a plan, and how much there is to draw.

Plain values alone: an order crosses to another process as JSON.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, TypeAlias

from bodydouble.core.media.plan import MediaPlan

Wire: TypeAlias = dict[str, Any]
# More of a prompt than any picture shows.
_PROMPT_SENT = 2_000


def plan_wire(plan: MediaPlan) -> Wire:
    """The plan as the renderer is told it: where pictures are, not what they are called here."""
    wire = asdict(replace(plan, prompt=plan.prompt[:_PROMPT_SENT]))
    return {**wire, "first_frame": None, "last_frame": None}


def megapixels(size: tuple[int, int], frames: int = 1) -> float:
    """How many megapixels are drawn for so many frames."""
    return size[0] * size[1] * frames / 1e6
