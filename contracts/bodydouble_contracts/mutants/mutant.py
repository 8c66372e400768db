"""The base of all mutants: ASGI middleware that breaks one promise of whatever it wraps.

It never imports an emulator: it finds requests and members through the profile, so one list
serves every vendor. Control requests pass untouched; what they tell of keys, accounts and time is
remembered, so that a mutant needs no hidden requests that would eat the rate limit.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from bodydouble_contracts.history.instants import instant_us
from bodydouble_contracts.history.pointers import MISSING, drop, get, put
from bodydouble_contracts.mutants import refusals
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.middleware import (
    ask_app,
    read_ask,
    send_answer,
    spelled,
    write_place,
)
from bodydouble_contracts.targets.target import App
from bodydouble_contracts.vendors.parts import Rule
from bodydouble_contracts.vendors.profile import Operation, Profile, find

Json = Any
Send = Callable[[Any], Awaitable[int]]


class Mutant:
    """One sabotage. Subclasses override `handle`, or `response`, or `egress`; all may be async.

    `handle(req)` answers a request, calling `inner(req)` as often as it likes. `response(req,
    resp)` changes a reply. `egress(send)` wraps the sender of webhooks. `reset()` forgets
    everything; it is called when a new sandbox is made. No randomness inside.
    """

    id: ClassVar[str] = "M00"
    family: ClassVar[str] = ""
    title: ClassVar[str] = "changes nothing"
    convicts: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[str, ...]] = ()
    providers: ClassVar[tuple[str, ...]] = ()

    crashes: ClassVar[list[str]] = []
    """What mutants of this process fell over: an error of ours, and no sabotage."""

    def __init__(self, profile: Profile | None = None) -> None:
        """Take the profile of the vendor to sabotage."""
        self.profile: Any = profile
        self.app: Any = None
        self.keys: dict[str, str] = {}
        self.box = ""
        self.now_us = 0
        section = profile.section if profile else lambda name: {}
        self.prefix = section("control").get("prefix", "/_bodydouble")
        self.key_header = str(section("key").get("header", "Authorization")).lower()
        self.reset()

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Say whether the profile holds what this mutant sabotages (a refusal of some kind)."""
        return True

    def wrap(self, app: App) -> App:
        """Return the sabotaged app."""
        self.app = app
        return self

    # What subclasses override.

    async def handle(self, req: Ask) -> Answer:
        """Answer one request."""
        resp = await self.inner(req)
        made = self.response(req, resp)
        changed = await made if inspect.isawaitable(made) else made
        return changed if changed is not None else resp

    def response(self, req: Ask, resp: Answer) -> Any:
        """Change one reply; None keeps it."""
        return resp

    def egress(self, send: Send) -> Send:
        """Wrap the sender of webhooks: an async function from a delivery to a status."""
        return send

    def reset(self) -> None:
        """Forget everything."""

    # What subclasses use.

    async def inner(self, req: Ask) -> Answer:
        """Send a request to the wrapped app and return its whole answer."""
        return await ask_app(self.app, req)

    def op(self, req: Ask) -> Operation | None:
        """Return the operation of a request, or None."""
        found = self.profile.match(req.method, req.path)
        return found[0] if found else None

    def does(self, req: Ask, *what: str) -> bool:
        """Say whether a request does one of these things."""
        operation = self.op(req)
        return operation is not None and bool({operation.does, *operation.also} & set(what))

    def param(self, req: Ask) -> str:
        """Return the id in a request's path, or an empty text."""
        found = self.profile.match(req.method, req.path)
        return next(iter(found[1].values()), "") if found else ""

    def account(self, req: Ask) -> str:
        """Return the account of a request's key; unknown keys are their own account."""
        return self.keys.get(req.key, req.key)

    def key_of(self, account: str, not_this: str = "") -> str:
        """Return a key of an account, the first that was made."""
        return next((k for k, a in self.keys.items() if a == account and k != not_this), "")

    def idem(self, req: Ask) -> str | None:
        """Return the idempotency key of a request, or None."""
        names = self.profile.section("idempotency").get("headers", [])
        return next((v for n in names if (v := req.headers.get(n.lower()))), None)

    def without_idem(self, req: Ask) -> Ask:
        """Return a copy without its idempotency key."""
        names = {n.lower() for n in self.profile.section("idempotency").get("headers", [])}
        return req.copy(headers={k: v for k, v in req.headers.items() if k not in names})

    def ok(self, req: Ask, resp: Answer) -> bool:
        """Say whether a reply is the documented success of its operation."""
        operation = self.op(req)
        return operation is not None and resp.status in operation.ok

    def read(self, req: Ask, resp: Answer, name: str) -> Json:
        """Return what a reply keeps under one of the profile's names, or MISSING."""
        operation = self.op(req)
        return find(operation.at.get(name, ()), resp.json) if operation else MISSING

    def write(self, req: Ask, resp: Answer, name: str, value: Json) -> bool:
        """Set what a reply keeps under a name, in the first place that is there."""
        operation, doc = self.op(req), resp.json
        if operation is None or not write_place(operation.at.get(name, ()), doc, value):
            return False
        resp.json = doc
        return True

    def erase(self, req: Ask, resp: Answer, name: str) -> bool:
        """Remove what a reply keeps under a name."""
        operation, doc = self.op(req), resp.json
        hit = operation is not None and any(
            drop(doc, p.pointer) for p in operation.at.get(name, ())
        )
        if hit:
            resp.json = doc
        return hit

    def word(self, req: Ask, resp: Answer) -> str | None:
        """Return the lifecycle's word for the state a reply shows."""
        raw = self.read(req, resp, "state")
        return self.profile.word(raw) if raw is not MISSING else None

    def raw(self, word: str) -> str:
        """Return the vendor's first word for a state of the lifecycle, or the word itself."""
        return next((r for r, w in self.profile.states.items() if w == word), word)

    def rows(self, req: Ask, resp: Answer) -> list[Json]:
        """Return the items of a list's reply."""
        items = self.read(req, resp, "items")
        return items if isinstance(items, list) else []

    def set_rows(self, req: Ask, resp: Answer, rows: list[Json]) -> None:
        """Replace the items of a list's reply."""
        self.write(req, resp, "items", rows)

    def item(self, req: Ask, row: Json, name: str) -> Json:
        """Return what one item keeps under a name, or MISSING."""
        operation = self.op(req)
        return find(operation.item.get(name, ()), row) if operation else MISSING

    def set_item(self, req: Ask, row: Json, name: str, value: Json) -> bool:
        """Set what one item keeps under a name."""
        operation = self.op(req)
        return operation is not None and write_place(operation.item.get(name, ()), row, value)

    def units(self, req: Ask, resp: Answer, name: str) -> int | None:
        """Return an amount of money in the smallest units."""
        operation = self.op(req)
        for place in operation.at.get(name, ()) if operation else ():
            found: int | None = self.profile.units(place.read(resp.json), place.times)
            if found is not None:
                return found
        return None

    def add_units(self, req: Ask, resp: Answer, name: str, units: int) -> None:
        """Add units to every place a reply keeps an amount under, spelled as it was."""
        operation, doc = self.op(req), resp.json
        for place in operation.at.get(name, ()) if operation else ():
            old = place.read(doc)
            now = self.profile.units(old, place.times)
            if now is not None:
                put(doc, place.pointer, spelled(self.profile, now + units, place.times, old))
                if name == "parts":
                    break
        resp.json = doc

    def code(self, resp: Answer) -> Json:
        """Return the vendor's error code in a reply, or MISSING."""
        return find(refusals.named(self.profile, "code"), resp.json)

    def set_code(self, resp: Answer, value: Json) -> None:
        """Replace the vendor's error code in a reply, or remove it for MISSING."""
        refusals.set_code(self.profile, resp, value)

    def refusal(self, status: int) -> Answer:
        """Return a refusal in the vendor's envelope, with a code listed for the status."""
        return refusals.refused(self.profile, Rule((status,)))

    def says(self, rule: str) -> Answer:
        """Return the vendor's own refusal of a kind (`insufficient`, `conflict`, `absent`)."""
        return refusals.refused(self.profile, self.profile.refused[rule])

    def said(self, resp: Answer, rule: str) -> bool:
        """Whether a reply is the vendor's refusal of a kind."""
        return refusals.meets(self.profile, resp, self.profile.refused[rule])

    async def control(self, method: str, path: str, data: Json = None) -> Json:
        """Use the control plane of the current sandbox: `path` is below the sandbox."""
        body = b"" if data is None else json.dumps(data).encode()
        where = f"{self.prefix}/sandboxes/{self.box}{path}"
        heads = {"content-type": "application/json", "host": "127.0.0.1:8750"}
        return (await ask_app(self.app, Ask(method, where, "", heads, body))).json

    # The middleware.

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one ASGI request; anything that is no request passes through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        req = await read_ask(scope, receive)
        req.key_header = self.key_header
        if req.path.startswith(self.prefix):
            resp = await self.inner(req)
            self._learn(req, resp)
        else:
            resp = await self._handled(req)
        await send_answer(resp, send)

    async def _handled(self, req: Ask) -> Answer:
        try:
            return await self.handle(req)
        except ConnectionError:
            raise  # a line that is cut on purpose
        except Exception as error:
            Mutant.crashes.append(f"{type(error).__name__}: {error} ({req.method} {req.path})")
            raise

    def _learn(self, req: Ask, resp: Answer) -> None:
        """Remember what the control plane tells of sandboxes, keys and time."""
        doc = resp.json if resp.status < 300 else None
        if not isinstance(doc, dict):
            return
        if isinstance(doc.get("keys"), dict):
            self.box = str(doc.get("id", ""))
            provider = self.profile.section("control").get("provider", self.profile.provider)
            self.keys = {str(doc["keys"].get(provider)): "main"}
            self.now_us = instant_us(get(doc, "/clock/now")) or 0
            self.reset()
        elif "key" in doc:
            self.keys[str(doc["key"])] = str((req.json or {}).get("account", "main"))
        elif "now" in doc:
            self.now_us = instant_us(doc["now"]) or self.now_us


REGISTRY: list[type[Mutant]] = []


def mutant(
    id: str,
    title: str,
    convicts: list[str] | tuple[str, ...],
    *,
    family: str = "",
    needs: tuple[str, ...] = (),
) -> Callable[[type[Mutant]], type[Mutant]]:
    """Name a mutant, the contracts that must convict it, and what the vendor must have."""

    def enter(cls: type[Mutant]) -> type[Mutant]:
        cls.id, cls.title, cls.needs = id, title, tuple(needs)
        cls.convicts = tuple(convicts)
        cls.family = family or (convicts[0].split("-")[0] if convicts else "")
        REGISTRY.append(cls)
        return cls

    return enter
