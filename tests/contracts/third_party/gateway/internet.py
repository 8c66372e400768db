"""What stands beyond the gateway: hosts by name, each a function, and small stubs of providers.

The stubs speak the providers' public interfaces as far as a text-to-video order needs them: a job
is accepted, works for some seconds and ends; one that is doomed ends badly. Nothing is opened:
a host that nobody put here refuses the connection. They refuse to know the gateway.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Json = Any
LASTS_S = 20
"""How long a job of a stub works, in seconds."""
SENT_MAX = 500
BAD = "the content was refused by the provider's risk control"
FILES = "https://cdn.example"
"""Where the videos of all providers lie, if nobody says otherwise."""


@dataclass(frozen=True)
class Outgoing:
    """A request of the gateway to a provider."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path alone."""
        return urlsplit(self.url).path

    @property
    def json(self) -> Json:
        """The body, read."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Incoming:
    """What a provider answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Host = Callable[[Outgoing, float], Incoming]


class Internet:
    """All hosts there are, and the last requests that the gateway `sent` to any."""

    def __init__(self, hosts: dict[str, Host]) -> None:
        self.hosts = hosts
        self.sent: deque[Outgoing] = deque(maxlen=SENT_MAX)

    def ask(self, outgoing: Outgoing, at: float) -> Incoming:
        """Return what a host answers. Raises ConnectionError where nobody listens."""
        self.sent.append(outgoing)
        host = self.hosts.get(urlsplit(outgoing.url).netloc)
        if host is None:
            raise ConnectionError(outgoing.url)
        return host(outgoing, at)


def said(body: Json, status: int = 200) -> Incoming:
    """Return JSON as an answer."""
    return Incoming(status, json.dumps(body).encode(), {"Content-Type": "application/json"})


@dataclass
class Job:
    """One job of a provider."""

    since: float
    doomed: bool
    model: str

    def ended(self, at: float) -> bool:
        """Whether it has ended, one way or the other."""
        return at - self.since >= LASTS_S


class Provider:
    """What the stubs share: jobs by number, who is `doomed`, asked of each prompt, and where the
    `files` lie."""

    def __init__(self, doomed: Callable[[str], bool], files: str) -> None:
        self.doomed, self.files = doomed, files
        self.jobs: dict[str, Job] = {}

    def open(self, name: str, prompt: str, model: str, at: float) -> str:
        """Begin a job; return its id."""
        made = name.format(len(self.jobs) + 1)
        self.jobs[made] = Job(at, self.doomed(prompt), model)
        return made


class KlingStub(Provider):
    """`POST /v1/videos/text2video` and its `GET …/{id}`: milliseconds, and a code in every body."""

    def __call__(self, asked: Outgoing, at: float) -> Incoming:
        if asked.method == "POST":
            body = asked.json
            id_ = self.open("kling-job-{}", body.get("prompt", ""), body["model_name"], at)
            told = {"task_id": id_, "task_status": "submitted"}
        else:
            id_ = asked.path.rpartition("/")[2]
            told = {"task_id": id_, **self.look(id_, at)}
        ms = int(self.jobs[id_].since * 1000)
        now = ms if asked.method == "POST" else int(at * 1000)
        data = {**told, "created_at": ms, "updated_at": now}
        return said({"code": 0, "message": "SUCCEED", "request_id": f"r-{id_}", "data": data})

    def look(self, id_: str, at: float) -> dict[str, Json]:
        """Return the state of a job, in Kling's words."""
        job = self.jobs[id_]
        if not job.ended(at):
            return {"task_status": "processing"}
        if job.doomed:
            return {"task_status": "failed", "task_status_msg": BAD}
        link = f"{self.files}/{id_}.mp4"
        videos = [{"id": f"v-{id_}", "url": link, "duration": "5.1"}]
        return {"task_status": "succeed", "task_result": {"videos": videos}}


