"""Walks through Runway with its official Python client, unmodified, and prints what it got as JSON.

Started as a program, by the Python that has the client installed. Arguments: the API's address, a
key, and optionally the address of a sandbox whose clock it moves; without one it waits in real
time, as a user would. It asserts nothing, so that one test can hold every version to the same
sentences. It knows the client and HTTP, and nothing of the emulator's insides.
"""

from __future__ import annotations

import json
import struct
import sys
import time
import zlib
from collections.abc import Callable
from typing import Any

import httpx
from runwayml import APIStatusError, RunwayML, __version__
from runwayml.lib.polling import TaskFailedError, TaskTimeoutError

TURBO = {
    "model": "gen4_turbo",
    "prompt_image": "https://example.com/bunny.jpg",
    "ratio": "1280:720",
    "duration": 2,
}
TEXT = {"model": "gen4.5", "ratio": "1280:720", "duration": 2}
# What the client would send, for the requests that it cannot make: no version header, a wrong one.
BODY = {"model": "gen4.5", "promptText": "a paper boat", "ratio": "1280:720", "duration": 2}
HORSE = "\N{HORSE}"  # one character, two UTF-16 code units
WAIT_S = 90.0


def picture(side: int = 64) -> bytes:
    """A PNG of noise: more than the 512 bytes that an upload needs."""
    state, rows = 1, bytearray()
    for _ in range(side):
        rows.append(0)
        for _ in range(side * 3):
            state = state * 1103515245 + 12345 & 0x7FFFFFFF
            rows.append(state >> 16 & 0xFF)
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def read(answer: Any) -> Any:
    """What the client made of an answer, as plain data in the wire's names."""
    return answer.to_dict(mode="json") if hasattr(answer, "to_dict") else answer


def refused(call: Callable[[], Any]) -> dict[str, Any]:
    """The exception a call ends in, as plain data."""
    try:
        answer = call()
    except APIStatusError as error:
        kind = type(error).__name__
        return {"raised": kind, "status": error.status_code, "body": error.body}
    except TaskFailedError as error:
        return {"raised": "TaskFailedError", "task": read(error.task_details)}
    except TaskTimeoutError as error:
        return {"raised": "TaskTimeoutError", "task": read(error.task_details)}
    return {"raised": None, "answer": read(answer)}


def raw(url: str, headers: dict[str, str], body: Any = None) -> dict[str, Any]:
    """One request past the client, with nothing but the headers given."""
    method = "GET" if body is None else "POST"
    answer = httpx.request(method, url, headers=headers, json=body, timeout=30)
    kind = answer.headers.get("content-type", "")
    return {"status": answer.status_code, "body": answer.json() if "json" in kind else None}


