"""Takes SmartlyQ's webhooks: believes only what is signed, and does nothing twice.

It is a function from a request to a status, to be put behind whatever serves the program.
Deliveries come at least once and in any order; an event's id is what makes it the same event.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

Work = Callable[[dict[str, Any]], object]


class Receiver:
    """Calls ``work`` once for each event, however often it is delivered."""

    def __init__(self, secret: str, work: Work) -> None:
        self._secret = secret
        self._work = work
        self._done: set[str] = set()

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """The status to answer with. Header names are in lower case."""
        if not self._signed(headers.get("x-smartlyq-signature", ""), body):
            return 401
        event = str(headers.get("x-smartlyq-event-id"))
        if event not in self._done:
            self._work(json.loads(body))
            # Only now: what broke off in the middle is done again when it is delivered again.
            self._done.add(event)
        return 200

    def _signed(self, signature: str, body: bytes) -> bool:
        parts = dict(part.partition("=")[::2] for part in signature.split(","))
        signed = parts.get("t", "").encode() + b"." + body
        right = hmac.new(self._secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(right, parts.get("v1", ""))
