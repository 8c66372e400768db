"""Mutants whose JSON only some can read, and whose replies say wrong things of themselves."""

from __future__ import annotations

import json

from bodydouble_contracts.history.pointers import MISSING, get
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile


def write_body(resp: Answer, body: bytes) -> None:
    """Replace a body by bytes that no JSON writer would make."""
    resp.body = body
    resp.headers["content-length"] = str(len(body))


@mutant("S19", "JSON is called latin-1", ["RES-12"])
class Latin(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if "json" in resp.headers.get("content-type", ""):
            resp.headers["content-type"] = "application/json; charset=iso-8859-1"


@mutant("S20", "bodies begin with a byte order mark", ["RES-12"])
class Marked(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if resp.body:
            write_body(resp, b"\xef\xbb\xbf" + resp.body)


@mutant("S21", "a member comes twice", ["RES-12"])
class TwiceNamed(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        doc = resp.json
        if isinstance(doc, dict) and doc:
            name = json.dumps(next(iter(doc))).encode()
            write_body(resp, b"{" + name + b":null," + resp.body.lstrip()[1:])


@mutant("S22", "204 with a body", ["RES-13"], needs=("remove",))
class FullOfNothing(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where some operation answers so."""
        return any(204 in o.ok for o in profile.operations.values())

    def response(self, req: Ask, resp: Answer) -> None:
        if resp.status == 204:
            write_body(resp, b'{"success":true}')
            resp.headers["content-type"] = "application/json"


@mutant("S23", "the request id in the header is another", ["RES-14"], needs=("request_id",))
class TwoIds(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where body and header both show it."""
        rule = profile.section("request_id")
        return bool(rule.get("header") and rule.get("at"))

    def response(self, req: Ask, resp: Answer) -> None:
        name = str(self.profile.section("request_id")["header"]).lower()
        if name in resp.headers:
            resp.headers[name] = "req_" + resp.headers[name][:3:-1]


@mutant("S24", "a reply's own time stands still", ["RES-15"])
class StoppedClock(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where replies show a time."""
        return bool(profile.extra.get("reply_time"))

    def reset(self) -> None:
        self.first: object = None

    def response(self, req: Ask, resp: Answer) -> None:
        place, doc = self.profile.extra["reply_time"], resp.json
        value = get(doc, place) if isinstance(doc, dict) else MISSING
        if value is not MISSING:
            self.first = self.first or value
            resp.put(place, self.first)


@mutant("V01", "the list of models lacks one", ["VAL-12"], family="VAL")
class LacksModel(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where there is a list of models."""
        return any(o.does == "models" and o.item for o in profile.operations.values())

    def listed(self, rows: list[object]) -> list[object]:
        """Return the rows to show."""
        model = self.profile.samples[0].body["model"]
        return [r for r in rows if f'"{model}"' not in json.dumps(r)]

    def response(self, req: Ask, resp: Answer) -> None:
        rows = self.read(req, resp, "items") if self.does(req, "models") else None
        if isinstance(rows, list):
            self.write(req, resp, "items", self.listed(rows))


@mutant("V02", "the list of models shows one twice", ["VAL-12"], family="VAL")
class TwiceListed(LacksModel):
    def listed(self, rows: list[object]) -> list[object]:
        return [*rows, *rows[:1]]


@mutant("B25", "a refusal for want of money tells another balance", ["BIL-17"], needs=("balance",))
class FalseReason(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where the refusal tells it at all."""
        return bool(profile.section("error").get("balance"))

    def response(self, req: Ask, resp: Answer) -> None:
        place = self.profile.section("error")["balance"]
        if isinstance(get(resp.json, place), str):
            resp.put(place, "12.3400")


@mutant("A14", "a refusal names the wrong scope", ["ACC-02"], needs=("scopes",))
class WrongScope(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where the refusal names it."""
        return bool(profile.section("error").get("scope"))

    def response(self, req: Ask, resp: Answer) -> None:
        place = self.profile.section("error")["scope"]
        if resp.status == 403 and isinstance(get(resp.json, place), str):
            resp.put(place, "social:write")
