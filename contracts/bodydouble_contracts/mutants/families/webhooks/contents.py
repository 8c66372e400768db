"""Mutants that write a delivery wrongly and sign it rightly, as a vendor's own mistake would be."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from bodydouble_contracts.history.instants import instant_us
from bodydouble_contracts.history.pointers import get, put
from bodydouble_contracts.mutants.families.jobs.times import spelled_like
from bodydouble_contracts.mutants.families.webhooks.deliveries import NEEDS, Hooks
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Send, mutant
from bodydouble_contracts.reading.signatures import code, parts


class Resigned(Hooks):
    """Changes bodies with `changed` and signs them anew with the secret that was handed out."""

    secrets: ClassVar[dict[str, str]] = {}

    def response(self, req: Ask, resp: Answer) -> None:
        """Learn secrets; an inbox has a port of its own, so that urls tell sessions apart."""
        secret = self.read(req, resp, "secret") if self.does(req, "webhook_create") else None
        if isinstance(secret, str):
            self.secrets[str(req.json["url"])] = secret

    def changed(self, doc: Any) -> Any:
        """Return the body to send."""
        return doc

    async def sent(self, delivery: Any, send: Send) -> int:
        doc = self.changed(json.loads(delivery.body))
        spec, heads = self.rule()["signature"], dict(delivery.headers)
        name, body = spec["header"].lower(), json.dumps(doc).encode()
        told = parts(spec, lambda header: heads.get(header.lower()))
        if told:
            right = code(spec, self.secrets.get(delivery.url, ""), told, body)
            heads[name] = heads[name].replace(told["mac"], right)
        for header, pointer in self.rule().get("headers", {}).items():
            if str(pointer).startswith("/"):
                heads[header.lower()] = str(get(doc, pointer))
        return await send(delivery.copy(body=body, headers=heads))


@mutant("W14", "deliveries name no type of job", ["HOK-12"], needs=NEEDS)
class NoType(Resigned):
    def changed(self, doc: Any) -> Any:
        # The last of those that are always there: of whatever the vendor tells beside the job.
        always = self.rule().get("always", [])
        if "/data/type" in always:
            doc["data"].pop("type", None)
        elif always:
            doc.pop(always[-1].strip("/"), None)
        return doc


@mutant("W15", "the error in a delivery is an object", ["HOK-12"], needs=NEEDS)
class ErrorObject(Resigned):
    def changed(self, doc: Any) -> Any:
        if "error" in doc["data"]:
            doc["data"]["error"] = {"message": doc["data"]["error"]}
        return doc


@mutant("W16", "every event has the same id", ["HOK-13"], needs=NEEDS)
class OneEvent(Resigned):
    def changed(self, doc: Any) -> Any:
        put(doc, self.place("id"), "evt_" + "0" * 24)
        return doc


@mutant("W17", "the time of an event is an hour off", ["HOK-14"], needs=NEEDS)
class HourOff(Resigned):
    def changed(self, doc: Any) -> Any:
        place = self.place("created")
        value = get(doc, place)
        put(doc, place, spelled_like((instant_us(value) or 0) - 3_600_000_000, value))
        return doc


@mutant("W18", "every webhook has the same secret", ["HOK-15"], needs=NEEDS)
class OneSecret(Resigned):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "webhook_create") and self.ok(req, resp):
            self.write(req, resp, "secret", "whsec_" + "ab" * 24)
        super().response(req, resp)


@mutant("W19", "the last attempt is made twice", ["HOK-16"], needs=NEEDS)
class OneMore(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        times, status = self.times(delivery), await send(delivery)
        if times > len(self.rule().get("retry_s", [])) and status >= 300:
            status = await send(delivery)
        return status


@mutant("W20", "deliveries are called text", ["HOK-10"], needs=NEEDS)
class CalledText(Hooks):
    async def sent(self, delivery: Any, send: Send) -> int:
        return await send(delivery.copy(headers={**delivery.headers, "content-type": "text/plain"}))
