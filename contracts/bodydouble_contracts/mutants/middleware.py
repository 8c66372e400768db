"""Between ASGI and whole messages: what every mutant needs and none should write again."""

from __future__ import annotations

import asyncio
from typing import Any

from bodydouble_contracts.history.pointers import MISSING, get, put
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.targets.target import App
from bodydouble_contracts.vendors.profile import Profile

Json = Any
BARE_SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "scheme": "http",
    "root_path": "",
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 8750),
}


async def ask_app(app: App, req: Ask) -> Answer:
    """Run an app on one request and return its whole answer."""
    out, sent, done = Answer(0, {}, b"", False), False, req.body
    ended = asyncio.Event()

    async def receive() -> Json:
        nonlocal sent
        if sent:
            # Nobody leaves before the answer is whole: a film is not made for who has left.
            if looping():
                await ended.wait()
            return {"type": "http.disconnect"}
        sent = True
        return {"type": "http.request", "body": done, "more_body": False}

    async def send(message: Json) -> None:
        if message["type"] == "http.response.start":
            out.status = message["status"]
            pairs = message.get("headers", ())
            out.headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in pairs}
        elif message["type"] == "http.response.body":
            out.body += message.get("body", b"")
            out.whole = not message.get("more_body", False)
            if out.whole:
                ended.set()

    heads = {**req.headers}
    if "content-length" in heads or req.body:
        heads["content-length"] = str(len(req.body))
    raw = [
        (k.encode("latin-1", "replace"), v.encode("latin-1", "replace")) for k, v in heads.items()
    ]
    path = req.path.encode("utf-8", "surrogatepass")
    base = req.scope or BARE_SCOPE
    changed = {
        "method": req.method,
        "path": req.path,
        "query_string": req.query.encode("utf-8", "surrogatepass"),
    }
    if base.get("path") != req.path:
        changed["raw_path"] = path
    # Whole bytes have to come by here: no file sent by its path, and none given up because
    # `receive` has nothing more to tell (by 2.4 a client that left is told by `send`).
    whole = {"extensions": {}, "asgi": {"version": "3.0", "spec_version": "2.4"}}
    await app({**base, **changed, **whole, "headers": raw, "state": {}}, receive, send)
    return out


def looping() -> bool:
    """Whether there is an event loop to wait in; an app may be driven step by step without one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


async def read_ask(scope: Any, receive: Any) -> Ask:
    """Read one whole request."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    heads: dict[str, str] = {}
    for name, value in scope["headers"]:
        heads.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    query = scope.get("query_string", b"").decode("utf-8", "surrogatepass")
    return Ask(scope["method"], scope["path"], query, heads, body, scope)


async def send_answer(resp: Answer, send: Any) -> None:
    """Send an answer; one without a status or an end is a lost reply."""
    if not resp.status:
        return
    named = [*resp.headers.items(), *resp.more]
    pairs = [(k.encode("latin-1"), str(v).encode("latin-1", "replace")) for k, v in named]
    await send({"type": "http.response.start", "status": resp.status, "headers": pairs})
    await send({"type": "http.response.body", "body": resp.body, "more_body": not resp.whole})


def write_place(places: Any, doc: Json, value: Json) -> bool:
    """Set the first place that is there; else the first whose parent is there."""
    for place in places:
        if get(doc, place.pointer) is not MISSING and place.read(doc) is not MISSING:
            return put(doc, place.pointer, value)
    return any(put(doc, place.pointer, value) for place in places)


def set_deep(doc: Json, pointer: str, value: Json) -> None:
    """Set a member, making the objects on the way."""
    *parents, last = pointer.strip("/").split("/")
    for token in parents:
        doc = doc.setdefault(token, {}) if isinstance(doc.get(token, {}), dict) else {}
    doc[last] = value


def spelled(profile: Profile, units: int, times: Any, like: Json) -> Json:
    """Spell an amount as the vendor spelled the old one: text, whole number or fraction."""
    from decimal import Decimal

    amount = Decimal(units).scaleb(-profile.scale) / times
    if isinstance(like, str):
        digits = len(like.partition(".")[2])
        return f"{amount:.{digits}f}"
    return float(amount) if isinstance(like, float) else int(amount)


class Pause:
    """One bare yield: it gives way without a loop, so schedules can step over it."""

    def __await__(self) -> Any:
        """Yield once."""
        yield None
