"""Requests and replies as mutants see them: whole, with parsed JSON, easy to change.

Header names are lower case. Assigning `json` rewrites the body and its length.
"""

from __future__ import annotations

import json as jsonlib
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from bodydouble_contracts.history.pointers import MISSING, get, put

Json = Any


@dataclass(slots=True)
class Ask:
    """One request on its way to the target. `query` is the raw text after the question mark,
    `key_header` the vendor's header of the key."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    scope: dict[str, Any] = field(default_factory=dict)
    key_header: str = "authorization"

    def copy(self, **changes: Any) -> Ask:
        """Return a copy with some parts changed; `json=` sets the body."""
        if "json" in changes:
            changes["body"] = jsonlib.dumps(changes.pop("json")).encode()
        made = replace(self, **changes)
        made.headers = dict(made.headers)
        return made

    @property
    def json(self) -> Json:
        """The body as JSON, or None."""
        return parsed(self.body)

    @property
    def params(self) -> dict[str, str]:
        """The query as a dictionary, last value winning."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def with_params(self, **changes: Any) -> Ask:
        """Return a copy with query parameters set, or dropped where the value is None."""
        merged = {**self.params, **changes}
        kept = {k: v for k, v in merged.items() if v is not None}
        return self.copy(query=urlencode(kept))

    @property
    def authorization(self) -> str:
        """The credentials as sent."""
        return self.headers.get(self.key_header, "")

    @property
    def key(self) -> str:
        """The credentials without their scheme."""
        return self.authorization.rpartition(" ")[2]

    def with_key(self, key: str) -> Ask:
        """Return a copy with other credentials under the same scheme."""
        scheme = self.authorization.rpartition(" ")[0] if self.authorization else "Bearer"
        return self.copy(headers={**self.headers, self.key_header: f"{scheme} {key}".strip()})

    def other(self, method: str, path: str) -> Ask:
        """Return another request of the same caller, without query and body."""
        heads = {k: v for k, v in self.headers.items() if not k.startswith("content-")}
        return replace(self, method=method, path=path, query="", headers=heads, body=b"")


@dataclass(slots=True)
class Answer:
    """One reply on its way back. `more` are headers sent after the others, repeated or not."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = True
    more: tuple[tuple[str, str], ...] = ()

    def copy(self, **changes: Any) -> Answer:
        """Return a copy with some parts changed; `json=` sets the body."""
        doc = changes.pop("json", None)
        made = replace(self, **changes)
        made.headers = dict(made.headers)
        if doc is not None:
            made.json = doc
        return made

    def put(self, pointer: str, value: Json) -> bool:
        """Replace a member of the JSON that is there; say whether it was."""
        doc = self.json
        if get(doc, pointer) is MISSING or not put(doc, pointer, value):
            return False
        self.json = doc
        return True

    def under(self, headers: dict[str, str]) -> Answer:
        """Return the same reply under another one's headers, with its own length."""
        return self.copy(headers={**headers, "content-length": str(len(self.body))})

    @property
    def json(self) -> Json:
        """The body as JSON, parsed anew each time, or None."""
        return parsed(self.body)

    @json.setter
    def json(self, doc: Json) -> None:
        try:
            self.content = jsonlib.dumps(doc, ensure_ascii=False).encode()
        except UnicodeEncodeError:  # half a surrogate pair has no UTF-8
            self.content = jsonlib.dumps(doc).encode()

    @property
    def content(self) -> bytes:
        """The body; assigning keeps the announced length true."""
        return self.body

    @content.setter
    def content(self, body: bytes) -> None:
        self.body = body
        if "content-length" in self.headers:
            self.headers["content-length"] = str(len(body))


def parsed(body: bytes) -> Json:
    """Return JSON, or None where the body is none."""
    try:
        return jsonlib.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
