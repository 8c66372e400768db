"""Each vendor's poll and submission over loopback, as shares of a bare Starlette route.

One server serves them all; slices are interleaved. Submissions differ in their prompts, so that no
memory of a body flatters them. A vendor whose plan stops a stream of submissions is told and left
out of those rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx

from tests.bench.report import Effort, Row, middle_ratio, tell
from tests.bench.wire import pinned, processor_us, request, server, slice_of
from tests.vendors.asking import VENDORS, asking

PROMPTS = 64
MUCH = "1000000"
POLL, SUBMIT = 80.0, 45.0


def head(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as a usual client sends it."""
    told = {
        "Host": "127.0.0.1:8750",
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": "bench",
        **headers,
    }
    if body:
        told |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def asked(client: httpx.Client, plane: str, vendor: str) -> dict[str, tuple[bytes, ...]]:
    """The vendor's poll of a job just made, and its submissions, with a key nothing stops."""
    wanted = {"provider": vendor, "rate_limit": 10**9}
    key = client.post(f"{plane}/keys", json=wanted).raise_for_status().json()["key"]
    way = asking(vendor)
    bodies = [json.dumps(way.body(f"A fox, {n}.", small=True)).encode() for n in range(PROMPTS)]
    headers = way.headers(key)
    made = client.post(way.submit_path, content=bodies[0], headers=_json(headers))
    poll = way.poll_path.format(job=way.job(made.raise_for_status()))
    return {
        "poll": (head("GET", poll, headers),),
        "submit": tuple(head("POST", way.submit_path, headers, body) for body in bodies),
    }


def _json(headers: dict[str, str]) -> dict[str, str]:
    return {**headers, "Content-Type": "application/json"}


def measure(effort: Effort) -> Iterator[Row]:
    """A row for each vendor's poll and submission."""
    pinned(1)
    with server("bare") as bare, server("bodydouble", "hasty") as ours:
        with httpx.Client(base_url=f"http://127.0.0.1:{ours[0]}") as client:
            fields: dict[str, Any] = {"balance": MUCH, "speed": 1000, "rate": 1}
            made = client.post("/_bodydouble/sandboxes", json=fields).raise_for_status().json()
            plane = f"/_bodydouble/sandboxes/{made['id']}"
            wanted = {
                (kind, vendor): requests
                for vendor in VENDORS
                for kind, requests in asked(client, plane, vendor).items()
            }
        seen = _interleaved(effort, bare, ours, wanted)
    for kind, least in (("poll", POLL), ("submit", SUBMIT)):
        for vendor in VENDORS:
            runs = seen.get((kind, vendor))
            if runs is None:
                yield Row(f"{kind} {vendor}", float("nan"), "% of bare", note="refused under load")
                continue
            beside = seen["bare", ""][: len(runs)]
            share = middle_ratio([one["per_s"] for one in runs], [one["per_s"] for one in beside])
            busy = min(one["processor_us"] for one in runs)
            note = f"{busy:.1f} us of processor each"
            yield Row(f"{kind} {vendor}", 100 * share, "% of bare", least=least, note=note)


def _interleaved(
    effort: Effort,
    bare: tuple[int, int],
    ours: tuple[int, int],
    wanted: dict[tuple[str, str], tuple[bytes, ...]],
) -> dict[tuple[str, str], list[dict[str, float]]]:
    every = {name: (ours, requests) for name, requests in wanted.items()}
    every["bare", ""] = bare, (request("GET", "/constant"),)
    seen: dict[tuple[str, str], list[dict[str, float]]] = {}
    for number in range(effort.rounds + 1):
        for name, ((port, pid), requests) in list(every.items()):
            before_us = processor_us(pid)
            try:
                run = slice_of(port, requests, effort.slice_s)
            except RuntimeError as error:
                tell(f"  {' '.join(name)}: {error}")
                del every[name]
                seen.pop(name, None)
                continue
            run["processor_us"] = (processor_us(pid) - before_us) / run["answers"]
            if number:  # the first round warms up
                seen.setdefault(name, []).append(run)
        tell(f"  round {number} of {effort.rounds}")
    return seen
