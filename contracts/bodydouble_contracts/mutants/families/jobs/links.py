"""Mutants whose jobs end well, and whose links then lead to no video."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.reading.links import dated, lifetime_s, shows_links, shows_posters
from bodydouble_contracts.vendors.profile import Profile

DAY_US = 86_400_000_000
HTML = b"<!doctype html><html><title>Sign in</title><p>This file needs an account.</p></html>"


class OnLink(Mutant):
    """Remembers the links that replies show, and changes what they lead to."""

    name = "result"

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        return shows_links(profile) > 0

    def reset(self) -> None:
        self.seen: dict[str, int] = {}
        self.count = 0

    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if req.path in self.seen:
            self.count += 1
            return self.served(req, resp)
        link: Any = self.read(req, resp, self.name) if self.does(req, "read") else None
        if isinstance(link, str) and link.startswith("http"):
            self.seen.setdefault(urlsplit(link).path, self.now_us)
        return resp

    def served(self, req: Ask, resp: Answer) -> Answer:
        """Return what a link leads to instead."""
        return resp


def plain(status: int, body: bytes, kind: str) -> Answer:
    """Return a reply of a file server that knows nothing of parts."""
    return Answer(status, {"content-type": kind, "content-length": str(len(body))}, body)


@mutant("L33", "the link of a finished job answers 404", ["JOB-23"])
class NoFile(OnLink):
    def served(self, req: Ask, resp: Answer) -> Answer:
        return plain(404, b"not found", "text/plain")


@mutant("L34", "the link of a finished job leads to a page", ["JOB-23", "JOB-24"])
class SignIn(OnLink):
    def served(self, req: Ask, resp: Answer) -> Answer:
        return plain(200, HTML, "text/html")


@mutant("L35", "the file behind the link is empty", ["JOB-23"])
class NoBytes(OnLink):
    def served(self, req: Ask, resp: Answer) -> Answer:
        return plain(200, b"", "video/mp4")


@mutant("L36", "the file behind the link breaks off in the middle", ["JOB-23"])
class Half(OnLink):
    def served(self, req: Ask, resp: Answer) -> Answer:
        if resp.status == 200 and req.method == "GET":
            resp.content = resp.body[: len(resp.body) // 2]
        return resp


@mutant("L37", "the reply with the file ends before it is whole", ["JOB-23"])
class Torn(OnLink):
    """The announced length stays what it was."""

    def served(self, req: Ask, resp: Answer) -> Answer:
        if req.method == "GET":
            resp.body, resp.whole = resp.body[: len(resp.body) // 2], False
        return resp


@mutant("L38", "a link works once", ["JOB-23"])
class Once(OnLink):
    def served(self, req: Ask, resp: Answer) -> Answer:
        return plain(403, b"used", "text/plain") if self.count > 1 else resp


@mutant("L39", "a link gives bytes of no type", ["JOB-24"])
class Untyped(OnLink):
    def served(self, req: Ask, resp: Answer) -> Answer:
        resp.headers["content-type"] = "application/octet-stream"
        return resp


@mutant("L40", "HEAD of a link tells another length", ["JOB-24"])
class OtherLength(OnLink):
    def served(self, req: Ask, resp: Answer) -> Answer:
        if req.method == "HEAD":
            resp.headers["content-length"] = "4711"
        return resp


@mutant("L41", "every part of a link's file is its beginning", ["JOB-24"])
class Beginning(OnLink):
    """The offset is thrown away, the header is not."""

    async def handle(self, req: Ask) -> Answer:
        resp = await super().handle(req)
        if resp.status == 206 and req.path in self.seen:
            start = req.copy(headers={**req.headers, "range": f"bytes=0-{len(resp.body) - 1}"})
            resp.body = (await self.inner(start)).body
        return resp


NEVER = (float("inf"), float("inf"))


@mutant("L42", "links end after a day, and the vendor says they do not", ["JOB-25"])
class Expires(OnLink):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        return dated(profile) > 0 and lifetime_s(profile) == NEVER

    def served(self, req: Ask, resp: Answer) -> Answer:
        old = self.now_us - self.seen[req.path] >= DAY_US
        return plain(403, b"expired", "text/plain") if old else resp


@mutant("L43", "links never end, and the vendor says they do", ["JOB-25"])
class Immortal(OnLink):
    """The sweeper does not run."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        return dated(profile) > 0 and lifetime_s(profile) != NEVER

    def served(self, req: Ask, resp: Answer) -> Answer:
        return resp if resp.status < 400 else plain(200, b"\0\0\0\x08ftyp", "video/mp4")


@mutant("L44", "the poster is a page", ["JOB-26"])
class PosterPage(OnLink):
    name = "poster"

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        return shows_posters(profile) > 0

    def served(self, req: Ask, resp: Answer) -> Answer:
        return plain(200, HTML, "text/html")
