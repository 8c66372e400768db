"""Walks through fal with its official Python client, unmodified, and prints what it got as JSON.

Started as a program, by the Python that has the client installed, which reads the hosts of the
queue and of `run` from FAL_QUEUE_RUN_HOST and FAL_RUN_HOST, whom it trusts from SSL_CERT_FILE, and
its key from FAL_KEY. Arguments: the address of a sandbox whose clock it moves, and one that takes
webhooks. It asserts nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import fal_client
import httpx
from fal_client import AsyncClient, SyncClient, __version__

KLING = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video"
VEO = "fal-ai/veo3.1"
BOAT = {"prompt": "a paper boat on a pond"}
FAST = 60


def refused(call: Callable[[], Any]) -> dict[str, Any]:
    """The exception a call ends in, as plain data."""
    try:
        answer = call()
    except fal_client.FalClientHTTPError as error:
        told = {"raised": type(error).__name__, "status": error.status_code}
        retryable = error.response_headers.get("x-fal-retryable")
        return {**told, "message": error.message, "type": error.error_type, "again": retryable}
    return {"raised": None, "answer": answer}


def seen(status: Any) -> dict[str, Any]:
    """A status as the client read it."""
    return {"kind": type(status).__name__, **asdict(status)}


class Walk:
    """One client and the sandbox whose clock is moved."""

    def __init__(self, sandbox: str, hook: str) -> None:
        self.sandbox, self.hook = sandbox, hook
        self.client = SyncClient()

    def clock(self, **how: Any) -> None:
        """Moves the clock, or lets it go."""
        httpx.patch(f"{self.sandbox}/clock", json=how).raise_for_status()

    def busy(self) -> bool:
        """Whether somebody was told to come again."""
        log = httpx.get(f"{self.sandbox}/requests", params={"limit": 5}).json()
        return any(one["status"] == 429 for one in log["requests"])

    def story(self) -> dict[str, Any]:
        """From a submission to a film that downloads."""
        client, said = self.client, {}
        handle = client.submit(KLING, BOAT, webhook_url=self.hook)
        said["id"] = handle.request_id
        said["urls"] = [handle.response_url, handle.status_url, handle.cancel_url]
        said["queued"] = seen(handle.status(with_logs=True))
        self.clock(advance="5s")
        said["running"] = seen(handle.status(with_logs=True))
        self.clock(until="idle")
        said["completed"] = seen(client.status(KLING, handle.request_id, with_logs=True))
        said["result"] = handle.get()
        file = httpx.get(said["result"]["video"]["url"], timeout=60)
        kind, brand = file.headers.get("content-type"), file.content[4:8].decode("latin-1")
        said["film"] = {"status": file.status_code, "type": kind, "brand": brand}
        said["late_cancel"] = refused(handle.cancel)
        return said

    def subscribed(self) -> dict[str, Any]:
        """The client's own loop, while time flies."""
        self.clock(rate=FAST)
        updates: list[str] = []

        def note(status: Any) -> None:
            if (kind := type(status).__name__) not in updates:
                updates.append(kind)

        result = self.client.subscribe(VEO, BOAT, on_queue_update=note, with_logs=True)
        ran = self.client.run(KLING, BOAT)
        later = asyncio.run(AsyncClient().subscribe(VEO, BOAT))
        self.clock(rate=0)
        return {"updates": updates, "result": result, "ran": ran, "async": later}

    def canceled(self) -> dict[str, Any]:
        """What waits, and what runs, is canceled."""
        client, said = self.client, {}
        handle = client.submit(KLING, BOAT)
        handle.cancel()
        said["queued"] = seen(handle.status())
        said["result"] = refused(lambda: client.result(KLING, handle.request_id))
        handle = client.submit(KLING, BOAT)
        self.clock(advance="5s")
        handle.cancel()
        self.clock(until="idle")
        said["running"] = seen(handle.status())
        return said

    def crowded(self) -> dict[str, Any]:
        """More than may run at once: the queue takes them all, `run` is told to come again."""
        handles = [self.client.submit(VEO, BOAT) for _ in range(3)]
        self.clock(advance="5s")
        said: dict[str, Any] = {"kinds": [type(one.status()).__name__ for one in handles]}
        # The client asks again and again; time goes on once it has been refused.
        with ThreadPoolExecutor() as pool:
            running = pool.submit(self.client.run, KLING, BOAT)
            while not self.busy():
                pass
            self.clock(rate=FAST)
            said["ran"] = running.result()
        self.clock(rate=0)
        self.clock(until="idle")
        return said

    def refusals(self) -> dict[str, Any]:
        """One exception of each kind."""
        client, said = self.client, {}
        stranger = SyncClient(key="00000000-0000-4000-8000-000000000000:" + "0" * 32)
        said["unknown_key"] = refused(lambda: stranger.submit(VEO, BOAT))
        said["malformed_key"] = refused(lambda: SyncClient(key="no-key").submit(VEO, BOAT))
        said["unknown_app"] = refused(lambda: client.submit("fal-ai/sora-9", BOAT))
        nothing = "00000000-0000-4000-8000-000000000000"
        said["unknown_request"] = refused(lambda: client.status(VEO, nothing))
        said["bad_run"] = refused(lambda: client.run(VEO, {"duration": "7s"}))
        bad = client.submit(VEO, {**BOAT, "duration": "7s"})
        poor = {"prompt": "a boat [[bodydouble: refuse=funds]]"}
        said["no_funds"] = refused(lambda: client.submit(VEO, poor))
        blocked = client.submit(VEO, {"prompt": "a boat [[bodydouble: fail=moderated after=1s]]"})
        broken = client.submit(
            VEO, {"prompt": "a boat [[bodydouble: fail=provider_error after=1s]]"}
        )
        self.clock(until="idle")
        for name, handle in (("invalid", bad), ("moderated", blocked), ("broken", broken)):
            said[name] = refused(handle.get)
            said[f"{name}_status"] = seen(handle.status())
        return said


def main(sandbox: str, hook: str) -> None:
    """Prints everything as one JSON object."""
    walk = Walk(sandbox.rstrip("/"), hook)
    report = {
        "version": __version__,
        "host": os.environ["FAL_QUEUE_RUN_HOST"],
        "story": walk.story(),
        "subscribed": walk.subscribed(),
        "canceled": walk.canceled(),
        "crowded": walk.crowded(),
        "refusals": walk.refusals(),
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
