"""Five small clients of SmartlyQ, each with one bad habit, and one without any.

The lint, the receipt and the network guard are for them: each of them works, and each would
have hurt with the real vendor. ``sleep`` is the sandbox's, so that nobody waits.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import httpx

ORDER = {"model": "kling-v2-1", "type": "text_to_video", "prompt": "a curtain rises"}
ENDED = ("completed", "failed", "cancelled")
Sleep = Callable[[float], object]


class GoodClient:
    """Keys its orders, honours pauses, polls every five seconds, gives up and cancels."""

    poll_s = 5.0
    deadline_s = 120.0
    attempts = 3

    def __init__(self, http: httpx.Client, sleep: Sleep) -> None:
        self.http = http
        self.sleep = sleep

    def film(self) -> str:
        """The job, once it is over or given up."""
        job = self.order()
        waited_s = 0.0
        while self.status(job) not in ENDED:
            if waited_s >= self.deadline_s:
                self.http.post(f"/jobs/{job}/cancel", json={})
                break
            self.sleep(self.poll_s)
            waited_s += self.poll_s
        return job

    def order(self) -> str:
        """Orders, again if the answer is lost, always under the same key."""
        headers = self.headers()
        for _ in range(self.attempts):
            try:
                reply = self.http.post("/videos/generate", json=ORDER, headers=headers)
            except httpx.TransportError:
                continue
            if reply.status_code == 202:
                return str(reply.json()["data"]["job_uid"])
            self.pause(reply)
        raise RuntimeError("no order was taken")

    def headers(self) -> dict[str, str]:
        """What makes a repeated order the same order."""
        return {"Idempotency-Key": str(uuid.uuid4())}

    def pause(self, reply: httpx.Response) -> None:
        """Waits as long as it was asked to."""
        self.sleep(float(reply.headers.get("retry-after", "1")))

    def status(self, job: str) -> str:
        """The vendor's word for the job's state."""
        return str(self.http.get(f"/jobs/{job}").json()["data"]["status"])


class Impatient(GoodClient):
    """Polls ten times a second, and does not hear when it is told to wait."""

    poll_s = 0.1

    def pause(self, reply: httpx.Response) -> None:
        """Does not wait."""


class Doubler(GoodClient):
    """Repeats an order whose answer was lost, with nothing to tell it from a second order."""

    def headers(self) -> dict[str, str]:
        """Nothing."""
        return {}


class Obsessed(GoodClient):
    """Has no deadline, and polls on when all is over. ``polls`` ends it, since a test must end."""

    def film(self, polls: int = 100, between_s: float = 60.0) -> str:
        """The job, never cancelled."""
        job = self.order()
        for _ in range(polls):
            self.status(job)
            self.sleep(between_s)
        return job


class Forgetful(GoodClient):
    """Orders and never comes back."""

    def film(self) -> str:
        """The job, which nobody will fetch."""
        return self.order()


class Gullible:
    """Takes any delivery for true, and talks to the real vendor under a key of its own."""

    key = "sqk_live_somebodysrealkey"
    url = "https://api.smartlyq.com/v1"

    def __init__(self) -> None:
        self.told: list[Any] = []

    def take(self, body: bytes) -> int:
        """Believes it."""
        self.told.append(body)
        return 200

    def call_home(self) -> str:
        """What became of a call to the vendor itself, errors swallowed."""
        try:
            return str(httpx.get(f"{self.url}/me", timeout=2).status_code)
        except httpx.HTTPError as error:
            return type(error).__name__
