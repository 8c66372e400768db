"""Every vendor judged in process and over a socket, with a fifth of one core for all of it.

A process group gets its share by being stopped for the rest of each tenth of a second, which needs
no rights. Run as a program: `python -m tests.contracts.quota [SHARE]`; a table on the way, exit 1
where a verdict is broken or vacuous, or where the two ways differ.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bodydouble_contracts.vendors.reader import names

SHARE = 0.2
TENTH_S = 0.1
BODYDOUBLE = Path(sys.executable).with_name("bodydouble")
GOOD = frozenset({"held", "not applicable"})


@contextmanager
def slowed(words: list[str], share: float, **options: object) -> Iterator[subprocess.Popen[str]]:
    """A program that gets this share of one core for as long as the context is open."""
    environment = {**os.environ, "BODYDOUBLE_STRICT_KEYS": "1"}
    program = subprocess.Popen(  # type: ignore[call-overload]  # the options are the caller's
        words, text=True, start_new_session=True, env=environment, **options
    )
    done = threading.Event()

    def hold() -> None:
        while not done.is_set() and program.poll() is None:
            time.sleep(TENTH_S * share)
            _told(program, signal.SIGSTOP)
            time.sleep(TENTH_S * (1 - share))
            _told(program, signal.SIGCONT)

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    try:
        yield program
    finally:
        done.set()
        holder.join()
        _told(program, signal.SIGKILL)
        program.wait()


def _told(program: subprocess.Popen[str], number: int) -> None:
    try:
        os.killpg(program.pid, number)
    except ProcessLookupError:
        return


def verdicts(target: list[str], vendor: str, share: float) -> dict[str, str]:
    """Every contract's verdict at one vendor."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = [str(BODYDOUBLE), "contracts", "run", *target, "-p", vendor, "--json", str(report)]
        with slowed(words, share, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
            run.wait()
        return {c["contract"]: c["verdict"] for c in json.loads(report.read_text())["cells"]}


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(share: float) -> int:
    """Print the table; 1 where something is not as it must be."""
    failed = False
    serve = [str(BODYDOUBLE), "serve", "--port", "0", "--json", "--quiet"]
    say(f"{'vendor':14} {'way':11} seconds  verdicts")
    for vendor in names():
        found = {}
        for way in ("in process", "over HTTP"):
            began = time.monotonic()
            if way == "in process":
                found[way] = verdicts([], vendor, share)
            else:
                with slowed(serve, share / 2, stdout=subprocess.PIPE) as server:
                    assert server.stdout is not None
                    url = json.loads(server.stdout.readline())["url"]
                    found[way] = verdicts([url], vendor, share / 2)
            told = ", ".join(f"{n} {v}" for v, n in Counter(found[way].values()).items())
            say(f"{vendor:14} {way:11} {time.monotonic() - began:7.0f}  {told}")
            failed |= not set(found[way].values()) <= GOOD
        differ = {c for c, v in found["in process"].items() if found["over HTTP"].get(c) != v}
        if differ:
            say(f"{vendor:14} differ: {', '.join(sorted(differ))}")
        failed |= bool(differ)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else SHARE))
