"""Endings: what a job does that no documentation promises and clients meet all the same.

An ending is drawn with the job's timeline and stays with it. Each is a change of one answer or one
file, never of money or state: what was charged, refunded or finished is what the ledger says.
"""

from __future__ import annotations

from enum import StrEnum


class Ending(StrEnum):
    """What a job does against the documentation. Spelled as in a cue: ``ending=no-url``."""

    NO_URL = "no-url"
    UNKNOWN_STATUS = "unknown-status"
    STALLS = "stalls"
    GOES_BACK = "goes-back"
    IGNORES_CANCEL = "ignores-cancel"
    LINK_HTML = "link-html"
    LINK_TRUNCATED = "link-truncated"
    LINK_ELSEWHERE = "link-elsewhere"
    LINK_EXPIRED = "link-expired"


ABOUT: dict[Ending, str] = {
    Ending.NO_URL: "succeeds, and the reply has no address of the video",
    Ending.UNKNOWN_STATUS: "runs under a status word that no page lists, then succeeds",
    Ending.STALLS: "its progress stops at 40 % until it succeeds",
    Ending.GOES_BACK: "its progress falls back by 40 points on the way",
    Ending.IGNORES_CANCEL: "a cancel is answered as done, and the job goes on",
    Ending.LINK_HTML: "the address of the video answers 200 with a web page",
    Ending.LINK_TRUNCATED: "the video breaks off in the middle",
    Ending.LINK_ELSEWHERE: "the video is on a host other than the API's",
    Ending.LINK_EXPIRED: "the address of the video has expired already",
}

_STALL_AT = 0.4
_BACK_FROM = 0.6


def shown_progress(ending: Ending | None, share: float) -> float:
    """The progress that a job with this ending shows when it has come as far as ``share``."""
    if ending is Ending.STALLS:
        return min(share, _STALL_AT)
    if ending is Ending.GOES_BACK and share > _BACK_FROM:
        return share - _STALL_AT
    return share


def elsewhere(origin: str) -> str:
    """Another host that serves the same: this machine's other name, else a host that is nowhere."""
    for name, other in (("127.0.0.1", "localhost"), ("localhost", "127.0.0.1")):
        if f"//{name}" in origin:
            return origin.replace(f"//{name}", f"//{other}", 1)
    scheme, _, host = origin.partition("://")
    return f"{scheme}://media.{host.partition(':')[0]}.invalid"
