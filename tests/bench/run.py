"""`make bench`: measures the emulator and prints each figure beside its goal.

``--quick`` measures shorter, ``--only wire,boot`` some themes, ``--strict`` makes a miss exit 1.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import traceback

from tests.bench.report import FULL, QUICK, Row, machine, table, tell

THEMES = (
    "wire",
    "vendors",
    "stages",
    "boot",
    "scale",
    "stores",
    "workers",
    "steer",
    "suite",
    "rendering",
    "page",
)


def main() -> int:
    """Runs the themes one after the other; 1 for a miss under ``--strict``."""
    options = _options()
    chosen = options.only.split(",") if options.only else THEMES
    effort = QUICK if options.quick else FULL
    print(machine(), flush=True)
    rows: list[Row] = []
    crashed = []
    started = time.monotonic()
    for theme in chosen:
        tell(f"{theme}: at {time.monotonic() - started:.0f} s")
        try:
            for row in importlib.import_module(f"tests.bench.{theme}").measure(effort):
                rows.append(row)
        except Exception:
            traceback.print_exc()
            crashed.append(theme)
    missed = sum(not row.met for row in rows)
    print(table(rows))
    took = time.monotonic() - started
    print(f"{missed} of {sum(bool(row.goal) for row in rows)} goals missed; {took:.0f} s")
    if crashed:
        print(f"not measured to the end, because they crashed: {', '.join(crashed)}")
    return int(bool(crashed) or (options.strict and missed > 0))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter slices")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a goal is missed")
    parser.add_argument("--only", default="", help=f"some of {','.join(THEMES)}")
    options = parser.parse_args()
    unknown = set(filter(None, options.only.split(","))) - set(THEMES)
    if unknown:
        parser.error(f"no theme is called {', '.join(sorted(unknown))}: {', '.join(THEMES)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
