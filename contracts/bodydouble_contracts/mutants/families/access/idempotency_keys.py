"""Mutants that forget, mix up or burn idempotency keys."""

from __future__ import annotations

import json
from typing import Any

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.middleware import Pause
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile

NEEDS = ("idempotency",)


class Keyed(Mutant):
    """Works on submissions under a key."""

    def rekeyed(self, req: Ask, key: str) -> Ask:
        """Return a copy under another idempotency key."""
        names = {n.lower() for n in self.profile.section("idempotency").get("headers", [])}
        return req.copy(headers={k: key if k in names else v for k, v in req.headers.items()})

    async def handle(self, req: Ask) -> Answer:
        """Divert keyed submissions to `keyed`."""
        if self.does(req, "submit") and self.idem(req) is not None:
            return await self.keyed(req, self.idem(req) or "")
        return await self.inner(req)

    async def keyed(self, req: Ask, key: str) -> Answer:
        """Answer one keyed submission."""
        return await self.inner(req)


@mutant("I01", "the key is ignored", ["IDM-01"], needs=NEEDS)
class Ignored(Keyed):
    async def keyed(self, req: Ask, key: str) -> Answer:
        return await self.inner(self.without_idem(req))


class Remembering(Keyed):
    """Keeps the first good answer under each account and key, beside the vendor's own memory."""

    def reset(self) -> None:
        """Nothing is remembered."""
        self.first: dict[Any, tuple[Ask, Answer, int]] = {}

    def name(self, req: Ask, key: str) -> Any:
        """Return what a key is remembered under."""
        return self.account(req), key

    async def keyed(self, req: Ask, key: str) -> Answer:
        """Answer, and remember the first good answer."""
        known = self.first.get(self.name(req, key))
        resp = await (self.again(req, key, *known) if known else self.inner(req))
        if not known and self.ok(req, resp):
            self.first[self.name(req, key)] = (req, resp.copy(), self.now_us)
        return resp

    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        """Answer a request under a key already used."""
        return await self.inner(req)


@mutant("I03", "no conflict for another body", ["IDM-02"], needs=NEEDS)
class NoConflict(Remembering):
    """The first reply, whatever is asked."""

    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        resp = await self.inner(req)
        if self.said(resp, "conflict"):
            return Answer(told.status, dict(resp.headers), told.body)
        return resp


@mutant("I04", "keys are shared between accounts", ["ACC-06", "IDM-04"], needs=NEEDS)
class Shared(Remembering):
    def name(self, req: Ask, key: str) -> Any:
        return key

    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        if self.account(before) == self.account(req):
            return await self.inner(req)
        return told.copy()


@mutant(
    "I05", "keys are forgotten after a twentieth of their life", ["IDM-05", "IDM-01"], needs=NEEDS
)
class Forgets(Remembering):
    async def again(self, req: Ask, key: str, before: Ask, told: Answer, at_us: int) -> Answer:
        life = int(self.profile.section("idempotency").get("lifetime_s", 0))
        if self.now_us - at_us > life * 50_000:
            return await self.inner(self.rekeyed(req, f"{key}.{self.now_us}"[-60:]))
        return await self.inner(req)


@mutant("I06", "a refused request burns its key", ["IDM-06"], needs=NEEDS)
class Burns(Keyed):
    """What was refused once under a key is refused for ever."""

    def reset(self) -> None:
        self.refused: dict[Any, Answer] = {}

    async def keyed(self, req: Ask, key: str) -> Answer:
        name = (self.account(req), key)
        if name in self.refused and req.key in self.keys:
            resp = await self.inner(self.rekeyed(req.copy(body=b"{}"), key + "x"))
            burnt = self.refused[name]
            return Answer(burnt.status, dict(resp.headers), burnt.body)
        resp = await self.inner(req)
        if 400 <= resp.status < 500 and resp.status not in (401, 403, 409, 429):
            self.refused[name] = resp.copy()
        return resp


