"""Secrets replaced by their role before anything is stored: by value, wherever they appear.

A header's name does not decide what is secret; the value does, also where it is quoted, escaped
or encoded. It refuses to store what it cannot mask: credential headers are left out altogether.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from bodydouble_contracts.history.exchanges import (
    Control,
    Delivery,
    Exchange,
    Headers,
    Mark,
    Reply,
    Request,
    Step,
    carries_a_credential,
)

SHORTEST = 6
"""Shorter values are masked in credential headers only: they would hit other text."""
SECRET_REPLY_HEADERS = frozenset({"set-cookie", "authorization", "proxy-authorization"})
SECRET_MEMBERS = frozenset({"secret", "signing_secret", "webhook_secret", "api_key", "apikey"})


@dataclass(slots=True)
class Masker:
    """Known secrets and the roles they belong to."""

    roles: dict[str, str] = field(default_factory=dict)
    _forms: list[tuple[bytes, bytes]] = field(default_factory=list)

    def learn(self, value: str, role: str) -> None:
        """Remember a secret; from now on it is replaced by `<key:role>`."""
        if len(value) < SHORTEST or value in self.roles:
            return
        self.roles[value] = role
        mark = f"<key:{role}>".encode()
        raw = value.encode("utf-8", "surrogatepass")
        encoded = base64.b64encode(raw).rstrip(b"=")
        forms = {
            raw,
            quote(value, safe="").encode(),
            json.dumps(value)[1:-1].encode(),
            encoded,
            base64.b64encode(raw + b":").rstrip(b"="),
            base64.urlsafe_b64encode(raw).rstrip(b"="),
            raw.hex().encode(),
        }
        self._forms += [(form, mark) for form in forms]
        # Longest first, so that no form is broken by another one inside it.
        self._forms.sort(key=lambda f: -len(f[0]))

    def data(self, raw: bytes) -> bytes:
        """Return bytes without any known secret."""
        for form, mark in self._forms:
            if form in raw:
                raw = raw.replace(form, mark)
        return raw

    def text(self, text: str) -> str:
        """Return text without any known secret."""
        return self.data(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def value(self, value: Any) -> Any:
        """Return JSON data without any known secret, in members' names and values."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(k)): self.value(v) for k, v in value.items()}
        return [self.value(v) for v in value] if isinstance(value, list) else value

    def headers(self, headers: Headers, secret: Callable[[str], bool]) -> Headers:
        """Return headers but those that are secret by name, and without any known secret."""
        return tuple(
            (self.text(name), self.text(value)) for name, value in headers if not secret(name)
        )

    def body(self, raw: bytes) -> bytes:
        """Return a body without known secrets and without members that are secrets by name."""
        raw = self.data(raw)
        if not any(name.encode() in raw for name in SECRET_MEMBERS):
            return raw
        try:
            doc = json.loads(raw)
        except (ValueError, RecursionError):
            return raw
        clean = blanked(doc)
        return raw if clean == doc else json.dumps(clean).encode()

    def step(self, step: Step) -> Step:
        """Return a step as it may be stored."""
        if isinstance(step, Exchange):
            asked, told = step.request, step.reply
            return replace(
                step,
                request=self.request(asked),
                reply=None if told is None else self.reply(told),
                lost=self.text(step.lost),
            )
        if isinstance(step, Delivery):
            return replace(
                step,
                headers=self.headers(step.headers, carries_a_credential),
                body=self.body(step.body),
                secret="",
            )
        if isinstance(step, Control):
            return replace(step, data=self.value(step.data), reply=self.value(step.reply))
        return replace(step, data=self.value(step.data)) if isinstance(step, Mark) else step

    def request(self, asked: Request) -> Request:
        """Return a request as it may be stored."""
        return replace(
            asked,
            target=self.text(asked.target),
            headers=self.headers(asked.headers, carries_a_credential),
            body=self.body(asked.body),
        )

    def reply(self, told: Reply) -> Reply:
        """Return a reply as it may be stored; a masked body has lost the length it announced."""
        body, headers = self.body(told.body), self.headers(told.headers, _secret_in_a_reply)
        if len(body) != len(told.body):
            headers = tuple(h for h in headers if h[0].lower() != "content-length")
        return replace(told, headers=headers, body=body)


def _secret_in_a_reply(name: str) -> bool:
    # A reply counts tokens in its headers, too, so what their names contain tells nothing there.
    return name.lower() in SECRET_REPLY_HEADERS


def blanked(doc: Any) -> Any:
    """Return JSON data whose members that are secrets by name hold `<secret>`."""
    if isinstance(doc, dict):
        return {
            k: "<secret>" if k.lower() in SECRET_MEMBERS and isinstance(v, str) else blanked(v)
            for k, v in doc.items()
        }
    return [blanked(v) for v in doc] if isinstance(doc, list) else doc
