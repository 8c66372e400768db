"""Mutants that lie about limits or keep them badly."""

from __future__ import annotations

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile

HEADS = ("limit_headers",)


class Limits(Mutant):
    """Knows the vendor's limit headers by their profile names."""

    def name(self, which: str) -> str:
        """Return a header's name in lower case."""
        heads = self.profile.section("limits").get("headers", {})
        return str(heads.get(which, which)).lower()


class Resets(Limits):
    """Of a vendor with a header that says when a window ends."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a header says so."""
        return "reset" in profile.section("limits").get("headers", {})


@mutant("H01", "remaining is missing", ["LIM-01", "RES-11"], needs=HEADS)
class NoRemaining(Limits):
    def response(self, req: Ask, resp: Answer) -> None:
        resp.headers.pop(self.name("remaining"), None)


@mutant("H02", "remaining never falls", ["LIM-04"], needs=HEADS)
class StuckRemaining(Limits):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.name("remaining") in resp.headers:
            resp.headers[self.name("remaining")] = resp.headers[self.name("limit")]


@mutant("H03", "reset is in the other unit", ["LIM-05", "RES-11"], needs=HEADS)
class WrongReset(Resets):
    """Seconds to go for an instant, an instant for seconds to go."""

    def response(self, req: Ask, resp: Answer) -> None:
        name = self.name("reset")
        if name in resp.headers:
            instant = self.profile.section("limits").get("reset_means") == "instant"
            resp.headers[name] = "42" if instant else str(self.now_us // 1_000_000 + 42)


@mutant("H04", "429 without Retry-After", ["LIM-06", "RES-11"], needs=("limits", "retry_after"))
class NoRetryAfter(Limits):
    def response(self, req: Ask, resp: Answer) -> None:
        resp.headers.pop("retry-after", None)


@mutant("H05", "the limit wobbles", ["LIM-03"], needs=HEADS)
class WobblyLimit(Limits):
    def reset(self) -> None:
        self.count = 0

    def response(self, req: Ask, resp: Answer) -> None:
        self.count += 1
        name = self.name("limit")
        if name in resp.headers and self.count % 2:
            resp.headers[name] = str(int(resp.headers[name]) + 1)


@mutant("H06", "the limit is not enforced", ["LIM-10", "LIM-09"], needs=("limits",))
class NoLimit(Limits):
    """Sends a throttled request again with a fresh key of the same account."""

    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if resp.status != 429 or req.key not in self.keys:
            return resp
        provider = self.profile.section("control").get("provider", self.profile.provider)
        spec = {"provider": provider, "account": self.account(req)}
        made = await self.control("POST", "/keys", spec)
        again = await self.inner(req.with_key(str(made["key"])))
        kept = {k: v for k, v in resp.headers.items() if k.startswith(self.name("limit")[:4])}
        again.headers.update(kept)
        return again


@mutant("H07", "refuses although something remains", ["LIM-09", "LIM-10"], needs=HEADS)
class EarlyRefusal(Limits):
    def reset(self) -> None:
        self.count = 0

    def response(self, req: Ask, resp: Answer) -> Answer | None:
        self.count += 1
        if self.count % 20 or self.name("remaining") not in resp.headers or resp.status >= 400:
            return None
        return self.refusal(429).under({**resp.headers, "retry-after": "5"})


@mutant("H08", "Retry-After is too short", ["LIM-07"], needs=("limits", "retry_after"))
class ShortRetryAfter(Limits):
    def response(self, req: Ask, resp: Answer) -> None:
        if "retry-after" in resp.headers:
            resp.headers["retry-after"] = "1"


@mutant("H09", "refusals carry no limit headers", ["LIM-01", "RES-11"], needs=HEADS)
class BareRefusals(Limits):
    def response(self, req: Ask, resp: Answer) -> None:
        if resp.status >= 400:
            for which in ("limit", "remaining", "reset"):
                resp.headers.pop(self.name(which), None)


@mutant("H10", "the reset moves back", ["LIM-05"], needs=HEADS)
class ResetBack(Resets):
    def reset(self) -> None:
        self.count = 0

    def response(self, req: Ask, resp: Answer) -> None:
        name = self.name("reset")
        if name in resp.headers:
            self.count += 1
            resp.headers[name] = str(int(resp.headers[name]) - (self.count % 7) * 20)


@mutant("H11", "remaining goes below zero", ["LIM-02", "LIM-04", "RES-11"], needs=HEADS)
class BelowZero(Limits):
    def response(self, req: Ask, resp: Answer) -> None:
        name = self.name("remaining")
        if resp.headers.get(name, "").isdigit():
            resp.headers[name] = str(int(resp.headers[name]) - 1)


@mutant("H12", "Retry-After is a date", ["LIM-06", "RES-11"], needs=("limits", "retry_after"))
class DatedRetryAfter(Limits):
    def response(self, req: Ask, resp: Answer) -> None:
        if "retry-after" in resp.headers:
            resp.headers["retry-after"] = "Fri, 15 Jan 2027 08:00:30 GMT"


@mutant("H13", "reads do not count", ["LIM-04"], needs=HEADS)
class FreeReads(Limits):
    """Reads show what the last reply showed."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where what is counted is not named by a member, which a read has not."""
        return "each" not in profile.section("limits")

    def reset(self) -> None:
        self.last: dict[str, str] = {}

    def response(self, req: Ask, resp: Answer) -> None:
        name = self.name("remaining")
        if name in resp.headers:
            if req.method == "GET" and req.key in self.last:
                resp.headers[name] = self.last[req.key]
            self.last[req.key] = resp.headers[name]


@mutant("H14", "the wait outlasts Retry-After", ["LIM-07"], needs=("limits", "retry_after"))
class StubbornLimit(Limits):
    """The first request after a refusal is refused again, however long the client waited."""

    def reset(self) -> None:
        self.refused: dict[str, Answer] = {}

    def response(self, req: Ask, resp: Answer) -> Answer | None:
        if resp.status == 429:
            self.refused[req.key] = resp
        elif req.key in self.refused:
            return self.refused.pop(req.key)
        return None
