"""Numbers for pictures: a job's timeline on a shared axis of virtual time, a balance as a line.

A style sheet of a strict policy cannot say how wide a bar is, so everything is an SVG attribute, in
hundredths of the picture. It knows no template and asks nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from statistics import median_low
from typing import Any

from bodydouble.core.clock import iso_ms, parse_instant

WIDTH = 100.0
_LEAST = 0.4  # what can still be seen
_PAUSE = 10  # as many usual gaps
_END = {"succeeded": "done", "failed": "fail", "canceled": "stop"}

Json = Any


@dataclass(frozen=True, slots=True)
class Part:
    """One rectangle of a bar; ``kind`` is its class."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Axis:
    """What all bars of one list share: from which instant to which, and where now is."""

    start_us: int
    end_us: int
    now_us: int

    def at(self, instant_us: float) -> float:
        """Where an instant is, from 0 to `WIDTH`."""
        span = max(1, self.end_us - self.start_us)
        return round(min(1.0, max(0.0, (instant_us - self.start_us) / span)) * WIDTH, 2)

    @property
    def now(self) -> float:
        """Where now is."""
        return self.at(self.now_us)

    @property
    def told(self) -> tuple[str, str]:
        """The first and the last instant, in words."""
        return iso_ms(self.start_us), iso_ms(self.end_us)


def axis_of(jobs: Sequence[Json], now_us: int) -> Axis:
    """An axis on which every one of the jobs has its place, and now."""
    spans = [_instants(job) for job in jobs]
    ends = [end for _, _, end in spans if end is not None]
    start = min([accepted for accepted, _, _ in spans], default=now_us)
    return Axis(start, max([*ends, now_us, start + 1_000_000]), now_us)


def bar_of(job: Json, axis: Axis) -> list[Part]:
    """The job's timeline: what has passed is full, what was drawn and is still to come is not."""
    accepted, started, end = _instants(job)
    end = axis.end_us if end is None else end
    started = min(started, end)
    last = _END.get(job["state"], "run")
    if end == accepted:
        return [Part(last, min(axis.at(end), WIDTH - _LEAST), _LEAST)]
    return [
        part
        for kind, since, until in (("wait", accepted, started), (last, started, end))
        for part in _halves(kind, since, until, axis)
    ]


def _halves(kind: str, since: int, until: int, axis: Axis) -> list[Part]:
    middle = min(max(since, axis.now_us), until)
    parts = ((kind, since, middle), (f"{kind} future", middle, until))
    return [
        Part(name, axis.at(a), max(_LEAST, round(axis.at(b) - axis.at(a), 2)))
        for name, a, b in parts
        if b > a
    ]


def _instants(job: Json) -> tuple[int, int, int | None]:
    """When it was accepted, starts and ends; None where it never ends by itself."""
    drawn, accepted = job["timeline"], parse_instant(job["accepted_at"])
    started = parse_instant(job["started_at"]) if job["started_at"] else accepted + drawn["wait_us"]
    if job["ended_at"]:
        return accepted, started, parse_instant(job["ended_at"])
    return accepted, started, None if drawn["outcome"] is None else started + drawn["run_us"]


@dataclass(frozen=True, slots=True)
class Line:
    """A balance over virtual time, as the points of a polyline, and what its edges stand for.

    ``pauses`` are where time in which nothing was booked is drawn shorter than it was, and how
    long each of them lasted, in seconds.
    """

    points: str
    low: str
    high: str
    start: str
    end: str
    pauses: tuple[tuple[float, float], ...]


def line_of(entries: Sequence[Json], now_us: int) -> Line | None:
    """The balance after each entry, held until the next, and until now; None for too few."""
    if not entries:
        return None
    steps = [(parse_instant(one["at"]), Decimal(one["balance_after"])) for one in entries]
    steps.append((max(now_us, steps[-1][0]), steps[-1][1]))
    drawn_us, pauses = _shortened([at_us for at_us, _ in steps])
    axis = Axis(0, max(drawn_us[-1], 1), drawn_us[-1])
    values = [value for _, value in steps]
    low, high = min([Decimal(0), *values]), max(values)
    reach = high - low or Decimal(1)
    points, before = [], steps[0][1]
    for at_us, (_, value) in zip(drawn_us, steps, strict=True):
        for held in dict.fromkeys((before, value)):
            points.append(f"{axis.at(at_us)},{float(38 - 36 * (held - low) / reach):.2f}")
        before = value
    told = (iso_ms(steps[0][0]), iso_ms(steps[-1][0]))
    shown = tuple((axis.at(at_us), lasted_us / 1e6) for at_us, lasted_us in pauses)
    return Line(" ".join(points), str(low), str(high), *told, shown)


def _shortened(instants_us: Sequence[int]) -> tuple[list[int], list[tuple[float, int]]]:
    """How far each instant is drawn from the first, and the middles of the pauses, by their length.

    A pause is many times as long as it usually is from one instant to the next, and is drawn as
    long as some of those, so that what happened before and after can be told apart.
    """
    gaps = [after - before for before, after in pairwise(instants_us)]
    most = _PAUSE * median_low([gap for gap in gaps if gap] or [0])
    drawn, pauses, at_us = [0], [], 0
    for gap in gaps:
        if gap > 2 * most:
            pauses.append((at_us + most / 2, gap))
        at_us += int(most) if gap > 2 * most else gap
        drawn.append(at_us)
    return drawn, pauses
