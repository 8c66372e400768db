"""How long until the first answer, and how much memory an idle server holds.

Each start is a process of its own, with a warm file cache, as after somebody's first time.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.report import Effort, Row, tell
from tests.bench.wire import pinned, request

COMMAND = Path(sys.executable).parent / "bodydouble"
# What the command does once its words are read; measured instead where there is no command.
_SERVE = "from bodydouble.web.server import serve; from bodydouble.web.settings import Settings; "
_GIVE_UP_S = 20.0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def command(port: int) -> tuple[list[str], str]:
    """The command line of a server at ``port``, and what it is called."""
    probe = [str(COMMAND), "serve", "--help"]
    if COMMAND.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
        return [str(COMMAND), "serve", "--port", str(port)], "bodydouble serve"
    script = f"{_SERVE}serve(Settings(port={port}), ready=lambda *ready: None)"
    return [sys.executable, "-c", script], "web.server.serve, as there is no command yet"


def _first_answer(port: int, deadline: float) -> bytes:
    wanted = request("GET", "/smartlyq/v1/me")
    while time.perf_counter() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
                link.sendall(wanted)
                return link.recv(4096)
        except OSError:
            time.sleep(0.001)
    raise RuntimeError(f"no answer within {_GIVE_UP_S:.0f} s")


def _start(arguments: list[str], port: int) -> tuple[float, float]:
    """Seconds to the first answer, and MB of resident memory a second later."""
    started = time.perf_counter()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        answer = _first_answer(port, started + _GIVE_UP_S)
        took = time.perf_counter() - started
        if b" 200 " not in answer[:20]:
            raise RuntimeError(f"the first answer was {answer[:100]!r}")
        time.sleep(0.5)
        return took, resident_mb(process.pid)
    finally:
        process.terminate()
        process.wait()


def resident_mb(pid: int) -> float:
    """Resident memory of a process, in MB; NaN where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) * 1024 / 1_000_000 if found else float("nan")


def measure(effort: Effort) -> Iterator[Row]:
    """Start to first answered request, and idle memory."""
    pinned(0)
    seen = []
    for _ in range(max(5, effort.rounds)):
        port = _free_port()
        arguments, called = command(port)
        seen.append(_start(arguments, port))
    tell(f"  {len(seen)} starts of {called}")
    times, sizes = zip(*seen, strict=True)
    spread = f"{called}; {min(times):.2f} to {max(times):.2f} s in {len(times)} starts"
    yield Row("start to first answered request", median(times), "s", most=0.25, note=spread)
    yield Row("idle memory", median(sizes), "MB", most=50)