class VeoStub(Provider):
    """`POST …:predictLongRunning` and the operation that it names."""

    def __call__(self, asked: Outgoing, at: float) -> Incoming:
        if asked.method == "POST":
            model = asked.path.rpartition("/")[2].partition(":")[0]
            prompt = asked.json["instances"][0]["prompt"]
            return said({"name": self.open(f"models/{model}/operations/{{}}", prompt, model, at)})
        name = asked.path.removeprefix("/v1beta/")
        job = self.jobs[name]
        if not job.ended(at):
            return said({"name": name, "done": False})
        if job.doomed:
            return said({"name": name, "done": True, "error": {"code": 3, "message": BAD}})
        video = {"uri": f"{self.files}/{name.rpartition('/')[2]}.mp4"}
        made = {"generateVideoResponse": {"generatedSamples": [{"video": video}]}}
        return said({"name": name, "done": True, "response": made})


class DoubaoStub(Provider):
    """`POST /api/v3/contents/generations/tasks` and its `GET …/{id}`."""

    def __call__(self, asked: Outgoing, at: float) -> Incoming:
        if asked.method == "POST":
            body = asked.json
            prompt = " ".join(c.get("text", "") for c in body["content"])
            return said({"id": self.open("cgt-{}", prompt, body["model"], at)})
        id_ = asked.path.rpartition("/")[2]
        job = self.jobs[id_]
        told = {"id": id_, "model": job.model, "created_at": int(job.since), "updated_at": int(at)}
        if not job.ended(at):
            return said({**told, "status": "running"})
        if job.doomed:
            error = {"code": "OutputVideoSensitiveContentDetected", "message": BAD}
            return said({**told, "status": "failed", "error": error})
        link = f"{self.files}/{id_}.mp4"
        return said({**told, "status": "succeeded", "content": {"video_url": link}})


class SoraStub(Provider):
    """`POST /v1/videos`, its `GET …/{id}` and `GET …/{id}/content`; it shows a `task_id`, too."""

    def __call__(self, asked: Outgoing, at: float) -> Incoming:
        if asked.method == "POST":
            prompt = asked.body.decode(errors="replace")
            id_ = self.open("video_{}", prompt, "sora-2-2025-12-08", at)
        else:
            id_ = asked.path.split("/")[3]
        job = self.jobs[id_]
        if asked.path.endswith("/content"):
            return Incoming(200, video(id_), {"Content-Type": "video/mp4", "Server": "sora-stub"})
        told: dict[str, Json] = {"id": id_, "task_id": id_, "object": "video", "model": job.model}
        status, progress = "queued", 0
        if asked.method == "GET":
            ends = "failed" if job.doomed else "completed"
            status, progress = (ends, 100) if job.ended(at) else ("in_progress", 30)
        told |= {"status": status, "progress": progress, "created_at": int(job.since)}
        if job.ended(at) and job.doomed:
            told["error"] = {"code": "moderation_blocked", "message": BAD}
        return said({**told, "seconds": "4", "size": "720x1280"})


def cdn(asked: Outgoing, at: float) -> Incoming:
    """Where the stubs' videos lie: open to everybody."""
    headers = {"Content-Type": "video/mp4", "Server": "cdn-stub", "Cache-Control": "no-store"}
    return Incoming(200, video(asked.path), headers)


def video(name: str) -> bytes:
    """Return a file in the frame of an MP4, another for each name; nobody has filmed anything."""
    boxes = ((b"ftyp", b"isom\0\0\0\0isommp42"), (b"moov", bytes(64)), (b"mdat", name.encode()))
    return b"".join((8 + len(data)).to_bytes(4, "big") + kind + data for kind, data in boxes)


def providers(doomed: Callable[[str], bool], files: str) -> dict[str, Host]:
    """Return a stub for each provider that the gateway has a channel of, and their files."""
    return {
        "kling.example": KlingStub(doomed, files), "veo.example": VeoStub(doomed, files),
        "doubao.example": DoubaoStub(doomed, files), "sora.example": SoraStub(doomed, files),
        "openai.example": SoraStub(doomed, files), urlsplit(files).netloc: cdn,
    }  # fmt: skip