class Walk:
    """One client, one key, and the sandbox whose clock is moved where one is given."""

    def __init__(self, url: str, key: str, sandbox: str = "") -> None:
        self.url, self.key, self.sandbox = url, key, sandbox
        self.client = RunwayML(api_key=key, base_url=url, max_retries=0)

    def pass_time(self) -> None:
        """Lets everything that was begun come to its end, where the clock is ours to move."""
        if self.sandbox:
            httpx.patch(f"{self.sandbox}/clock", json={"until": "idle"}).raise_for_status()

    def story(self) -> dict[str, Any]:
        """From an upload to a film that downloads, and the money it took."""
        client, said = self.client, {}
        before = client.organization.retrieve()
        said["organization"] = read(before)
        said["upload"] = read(client.uploads.create_ephemeral(file=("start.png", picture())))
        image = {**TURBO, "prompt_image": said["upload"]["uri"], "prompt_text": "camera pushes in"}
        made = client.image_to_video.create(**image)
        said["image_to_video"] = read(made)
        said["pending"] = read(client.tasks.retrieve(made.id))
        self.pass_time()
        said["succeeded"] = read(made.wait_for_task_output(timeout=WAIT_S))
        said["again"] = read(client.tasks.retrieve(made.id))
        file = httpx.get(said["again"]["output"][0], timeout=60)
        said["film"] = {
            "status": file.status_code,
            "type": file.headers.get("content-type"),
            "brand": file.content[4:8].decode("latin-1"),
            "bytes": len(file.content),
        }
        text = client.text_to_video.create(**TEXT, prompt_text="a paper boat on a pond")
        said["text_to_video"] = read(text)
        self.pass_time()
        said["text_succeeded"] = read(text.wait_for_task_output(timeout=WAIT_S))
        said["spent"] = before.credit_balance - client.organization.retrieve().credit_balance
        said["usage"] = read(client.organization.retrieve_usage())
        said["deleted"] = client.tasks.delete(made.id)
        said["after_delete"] = refused(lambda: client.tasks.retrieve(made.id))
        said["deleted_twice"] = refused(lambda: client.tasks.delete(made.id))
        return said

    def throttled(self) -> dict[str, Any]:
        """More tasks of one model than run at once: all are accepted, the last ones wait."""
        client = self.client
        before = client.organization.retrieve()
        limits = before.tier.models.get("gen4_turbo")
        many = (limits.max_concurrent_generations if limits else None) or 1
        balance = before.credit_balance
        tasks = [client.image_to_video.create(**TURBO) for _ in range(many + 2)]
        charged = balance - client.organization.retrieve().credit_balance
        states = [client.tasks.retrieve(task.id).status for task in tasks]
        client.tasks.delete(tasks[-1].id)
        left = balance - client.organization.retrieve().credit_balance
        self.pass_time()
        ends = [self.ended(task.id) for task in tasks[:-1]]
        return {"states": states, "ends": ends, "charged": charged, "after_cancel": left}

    def ended(self, task: str) -> str:
        """The last state of a task, polled as seldom as the vendor asks where time is real."""
        until = time.monotonic() + WAIT_S
        while True:
            status: str = self.client.tasks.retrieve(task).status
            if status not in ("PENDING", "THROTTLED", "RUNNING") or time.monotonic() > until:
                return status
            time.sleep(0.05 if self.sandbox else 5)

    def refusals(self) -> dict[str, Any]:
        """One exception of each kind."""
        client, said = self.client, {}
        stranger = RunwayML(api_key="key_" + "0" * 128, base_url=self.url, max_retries=0)
        malformed = RunwayML(api_key="not-a-key", base_url=self.url, max_retries=0)
        create = client.text_to_video.create
        said["unknown_key"] = refused(stranger.organization.retrieve)
        said["malformed_key"] = refused(malformed.organization.retrieve)
        said["unknown_task"] = refused(
            lambda: client.tasks.retrieve("00000000-0000-4000-8000-000000000000")
        )
        said["bad_ratio"] = refused(lambda: create(**{**TEXT, "ratio": "16:9"}, prompt_text="x"))
        said["long_prompt"] = refused(lambda: create(**TEXT, prompt_text="x" * 1001))
        said["wide_prompt"] = refused(lambda: create(**TEXT, prompt_text=HORSE * 501))
        said["old_version"] = refused(
            RunwayML(
                api_key=self.key, base_url=self.url, max_retries=0, runway_version="2023-09-06"
            ).organization.retrieve
        )
        auth = {"Authorization": f"Bearer {self.key}"}
        said["no_version"] = raw(f"{self.url}/v1/organization", auth)
        said["no_version_create"] = raw(f"{self.url}/v1/text_to_video", auth, BODY)
        said["no_funds"] = refused(
            lambda: create(**TEXT, prompt_text="a boat [[bodydouble: refuse=funds]]")
        )
        said["daily_limit"] = refused(
            lambda: create(**TEXT, prompt_text="a boat [[bodydouble: refuse=rate]]")
        )
        failing = create(**TEXT, prompt_text="a boat [[bodydouble: fail=moderated after=1s]]")
        self.pass_time()
        said["moderated"] = refused(lambda: failing.wait_for_task_output(timeout=WAIT_S))
        return said

    def attempts(self) -> dict[str, Any]:
        """How often the client asks, with its own two retries, before it gives a 429 back."""
        seen: list[str] = []

        def note(request: httpx.Request) -> None:
            seen.append(request.headers["x-stainless-retry-count"])

        http = httpx.Client(event_hooks={"request": [note]})
        client = RunwayML(api_key=self.key, base_url=self.url, http_client=http)
        prompt = "a boat [[bodydouble: refuse=rate]]"
        last = refused(lambda: client.text_to_video.create(**TEXT, prompt_text=prompt))
        return {"raised": last["raised"], "attempts": seen}


def main(url: str, key: str, sandbox: str = "") -> None:
    """Prints everything as one JSON object."""
    walk = Walk(url.rstrip("/"), key, sandbox.rstrip("/"))
    report = {
        "version": __version__,
        "story": walk.story(),
        "throttled": walk.throttled(),
        "refusals": walk.refusals(),
        "retried": walk.attempts(),
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
