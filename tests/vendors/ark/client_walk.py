"""Walks through Ark with an official Python client, unmodified, and prints what it got as JSON.

Started by the Python that has the client installed. Arguments: the API's address, a key, the
address of a sandbox whose clock it moves and whose scenario it sets, a receiver's address, and the
key of one who may create once a minute. It asserts nothing, so that one test can hold every client
to the same sentences.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import httpx

try:
    from volcenginesdkarkruntime import Ark
    from volcenginesdkarkruntime._exceptions import ArkAPIStatusError
except ImportError:
    from byteplussdkarkruntime import Ark
    from byteplussdkarkruntime._exceptions import ArkAPIStatusError

MODEL = "doubao-seedance-2-0-fast-260128"
REFUSED = [{"type": "text", "text": "a boat [[bodydouble: refuse=moderated]]"}]
ORDER: dict[str, Any] = {
    "model": MODEL,
    "content": [{"type": "text", "text": "a paper boat"}],
    "resolution": "480p",
    "ratio": "1:1",
    "duration": 4,
}


def refused(call: Callable[[], Any]) -> dict[str, Any]:
    """The exception a call ends in, as plain data."""
    try:
        call()
    except ArkAPIStatusError as error:
        kind = type(error).__name__
        return {"raised": kind, "status": error.status_code, "code": error.code}
    return {"raised": None}


class Walk:
    """One client and the sandbox that it stirs."""

    def __init__(self, url: str, key: str, *others: str) -> None:
        self.client = Ark(base_url=url, api_key=key, max_retries=0)
        self.tasks = self.client.content_generation.tasks
        self.url = url
        self.sandbox, self.receiver, self.narrow = others

    def steer(self, path: str, body: Any, method: str = "PATCH") -> None:
        """Turns something about the sandbox."""
        httpx.request(method, f"{self.sandbox}/{path}", json=body, timeout=60).raise_for_status()

    def story(self) -> dict[str, Any]:
        """From an order to a film that downloads, then the list and the end of the record."""
        made = self.tasks.create(**ORDER, callback_url=self.receiver, return_last_frame=True)
        waiting = self.tasks.get(task_id=made.id).status
        self.steer("clock", {"until": "idle"})
        task = self.tasks.get(task_id=made.id)
        film = httpx.get(task.content.video_url, timeout=60).content
        listed = self.tasks.list(page_size=5, status="succeeded", task_ids=[made.id])
        self.tasks.delete(task_id=made.id)
        return {
            "waiting": waiting,
            "status": task.status,
            "tokens": task.usage.completion_tokens,
            "duration": task.duration,
            "film": film[4:8].decode("latin-1"),
            "last": task.content.last_frame_url[-4:],
            "listed": [listed.total, [one.id == made.id for one in listed.items]],
            "deleted": refused(lambda: self.tasks.get(task_id=made.id)),
        }

    def cancels(self) -> dict[str, Any]:
        """A delete in each state."""
        waiting = self.tasks.create(**ORDER).id
        self.tasks.delete(task_id=waiting)
        running = self.tasks.create(**ORDER).id
        self.steer("clock", {"until": "next-event"})
        return {
            "canceled": self.tasks.get(task_id=waiting).status,
            "twice": refused(lambda: self.tasks.delete(task_id=waiting)),
            "running": self.tasks.get(task_id=running).status,
            "refused": refused(lambda: self.tasks.delete(task_id=running)),
        }

    def refusals(self) -> dict[str, Any]:
        """Every refusal that a program meets, once."""
        said = {
            "unknown": refused(lambda: self.tasks.get(task_id="cgt-20260101000000-aaaaa")),
            "model": refused(lambda: self.tasks.create(**{**ORDER, "model": "sora"})),
            "duration": refused(lambda: self.tasks.create(**{**ORDER, "duration": 99})),
        }
        stranger = Ark(base_url=self.url, api_key="nobody", max_retries=0)
        said["stranger"] = refused(lambda: stranger.content_generation.tasks.create(**ORDER))
        said["input"] = refused(lambda: self.tasks.create(**{**ORDER, "content": REFUSED}))
        self.steer("scenario", {"name": "moderated"}, "PUT")
        failed = self.tasks.create(**ORDER).id
        self.steer("clock", {"until": "idle"})
        said["moderated"] = self.tasks.get(task_id=failed).error.code
        narrow = Ark(base_url=self.url, api_key=self.narrow, max_retries=0)
        create = narrow.content_generation.tasks.create
        said["many"] = refused(lambda: [create(**ORDER) for _ in range(2)])
        self.steer("accounts/ark/main/balance", {"amount": "0"}, "PUT")
        said["poor"] = refused(lambda: self.tasks.create(**ORDER))
        return said


def main() -> None:
    """Walks and prints."""
    walk = Walk(*sys.argv[1:6])
    json.dump(
        {"story": walk.story(), "cancels": walk.cancels(), "refusals": walk.refusals()}, sys.stdout
    )


if __name__ == "__main__":
    main()