@mutant("I07", "two at once make two jobs", ["IDM-07"], needs=NEEDS)
class Race(Keyed):
    """Looks up, pauses, stores: a gap for a second request."""

    def reset(self) -> None:
        self.seen: set[Any] = set()
        self.twins = 0

    async def keyed(self, req: Ask, key: str) -> Answer:
        name = (self.account(req), key)
        known = name in self.seen
        await Pause()
        twin = name in self.seen and not known
        self.seen.add(name)
        if twin:
            self.twins += 1
            return await self.inner(self.rekeyed(req, f"{key}~{self.twins}"[-60:]))
        return await self.inner(req)


@mutant("I08", "only the first half of the key counts", ["IDM-08", "IDM-01"], needs=NEEDS)
class Truncated(Keyed):
    async def keyed(self, req: Ask, key: str) -> Answer:
        cut = key if len(key) < 20 else key[: len(key) // 2]
        return await self.inner(self.rekeyed(req, cut))


@mutant("I10", "keys are compared without case", ["IDM-08", "IDM-02"], needs=NEEDS)
class NoCase(Keyed):
    async def keyed(self, req: Ask, key: str) -> Answer:
        return await self.inner(self.rekeyed(req, key.lower()))


@mutant("I14", "after a lost reply the key is forgotten", ["IDM-10", "BIL-04"], needs=NEEDS)
class LostIsForgotten(Keyed):
    def reset(self) -> None:
        self.lost: set[str] = set()

    async def keyed(self, req: Ask, key: str) -> Answer:
        if key in self.lost:
            return await self.inner(self.rekeyed(req, f"{key}~again"[-60:]))
        try:
            resp = await self.inner(req)
        except Exception:
            self.lost.add(key)
            raise
        if not resp.status or not resp.whole:
            self.lost.add(key)
        return resp


@mutant("I15", "requests without a key are merged by their body", ["IDM-09", "JOB-15"])
class Merged(Mutant):
    def reset(self) -> None:
        self.seen: dict[Any, Answer] = {}

    async def handle(self, req: Ask) -> Answer:
        if not self.does(req, "submit") or self.idem(req) is not None or req.json is None:
            return await self.inner(req)
        name = (self.account(req), json.dumps(req.json, sort_keys=True), self.now_us)
        if name in self.seen and req.key in self.keys:
            return self.seen[name].copy()
        resp = await self.inner(req)
        if self.ok(req, resp):
            self.seen[name] = resp.copy()
        return resp


@mutant(
    "I16",
    "only the first spelling of the header counts",
    ["IDM-01"],
    needs=("idempotency", "two_key_headers"),
)
class OneHeader(Keyed):
    async def keyed(self, req: Ask, key: str) -> Answer:
        first = self.profile.section("idempotency")["headers"][0].lower()
        return await self.inner(req if first in req.headers else self.without_idem(req))


@mutant("I20", "only the last three keys are remembered", ["IDM-01", "BIL-10"], needs=NEEDS)
class LastThree(Keyed):
    def reset(self) -> None:
        self.order: list[tuple[str, str]] = []

    async def keyed(self, req: Ask, key: str) -> Answer:
        name = (self.account(req), key)
        gone = name in self.order and name not in self.order[-3:]
        if name not in self.order:
            self.order.append(name)
        return await self.inner(self.rekeyed(req, f"{key}~"[-60:]) if gone else req)


@mutant("I22", "each API key has idempotency keys of its own", ["IDM-01", "BIL-10"], needs=NEEDS)
class PerApiKey(Keyed):
    def reset(self) -> None:
        self.first: dict[tuple[str, str], str] = {}

    async def keyed(self, req: Ask, key: str) -> Answer:
        owner = self.first.setdefault((self.account(req), key), req.key)
        return await self.inner(self.rekeyed(req, f"{key}~"[-60:]) if owner != req.key else req)


@mutant("I23", "another endpoint takes a used key", ["IDM-11"], needs=("cancel", *NEEDS))
class OtherEndpoint(Keyed):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where every write looks at them."""
        return bool(profile.section("idempotency").get("every_write"))

    async def handle(self, req: Ask) -> Answer:
        if self.idem(req) and not self.does(req, "submit"):
            return await self.inner(self.without_idem(req))
        return await self.inner(req)
