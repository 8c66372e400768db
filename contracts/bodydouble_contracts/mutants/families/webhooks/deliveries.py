"""Mutants that spoil webhooks between the sender and the receiver."""

from __future__ import annotations

import json
from typing import Any

from bodydouble_contracts.history.pointers import get, put
from bodydouble_contracts.mutants.mutant import Mutant, Send, mutant
from bodydouble_contracts.reading.signatures import parts

NEEDS = ("webhooks",)
PLACES = {"id": "/id", "event": "/event", "job": "/data/job_id", "created": "/created_at"}


class Hooks(Mutant):
    """Passes every delivery through `sent`, which sends it as often and as changed as it likes."""

    def reset(self) -> None:
        """Nothing was sent."""
        self.seen: dict[str, int] = {}
        self.held: Any = None

    def egress(self, send: Send) -> Send:
        """Wrap the sender."""

        async def wrapped(delivery: Any) -> int:
            return await self.sent(delivery, send)

        return wrapped

    async def sent(self, delivery: Any, send: Send) -> int:
        """Send one delivery."""
        return await send(delivery)

    def rule(self) -> Any:
        """Return the profile's section on webhooks."""
        return self.profile.section("webhooks")

    def place(self, name: str) -> str:
        """Return where a delivery keeps what the profile calls so."""
        return str(self.rule().get(name, PLACES[name]))

    def event(self, delivery: Any) -> Any:
        """Return the event a delivery carries."""
        return get(json.loads(delivery.body), self.place("event"))

    def telling(self, delivery: Any, name: str, value: Any) -> Any:
        """Return a copy of a delivery that tells something else."""
        doc = json.loads(delivery.body)
        put(doc, self.place(name), value)
        return delivery.copy(body=json.dumps(doc).encode())

    def times(self, delivery: Any) -> int:
        """Count and return how often this body was sent to this inbox."""
        name = f"{delivery.url} {delivery.body!r}"
        self.seen[name] = self.seen.get(name, 0) + 1
        return self.seen[name]


@mutant("W01", "the signature is over other bytes", ["HOK-01"], needs=NEEDS)
class Reserialised(Hooks):
    """The body is written anew after it was signed."""

    async def sent(self, delivery: Any, send: Send) -> int:
        body = json.dumps(json.loads(delivery.body), indent=1).encode()
        return await send(delivery.copy(body=body))


@mutant("W02", "nothing is sent again", ["HOK-04"], needs=NEEDS)
class NoRetry(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        await send(delivery)
        return 200


@mutant("W03", "a retry has a new id", ["HOK-03", "HOK-07", "HOK-01"], needs=NEEDS)
class NewId(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        times = self.times(delivery)
        if times > 1:
            delivery = self.telling(delivery, "id", f"evt_{times:024x}")
        return await send(delivery)


@mutant("W04", "failures are not announced", ["HOK-05"], needs=NEEDS)
class NoFailure(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        if self.rule().get("events", {}).get(self.event(delivery)) == "failed":
            return 200
        return await send(delivery)


@mutant("W05", "successes are announced as failures", ["HOK-06", "HOK-05", "HOK-01"], needs=NEEDS)
class FalseNews(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        events = self.rule().get("events", {})
        failed = next((e for e, w in events.items() if w == "failed"), None)
        if failed and events.get(self.event(delivery)) == "succeeded":
            delivery = self.telling(delivery, "event", failed)
        return await send(delivery)


@mutant("W06", "the body names another job", ["HOK-06", "HOK-05", "HOK-01"], needs=NEEDS)
class OtherJob(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        other = self.profile.section("unknown_ids").get("job")
        return await send(self.telling(delivery, "job", other))


@mutant("W07", "accepted deliveries are repeated", ["HOK-09"], needs=NEEDS)
class Repeats(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        status = await send(delivery)
        return await send(delivery) if status < 300 else status


@mutant("W08", "the time in the signature is stale", ["HOK-02", "HOK-01"], needs=NEEDS)
class Stale(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        spec, heads = self.rule().get("signature", {}), dict(delivery.headers)
        told = parts(spec, lambda header: heads.get(header.lower())) or {}
        name = spec.get("time", spec.get("header", "")).lower()
        if told.get("t", "").isdecimal():
            heads[name] = heads[name].replace(told["t"], str(int(told["t"]) - 3600), 1)
        return await send(delivery.copy(headers=heads))


@mutant("W09", "deliveries are not signed", ["HOK-01"], needs=NEEDS)
class Unsigned(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        name = self.rule().get("signature", {}).get("header", "").lower()
        heads = {k: v for k, v in delivery.headers.items() if k != name}
        return await send(delivery.copy(headers=heads))


@mutant("W10", "the headers name another event", ["HOK-10"], needs=NEEDS)
class FalseHeaders(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        heads = dict(delivery.headers)
        for name in self.rule().get("headers", {}):
            if name.lower() in heads:
                heads[name.lower()] = "job.started"
        return await send(delivery.copy(headers=heads))


@mutant("W11", "every delivery is a new event", ["HOK-03", "HOK-01"], needs=NEEDS)
class Changing(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        times = self.times(delivery)
        doc = {**json.loads(delivery.body), "attempt": times}
        return await send(delivery.copy(body=json.dumps(doc).encode()))


@mutant("W12", "subscribers hear what they did not ask for", ["HOK-08"], needs=NEEDS)
class Everywhere(Hooks):
    """Every delivery also goes to every other inbox of the same receiver."""

    async def sent(self, delivery: Any, send: Send) -> int:
        status = await send(delivery)
        self.seen.setdefault(delivery.url, 0)
        for other in [u for u in delivery.siblings if u != delivery.url]:
            await send(delivery.copy(url=other))
        return status


@mutant("W13", "the secret is shown again", ["HOK-11"], needs=NEEDS)
class ShowsSecret(Mutant):
    """In the list of webhooks."""

    def response(self, req: Any, resp: Any) -> None:
        doc = resp.json
        if (
            self.does(req, "webhook_list", "webhook_update")
            and isinstance(doc, dict)
            and resp.status < 300
        ):
            doc["secret"] = "whsec_0123456789abcdef"
            resp.json = doc
