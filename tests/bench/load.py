"""A load generator for one process: so many keep-alive connections, one request each at a time.

It speaks just enough HTTP to count whole answers, so that it costs less than what it measures.
Run as a program it prints one JSON line: requests per second and latency percentiles.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import cast


@dataclass
class Tally:
    """What all connections together saw; latencies in microseconds."""

    deadline: float
    latencies_us: list[int] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)


class Client(asyncio.Protocol):
    """One connection: sends a request, reads the whole answer, sends the next till the deadline."""

    def __init__(self, requests: Iterator[bytes], tally: Tally, done: asyncio.Future[None]) -> None:
        self.requests = requests
        self.tally = tally
        self.done = done
        self.buffer = b""
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.send()

    def send(self) -> None:
        self.sent_at = time.perf_counter()
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self.buffer.lower().find(b"content-length:")
        length = int(self.buffer[at + 15 : self.buffer.find(b"\r", at)])
        if len(self.buffer) < head + 4 + length:
            return
        now = time.perf_counter()
        self.tally.latencies_us.append(int((now - self.sent_at) * 1_000_000))
        status = int(self.buffer[9:12])
        self.tally.statuses[status] = self.tally.statuses.get(status, 0) + 1
        self.buffer = b""
        if now < self.tally.deadline:
            self.send()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def drive(port: int, *requests: bytes, connections: int, seconds: float) -> dict[str, float]:
    """Drives the server at ``port`` with these in turn: requests/s, p50 and p99 in µs, refusals."""
    in_turn = cycle(requests)
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    tally = Tally(started + seconds)
    waiting = []

    def stay_awake() -> None:
        # Waking a sleeping processor is paid for by whoever sends to it, and the slower a server
        # is the more often it would have to: that would measure the machine, not the server.
        if time.perf_counter() < tally.deadline:
            loop.call_soon(stay_awake)

    stay_awake()
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        waiting.append(done)

        def made(done: asyncio.Future[None] = done) -> Client:
            return Client(in_turn, tally, done)

        await loop.create_connection(made, "127.0.0.1", port)
    await asyncio.gather(*waiting)
    took = time.perf_counter() - started
    ordered = sorted(tally.latencies_us)
    return {
        "answers": len(ordered),
        "per_s": len(ordered) / took,
        "p50_us": ordered[len(ordered) // 2],
        "p99_us": ordered[int(len(ordered) * 0.99)],
        "refused": sum(n for status, n in tally.statuses.items() if status >= 300),
    }


def main() -> None:
    """``load.py PORT SECONDS CONNECTIONS < request``"""
    import uvloop

    request = sys.stdin.buffer.read()
    port, seconds, connections = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    work = drive(port, request, connections=connections, seconds=seconds)
    print(json.dumps(uvloop.run(work)))


if __name__ == "__main__":
    main()
