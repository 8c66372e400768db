"""JOB: what the link of a finished job leads to, judged from the bytes that came.

A link is known by a reply that showed it; what was opened before anybody saw it says nothing. Of a
file it reads the frame that tells a video from a page, never the pictures in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bodydouble_contracts.contracts.contract import contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.history.exchanges import Reply
from bodydouble_contracts.reading.calls import Call
from bodydouble_contracts.reading.links import (
    DAY_S,
    HOUR_S,
    dated,
    lifetime_s,
    shows_links,
    shows_posters,
    signed_anew,
    target_of,
)
from bodydouble_contracts.reading.sightings import Sighting
from bodydouble_contracts.reading.view import View

MAX_BOXES = 100_000
EBML = b"\x1a\x45\xdf\xa3"
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"RIFF")
HTTP = "RFC 9110, 8.3, 9.3.2 and 14.2"


class Opened(NamedTuple):
    """One link opened: the look that first showed it, under which name, and how old it was."""

    look: Sighting
    name: str
    call: Call
    age_s: float

    @property
    def part(self) -> str:
        """The range that was asked for."""
        return self.call.x.request.header("range") or ""

    @property
    def busy(self) -> bool:
        """Whether the host asked to come back later, which says nothing of the file."""
        return self.call.status in (429, 503) and self.call.header("retry-after") is not None


def opened(view: View, name: str, method: str = "GET") -> Iterator[Opened]:
    """Yield the links that were opened after a look at a finished job had shown them."""
    known: dict[str, Sighting] = {}
    for looks in view.sightings.values():
        for look in looks:
            link = look.get(name) if look.word == "succeeded" else None
            if isinstance(link, str):
                known.setdefault(target_of(link), look)
    for call in view.fetches:
        shown = known.get(call.x.request.target)
        if shown and shown.call.index < call.index and call.x.request.method == method:
            yield Opened(shown, name, call, (call.x.at_us - shown.call.x.at_us) / 1e6)


def problem(reply: Reply, part: str) -> str:
    """Return why a reply is no video, or no beginning of one; an empty text if it is."""
    if reply.status != 200 and not (part and reply.status == 206):
        return f"status {reply.status}"
    if not reply.body:
        return "no bytes at all"
    if reply.body[:4] == EBML:
        return ""
    if reply.body[4:8] != b"ftyp":
        return f"{len(reply.body)} bytes that begin {reply.body[:24]!r}"
    return "" if reply.status == 206 or reply.cut else unframed(reply.body)


def unframed(body: bytes) -> str:
    """Return why the boxes of an MP4 do not fill it to its last byte, or an empty text."""
    at, kinds = 0, set()
    for _ in range(MAX_BOXES):
        if at >= len(body):
            break
        size, kind = int.from_bytes(body[at : at + 4], "big"), body[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(body[at + 8 : at + 16], "big")
        size = size or len(body) - at
        if size < 8 or at + size > len(body):
            return f"an MP4 that breaks off after {len(body)} bytes, within {kind!r}"
        at += size
        kinds.add(kind)
    lacking = [k for k in (b"moov", b"mdat") if k not in kinds]
    return f"an MP4 of {len(body)} bytes without {lacking[0]!r}" if lacking else ""


@contract(
    "JOB-23",
    "link-gives-video",
    source="each vendor's poll page",
    needs=("hosted",),
    about=shows_links,
    census=3,
)
def job_23(view: View, tally: Tally) -> None:
    """The link of a finished job gives the video, whole, while the link lasts.

    Within its documented life, else the first hour; from the first byte on, whole or a part.
    """
    lasts_s = (lifetime_s(view.profile) or (HOUR_S, HOUR_S))[0]
    for one in opened(view, "result"):
        elsewhere = one.part and not one.part.startswith("bytes=0-")
        if one.busy or elsewhere or one.age_s >= min(lasts_s, HOUR_S):
            continue
        reply = one.call.x.reply
        if reply is not None:
            wrong = problem(reply, one.part)
        elif view.history.controlled and not one.call.x.ours:
            wrong = f"no whole reply ({one.call.x.lost})"
        else:
            continue  # a network between the judge and the file may have lost it, or our hurry
        tally.check(not wrong, "a video", wrong, one.look.call, one.call)


@contract(
    "JOB-24",
    "link-headers-tell-truth",
    level="SHOULD",
    source=HTTP,
    needs=("hosted",),
    about=shows_links,
    census=3,
)
def job_24(view: View, tally: Tally) -> None:
    """The headers of a finished job's link tell its type, its length and the part that was sent.

    Against the bytes of a whole reply; HEAD as GET; a part that is called one.
    """
    whole: dict[str, bytes] = {}
    for one in opened(view, "result"):
        call, reply = one.call, one.call.x.reply
        if reply is None or call.status not in (200, 206) or reply.cut:
            continue
        kind = call.header("content-type") or "no type"
        tally.check(kind.lower().startswith("video/"), "a video type", kind, call)
        first = whole.setdefault(call.x.request.target, reply.body) if not one.part else None
        body = first or whole.get(call.x.request.target)
        if call.status == 206 and body is not None:
            start, _, end = one.part.removeprefix("bytes=").partition("-")
            wanted = body[int(start) : int(end) + 1]
            named = f"bytes {start}-{int(start) + len(wanted) - 1}/{len(body)}"
            fine = reply.body == wanted and call.header("content-range") == named
            told = f"{call.header('content-range')} with {len(reply.body)} bytes"
            tally.check(fine, named, told, one.look.call, call)
    for one in opened(view, "result", "HEAD"):
        body = whole.get(one.call.x.request.target)
        if body is not None and not one.call.lost and not one.busy:
            kind, length = one.call.header("content-type") or "", one.call.header("content-length")
            fine = one.call.status == 200 and kind.lower().startswith("video/")
            told = f"status {one.call.status}, {kind}, {length} bytes"
            right = fine and length in (None, str(len(body)))
            tally.check(right, f"a video of {len(body)} bytes", told, one.look.call, one.call)


@contract(
    "JOB-25",
    "link-lives-as-documented",
    source="each vendor's page on how long files are kept",
    tier="E",
    needs=("hosted",),
    about=dated,
)
def job_25(view: View, tally: Tally) -> None:
    """A link works for as long as the vendor says, and no longer.

    By the judge's clock, from an hour on; nothing between the end's earliest and latest.
    """
    life_s = lifetime_s(view.profile)
    if life_s is None or not view.history.controlled:
        return
    least_s, most_s = life_s
    asked = {s.job: s.call.x.at_us for s in view.submissions if s.accepted}
    for one in opened(view, "result"):
        if one.busy or one.age_s < HOUR_S:
            continue
        # A link that every look signs anew begins with that look, another one with its file.
        since = one.look.call.x.at_us if signed_anew(view.profile) else asked.get(one.look.id, 0)
        at_most_s = (one.call.x.at_us - since) / 1e6
        told = f"status {one.call.status} after {one.age_s / DAY_S:.1f} days"
        if at_most_s < least_s:
            fine = one.call.status in (200, 206)
            tally.check(fine, "the video still", told, one.look.call, one.call)
        elif one.age_s >= most_s:
            tally.check(one.call.refused, "a refusal by now", told, one.look.call, one.call)


@contract(
    "JOB-26",
    "poster-is-picture",
    level="SHOULD",
    source="each vendor's poll page",
    needs=("hosted",),
    about=shows_posters,
    census=1,
)
def job_26(view: View, tally: Tally) -> None:
    """The still picture beside a finished video is a picture.

    JPEG, PNG, GIF or WebP, by its first bytes; within an hour.
    """
    for one in opened(view, "poster"):
        reply = one.call.x.reply
        if one.busy or reply is None or one.age_s >= HOUR_S:
            continue
        fine = reply.status == 200 and reply.body.startswith(PICTURES)
        told = f"status {reply.status}, {len(reply.body)} bytes that begin {reply.body[:16]!r}"
        tally.check(fine, "a picture", told, one.look.call, one.call)
