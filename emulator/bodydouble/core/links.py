"""Links to what a job made: how long they work, and those that are signed anew at each read.

A plain link works from the end of its job; a signed one from the read that gave it, and only as it
was given. The signature is the sandbox's own: the same seed signs the same link again.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest

from bodydouble.core.caches import remembered
from bodydouble.core.chance import Draw

_TOKEN_CHARS_MAX = 100


@dataclass(frozen=True, slots=True)
class LinkRules:
    """How a vendor's links behave.

    ``lifetime_us`` None: they work for good. ``parameter`` names the query parameter that carries
    a signature; with one, links are signed at each read, and their life counts from there.
    ``whole_us`` rounds the end of that life up, to a whole day for instance. ``expired_status`` is
    what a link answers that no longer works, or was never given.
    """

    lifetime_us: int | None = None
    parameter: str = ""
    whole_us: int = 1
    expired_status: int = 403


PLAIN_LINKS = LinkRules()


def media_path(sandbox: str, job: str, extension: str) -> str:
    """Where a job's file is, below ``sandbox``: an id, or an address that ends with one.

    No two results share the last part, by which clients keep files.
    """
    return f"{sandbox}/{job}/{job}-{sandbox[-8:]}.{extension}"


def lasts(rules: LinkRules, since_us: int, now_us: int) -> bool:
    """Whether a link whose life began at ``since_us`` works at ``now_us``."""
    return rules.lifetime_us is None or now_us < _end(rules, since_us)


def signed_query(rules: LinkRules, seed: int, path: str, now_us: int) -> str:
    """The query that makes a link to ``path`` work from ``now_us`` on; with its question mark."""
    end = f"{_end(rules, now_us):x}" if rules.lifetime_us is not None else "0"
    return f"?{rules.parameter}={end}.{_signature(seed, end, path)}"


def given(rules: LinkRules, seed: int, path: str, now_us: int) -> str:
    """``path`` as it stands in a link that is given at ``now_us``: signed, where links are."""
    return path + signed_query(rules, seed, path, now_us) if rules.parameter else path


def still_works(rules: LinkRules, seed: int, path: str, token: str, now_us: int) -> bool:
    """Whether ``token`` was given for ``path`` and its time is not over."""
    end, _, signature = token.partition(".")
    if len(token) > _TOKEN_CHARS_MAX or not compare_digest(
        signature.encode(), _signature(seed, end, path).encode()
    ):
        return False
    return end == "0" or now_us < int(end, 16)


def _end(rules: LinkRules, since_us: int) -> int:
    end_us = since_us + (rules.lifetime_us or 0)
    return -(-end_us // rules.whole_us) * rules.whole_us


@lru_cache(maxsize=1024)
def _key(seed: int) -> bytes:
    return Draw(seed, "links").take(32)


# Whoever polls is given the same link again, until its end moves on.
@remembered(1024)
def _signature(seed: int, end: str, path: str) -> str:
    key = _key(seed)
    message = f"{path}?{end}".encode("utf-8", "surrogatepass")
    return urlsafe_b64encode(blake2b(message, key=key, digest_size=18).digest()).decode()
