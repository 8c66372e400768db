"""Walks through SmartlyQ with its official client, unmodified, and prints what it got as JSON.

Started as a program, by the Python that has the client installed; argument: the emulator's
address. It asserts nothing, so that one test can hold every version to the same sentences. It
knows the client and HTTP, and nothing of the emulator's insides.
"""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Callable
from typing import Any

import httpx
from smartlyq import SmartlyQ, SmartlyQError, __version__

PROMPT = "A lone astronaut walks across a crimson desert at sunset"
ASKED = {
    "model": "kling-v2-1",
    "type": "text_to_video",
    "prompt": PROMPT,
    "duration": 10,
    "mode": "Professional",
    "aspect_ratio": "16:9",
}


class Sandbox:
    """A sandbox of one's own, steered over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        made = httpx.post(f"{url}/_bodydouble/sandboxes", json={}).raise_for_status().json()
        self.path = f"{url}/_bodydouble/sandboxes/{made['id']}"
        self.key = made["keys"]["smartlyq"]

    def steer(self, method: str, path: str, body: Any) -> Any:
        """One request to the control plane; it must succeed."""
        return httpx.request(method, self.path + path, json=body).raise_for_status().json()

    def advance(self, seconds: float) -> None:
        """Moves the clock."""
        self.steer("PATCH", "/clock", {"advance_s": seconds})

    def client(self, key: str = "", retries: int = 0) -> SmartlyQ:
        """The official client, pointed here by its documented option."""
        base = f"{self.url}/smartlyq/v1"
        return SmartlyQ(api_key=key or self.key, base_url=base, max_retries=retries)


def refused(call: Callable[[], Any]) -> dict[str, Any]:
    """The error object a call ends in, as plain data."""
    try:
        call()
    except SmartlyQError as error:
        names = ("status_code", "code", "details", "request_id")
        return {"message": str(error), **{name: getattr(error, name) for name in names}}
    return {"message": "it was not refused"}


def story(box: Sandbox) -> dict[str, Any]:
    """From an order to a file, and a second one canceled."""
    said: dict[str, Any] = {}
    with box.client() as client:
        said["models"] = client.videos.list_models()
        said["accepted"] = client.videos.generate(ASKED)
        uid = said["accepted"]["data"]["job_uid"]
        said["pending"] = client.jobs.get(uid)
        box.steer("PATCH", "/clock", {"until": "next-event"})
        said["processing"] = client.jobs.get(uid)
        box.steer("PATCH", "/clock", {"until": {"job": uid}})
        said["completed"] = client.jobs.get(uid)
        said["videos"] = client.videos.list(query={"per_page": 5})
        said["video"] = client.videos.get(said["videos"]["data"][0]["id"])
        file = httpx.get(said["video"]["data"]["url"], timeout=60)
        said["file"] = {
            "status": file.status_code,
            "type": file.headers["content-type"],
            "brand": file.content[4:8].decode("latin-1"),
            "bytes": len(file.content),
        }
        second = client.videos.generate(
            {"model": "kling-v2-1", "type": "text_to_video", "prompt": PROMPT}
        )
        said["canceled"] = client.jobs.cancel(second["data"]["job_uid"], {})
        said["jobs"] = client.jobs.list(query={"status": "cancelled"})
        said["balance"] = client.account.get_me_balance()
        said["deleted"] = client.videos.delete(said["video"]["data"]["id"])
        said["uid"] = uid
    return said


def refusals(box: Sandbox, finished: str) -> dict[str, Any]:
    """One error object of each documented kind."""
    said: dict[str, Any] = {}
    box.advance(60)
    read_only = box.steer("POST", "/keys", {"provider": "smartlyq", "scopes": ["videos:read"]})
    with box.client() as client, box.client(read_only["key"]) as reader:
        with box.client("nobody") as stranger:
            said["401"] = refused(stranger.account.get_me)
        said["403"] = refused(lambda: reader.videos.generate(ASKED))
        said["404"] = refused(lambda: client.jobs.get("job_000000000000"))
        said["400"] = refused(lambda: client.jobs.cancel(finished))
        said["409"] = refused(lambda: client.jobs.cancel(finished, {}))
        said["422"] = refused(lambda: client.videos.generate({"model": "standard", "prompt": "x"}))
        name = str(uuid.uuid4())
        first = client.videos.generate(ASKED, idempotency_key=name)
        again = client.videos.generate(ASKED, idempotency_key=name)
        said["same"] = first == again
        other = {**ASKED, "duration": 5}
        said["409 key"] = refused(lambda: client.videos.generate(other, idempotency_key=name))
        box.steer("PUT", "/accounts/smartlyq/main/balance", {"amount": "0.0100"})
        said["402"] = refused(lambda: client.videos.generate(ASKED))
        for _ in range(60):
            said["429"] = refused(client.account.get_me)
            if said["429"].get("status_code") == 429:
                break
    return said


def retried(box: Sandbox) -> dict[str, Any]:
    """A trouble that goes away: the client's own retry gets through."""
    trouble = {"point": "arrival", "kind": "status", "status": 500, "times": 1}
    box.advance(60)
    box.steer("POST", "/faults", trouble)
    with box.client() as client:
        once = refused(client.account.get_me)
    box.steer("POST", "/faults", trouble)
    with box.client(retries=1) as client:
        return {"once": once, "twice": client.account.get_me()}


def main(url: str) -> None:
    """Prints everything as one JSON object."""
    box = Sandbox(url)
    said = story(box)
    report = {"version": __version__, "story": said, "refusals": refusals(box, said["uid"])}
    json.dump({**report, "retried": retried(box)}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
