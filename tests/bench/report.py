"""What a bench says: rows of a measured value beside its goal, and the machine it was measured on.

A row holds what was measured in this run and nothing else; met or missed is said in words.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

PACKAGES = ("uvicorn", "uvloop", "httptools", "starlette", "orjson", "pydantic")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: ``rounds`` of interleaved slices of ``slice_s`` seconds each."""

    rounds: int
    slice_s: float
    jobs: int


FULL = Effort(rounds=12, slice_s=0.5, jobs=100_000)
QUICK = Effort(rounds=4, slice_s=0.3, jobs=20_000)


@dataclass(frozen=True, slots=True)
class Row:
    """One line. ``most`` is an upper bound, ``least`` a lower one; neither: it only informs."""

    what: str
    measured: float
    unit: str
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is met; a row without a goal always is."""
        if self.least is not None and self.measured < self.least:
            return False
        return self.most is None or self.measured <= self.most

    @property
    def goal(self) -> str:
        """The goal in words."""
        if self.least is not None and self.most is not None:
            return f"{number(self.least)} to {number(self.most)} {self.unit}"
        if self.least is not None:
            return f">= {number(self.least)} {self.unit}"
        return f"<= {number(self.most)} {self.unit}" if self.most is not None else ""

    @property
    def verdict(self) -> str:
        """``met``, ``missed``, or nothing where there is no goal."""
        if self.least is None and self.most is None:
            return ""
        return "met" if self.met else "missed"


def number(value: float) -> str:
    """Three figures that matter, with thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(rows: Iterable[Row]) -> str:
    """The rows as text that is readable without colour."""
    lines = [
        (row.what, f"{number(row.measured)} {row.unit}", row.goal, row.verdict, row.note)
        for row in rows
    ]
    lines.insert(0, ("what", "measured", "goal", "", ""))
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    text = []
    for line in lines:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=False)]
        text.append("  ".join([*cells, line[4]]).rstrip())
    text.insert(1, "-" * max(map(len, text)))
    return "\n".join(text)


def machine() -> str:
    """Processor, interpreter and the packages that matter."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{_processor()}, {os.cpu_count()} cores, load {load} (1, 5, 15 min); "
        f"{platform.python_implementation()} {platform.python_version()} on {sys.platform}; "
        f"{packages}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def middle_ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the ratios of neighbours in time, which a busy machine disturbs alike."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def tell(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)
