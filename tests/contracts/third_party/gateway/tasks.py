"""Tasks and the poller: the only thing that moves a task, apart from a client's look at Veo.

A pass begins on a quarter of a minute; after one that took no time comes the next quarter, after
one that took some the one after that. It refuses to know routes and envelopes.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.contracts.third_party.gateway.accounts import Key
from tests.contracts.third_party.gateway.channels import Channel
from tests.contracts.third_party.gateway.dialects import DIALECTS, Dialect, Seen
from tests.contracts.third_party.gateway.internet import Internet

Json = Any
PASS_S = 15
PAUSE_S = 1
TIMEOUT_S = 24 * 3600
ENDED = ("SUCCESS", "FAILURE")
WORDS = {
    "NOT_START": "unknown", "SUBMITTED": "queued", "QUEUED": "queued",
    "IN_PROGRESS": "in_progress", "SUCCESS": "completed", "FAILURE": "failed",
}  # fmt: skip
"""A state as OpenAI's form of a task says it."""


@dataclass
class Task:
    """One task. Times are Unix seconds, 0 where there is none yet; `data` is the last body of the
    provider, as sent until a pass has `ordered` it; `link` is where the provider keeps the video,
    `result_url` what a client is shown; `quota` turns 0 once it was refunded."""

    number: int
    id: str
    key: Key
    channel: Channel
    model: str
    upstream_model: str
    upstream_id: str
    action: str
    quota: int
    since: float
    data: Json
    status: str = "NOT_START"
    progress: str = "0%"
    reason: str = ""
    link: str = ""
    result_url: str = ""
    updated: int = 0
    started: int = 0
    finished: int = 0
    ordered: bool = False
    refunded: bool = False

    def __post_init__(self) -> None:
        self.updated = int(self.since)

    @property
    def dialect(self) -> Dialect:
        """How its provider is spoken to."""
        return DIALECTS[self.channel.kind]

    @property
    def ended(self) -> bool:
        """Whether nothing moves it any more."""
        return self.status in ENDED

    def move(self, seen: Seen, at: float) -> None:
        """Take over what the provider said."""
        self.status, self.progress = seen.status, seen.progress
        self.reason, self.link = seen.reason, seen.link
        self.updated = int(at)
        if self.status == "IN_PROGRESS" and not self.started:
            self.started = int(at)

    def end(self, server: str, at: float) -> None:
        """Close a task whose end the poller saw."""
        self.progress, self.finished = "100%", int(at)
        if self.status == "SUCCESS":
            proxied = f"{server}/v1/videos/{self.id}/content"
            self.result_url = proxied if self.dialect.proxied else self.link

    def refund(self, at: float) -> None:
        """Give back what it cost, once, to the user and to the key, and write it down."""
        if self.refunded:
            return
        self.refunded = True
        self.key.user.quota += self.quota
        self.key.left, self.key.used = self.key.left + self.quota, self.key.used - self.quota
        entry = log_entry(self.key, 6, self.quota, self.model, at)
        self.key.user.logs.append({**entry, "content": f"refund of {self.id}: {self.reason}"})
        self.quota = 0


def log_entry(key: Key, kind: int, quota: int, model: str, at: float) -> dict[str, Json]:
    """Return a line of the log: 2 for what was consumed, 6 for a refund."""
    return {
        "id": len(key.user.logs) + 1, "user_id": key.user.id, "created_at": int(at), "type": kind,
        "content": "", "username": key.user.name, "token_name": key.name, "model_name": model,
        "quota": quota, "request_id": "",
    }  # fmt: skip


class Poller:
    """Passes over the unfinished tasks, made up for at each request as far as they are due."""

    def __init__(self, internet: Internet, server: str) -> None:
        self.internet, self.server = internet, server
        self.tasks: dict[str, Task] = {}
        self.next_at = 0.0
        self.due: deque[tuple[float, Task]] = deque()
        self.starts: deque[float] = deque(maxlen=100)

    def catch_up(self, now: float) -> None:
        """Do everything that was due up to now."""
        while True:
            if self.due:
                at, task = self.due[0]
                if at > now:
                    return
                self.due.popleft()
                self.refresh(task, at)
            elif not any(not t.ended for t in self.tasks.values()):
                self.next_at = PASS_S * (now // PASS_S + 1)
                return
            elif self.next_at > now:
                return
            else:
                self.begin()

    def begin(self) -> None:
        """Begin a pass: line the unfinished tasks up, and find out when the next one begins."""
        start = at = self.next_at
        self.starts.append(start)
        for task in self.unfinished():
            self.due.append((at, task))
            at += PAUSE_S if task.channel.pauses else 0
        self.next_at = start + PASS_S + PASS_S * math.ceil((at - start) / PASS_S)

    def unfinished(self) -> Iterator[Task]:
        """Yield the unfinished tasks, channel after channel."""
        still = [t for t in self.tasks.values() if not t.ended]
        yield from sorted(still, key=lambda t: t.channel.id)

    def refresh(self, task: Task, at: float) -> None:
        """Look at one task in a pass."""
        if task.ended:  # a client saw the end before the pass came to it
            return
        if at - task.since > TIMEOUT_S:
            task.move(Seen("FAILURE", reason="任务超时（1440分钟）"), at)
        else:
            self.look(task, at)
        self.close(task, at)

    def close(self, task: Task, at: float) -> None:
        """Close a task whose end a pass saw; refund what failed."""
        if task.ended:
            task.end(self.server, at)
        if task.status == "FAILURE":
            task.refund(at)

    def look(self, task: Task, at: float) -> bool:
        """Ask the provider about a task; say whether it told something that can be read."""
        try:
            sent = task.dialect.look(task.channel, task.upstream_id, task.action)
            answer = self.internet.ask(sent, at)
            body = json.loads(answer.body)
        except (ConnectionError, ValueError):
            return False
        seen = task.dialect.seen(body) if isinstance(body, dict) else None
        if seen is None:
            return False
        task.data, task.ordered = body, True
        task.move(seen, at)
        return True
