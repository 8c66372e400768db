"""Schemathesis, behind one module: it draws requests from a document, we record what came back.

Its engine is no documented interface, so nobody else imports it. Requests go through a relay into
a session of ours and our contracts judge them; what it complains of itself is kept as a remark.
Never let loose on a paid vendor: a document drawn from is a shopping list.
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bodydouble_contracts.drivers.sandboxes import open_session
from bodydouble_contracts.drivers.session import Session
from bodydouble_contracts.history.exchanges import History, Request
from bodydouble_contracts.targets.target import Target
from bodydouble_contracts.vendors.documents import Document, document_of
from bodydouble_contracts.vendors.profile import Profile

MAX_EXCHANGES = 150
"""A session is left for a fresh one after so many: leaking state makes runs flaky."""
EXAMPLES = 8
ROLE = "Bearer role:"


def play_schemas(target: Target, profile: Profile, seed: int) -> Iterator[History]:
    """Yield histories drawn from the tightened and from the published document."""
    for tight in (True, False):
        document = document_of(profile, tight)
        if document is not None and profile.section("control").get("prefix"):
            yield from play_document(target, profile, document, seed, tight)


def play_document(
    target: Target, profile: Profile, document: Document, seed: int, tight: bool
) -> Iterator[History]:
    """Run schemathesis once and yield a history per session it went through."""
    name = "tightened document" if tight else "published document"
    relay = Relay(target, profile, document, seed, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for event in engine(relay, seed):
            relay.listen(event)
            if relay.full:
                yield relay.turn()
    yield relay.turn(last=True)


class Relay:
    """A WSGI app that serves the document and passes everything else into the current session."""

    def __init__(
        self, target: Target, profile: Profile, document: Document, seed: int, name: str
    ) -> None:
        """Open the first session."""
        self.profile, self.document, self.name, self.seed = profile, document, name, seed
        self.target = target
        self.lock = threading.Lock()
        self.session = self._open()

    def _open(self) -> Session:
        session = open_session(
            self.target, self.profile, driver="schemathesis", scenario=self.name, seed=self.seed
        )
        session.submit()
        return session

    def _drawable(self) -> Any:
        """Return the document without what really sends something: no socket, no sending."""
        data = plain(self.document.data)
        for path in self.profile.extra.get("needs_sockets", []):
            data["paths"].pop(path, None)
        data.pop("webhooks", None)
        return data

    @property
    def full(self) -> bool:
        """Whether the current session has seen enough."""
        return len(self.session.steps) > MAX_EXCHANGES

    def turn(self, last: bool = False) -> History:
        """Leave the current session for a fresh one and return its history."""
        with self.lock:
            done, self.session = self.session, self.session if last else self._open()
        done.close()
        return done.history()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"] == "/openapi.json":
            body = json.dumps(self._drawable(), default=str).encode()
            start("200 OK", [("Content-Type", "application/json")])
            return [body]
        with self.lock:
            call = self.session.send(*self._request(environ))
        reply = call.x.reply
        if reply is None:
            start("599 Lost", [])
            return [b""]
        heads = [(k, v) for k, v in reply.headers if k.lower() not in HOP]
        start(f"{reply.status} X", heads)
        return [reply.body]

    def _request(self, environ: dict[str, Any]) -> tuple[Request, dict[str, str]]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        heads = {
            k[5:].replace("_", "-").title(): v for k, v in environ.items() if k.startswith("HTTP_")
        }
        if environ.get("CONTENT_TYPE"):
            heads["Content-Type"] = environ["CONTENT_TYPE"]
        given = heads.pop("Authorization", "")
        # Keys and constant headers are the session's to send: drawn ones would stand beside them.
        ours = {h.name.title() for h in self.profile.headers}
        ours.add(str(self.profile.section("key").get("header", "Authorization")).title())
        for dropped in {"Host", "Content-Length", "X-Schemathesis-Testcaseid", "User-Agent"} | ours:
            heads.pop(dropped, None)
        role = given.removeprefix(ROLE) if given.startswith(ROLE) else "unissued"
        raw = environ.get("REQUEST_URI") or environ.get("RAW_URI") or quoted(environ)
        path = raw.partition("?")[0]
        query = environ.get("QUERY_STRING", "")
        target = self.profile.mount + path + (f"?{query}" if query else "")
        request = Request(
            environ["REQUEST_METHOD"],
            target,
            role if given else "nobody",
            tuple(heads.items()),
            body,
        )
        return request, {"odd": "drawn"}

    def listen(self, event: Any) -> None:
        """Keep what schemathesis complains of, and its own failures, as remarks."""
        recorder = getattr(event, "recorder", None)
        if recorder is None:
            return
        for nodes in getattr(recorder, "checks", {}).values():
            for node in nodes:
                info = getattr(node, "failure_info", None)
                if info is not None:
                    failure = info.failure
                    self.session.mark(
                        "schemathesis",
                        check=node.name,
                        operation=str(failure.operation),
                        message=str(failure.message)[:400],
                        document=self.name,
                    )


HOP = frozenset({"connection", "transfer-encoding", "keep-alive"})


def quoted(environ: dict[str, Any]) -> str:
    """Return the path of a WSGI request, percent-encoded again."""
    from urllib.parse import quote

    return quote(environ["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=-._~")


def plain(node: Any) -> Any:
    """Return document data without what only our overlays add (`x-` members)."""
    if isinstance(node, dict):
        return {str(k): plain(v) for k, v in node.items() if not str(k).startswith("x-")}
    return [plain(v) for v in node] if isinstance(node, list) else node


def engine(relay: Relay, seed: int) -> Iterator[Any]:
    """Run schemathesis' engine over a relay and yield its events."""
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import from_schema

    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "cache": {"enabled": False},
            "headers": {"Authorization": ROLE + "main"},
            "generation": {"database": "none", "max-examples": EXAMPLES},
            "continue-on-failure": True,
            "workers": 1,
            # Its oracle is ours to replace; what a check sends besides is still worth having.
            "checks": {"enabled": False, "ignored_auth": {"enabled": True}},
        }
    )
    schema = schemathesis.openapi.from_wsgi("/openapi.json", relay, config=config)
    yield from from_schema(schema).execute()
