"""A vendor that talks nonsense: any status, any JSON or none, headers that count with odd digits.

The judge is to convict it without ever failing itself.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from typing import Any

import pytest

from bodydouble_contracts import runs
from bodydouble_contracts.cli import commands
from bodydouble_contracts.reports import terminal
from bodydouble_contracts.reports.document import Head, build
from bodydouble_contracts.vendors.reader import load, names

Json = Any
WORDS = (
    "data", "id", "task_id", "status", "jobs", "items", "pagination", "total", "job", "job_uid",
    "error", "code", "type", "param", "total_available", "balance", "url", "generations_by_pk",
    "user_details", "videos", "generationId", "cost",
)  # fmt: skip
LEAVES: tuple[Json, ...] = (
    None, [], {}, 0, -1, 1e308, "", "x", True, [None], [[]], {"id": {}, "status": []}, 10**400,
)  # fmt: skip
STATUSES = (*[200] * 6, 201, 202, 204, 301, 400, 401, 403, 404, 409, 422, 429, 500, 503)
COUNTS = (b"1", b"x", b"-3", b"\xb2", b"1.5", b"--5", b"9" * 5000)


def nonsense(chance: random.Random, depth: int = 0) -> Json:
    """Return a JSON value of words that vendors use, put together by chance."""
    if depth > 3 or chance.random() < 0.3:
        return chance.choice(LEAVES)
    return {chance.choice(WORDS): nonsense(chance, depth + 1) for _ in range(chance.randint(0, 6))}


class Babbler:
    """Answers whatever comes into its head; sometimes it hangs up."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    async def __call__(self, scope: Json, receive: Json, send: Json) -> None:
        chance = self.chance
        whole = json.dumps(nonsense(chance)).encode()
        body = chance.choice([whole] * 6 + [b"", b"{", b"\xff\xfe", b"<html>"])
        counted = (b"retry-after", b"content-length", b"x-ratelimit-limit", b"x-ratelimit-reset")
        heads = [(name, chance.choice(COUNTS)) for name in counted]
        heads.append((b"content-type", chance.choice([b"application/json", b"text/html", b"\xe9"])))
        if chance.random() < 0.03:
            raise ConnectionResetError
        status = chance.choice(STATUSES)
        await send({"type": "http.response.start", "status": status, "headers": heads})
        await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.nightly)])
@pytest.mark.sampled(3)
@pytest.mark.parametrize("vendor", names())
def test_nonsense_is_convicted_and_never_breaks_the_judge(
    vendor: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = load(vendor)
    for role in profile.roles.values():
        if role.env:
            monkeypatch.setenv(role.env, f"sk-{role.name}-0000")
    monkeypatch.setattr(sys.modules[__name__], "app", Babbler(seed))
    effort = replace(runs.EFFORTS["quick"], outside=True, wait_s=0)
    made = runs.run(f"{__name__}:app", [profile], effort=effort)
    found = {j.contract: j for _, j in made.judgements()}
    assert not [j.reason for j in found.values() if j.verdict == "error"]
    assert found["RES-01"].verdict == found["RES-04"].verdict == "broken"
    told = list(terminal.lines(build(Head("babbler"), commands.columns_of(made))))
    assert any(line.startswith("verifiable") for line in told)


app: Json = None
