"""How each vendor's client asks for a video, looks at it and cancels it: from the judge's profile.

Shared tests take their vendors from here, so that a new one is tested by its profile alone. It
sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from bodydouble.providers import names
from bodydouble_contracts.reading import texts
from bodydouble_contracts.vendors.profile import Operation, Profile, find
from bodydouble_contracts.vendors.reader import load

VENDORS = names()


@dataclass(frozen=True)
class Asking:
    """One vendor's usual requests; paths begin with the vendor's prefix."""

    profile: Profile

    @property
    def submit_path(self) -> str:
        """Where its cheapest sample is posted to."""
        return self._path(self.profile.operations[self.profile.sample().op])

    @property
    def poll_path(self) -> str:
        """Where a job is looked at, with ``{job}`` for its id."""
        return self._path(self._doing("read"))

    @property
    def shows_links(self) -> bool:
        """Whether a reply about a job shows where its film is."""
        return "result" in self._showing("result").at

    @property
    def result_path(self) -> str:
        """Where a job that is over shows its film, with ``{job}`` for its id."""
        return self._path(self._showing("result"))

    @property
    def film_path(self) -> str:
        """Where a film is handed over, with ``{job}`` for its id; for who shows no link."""
        return self._path(self.profile.doing("media", "job")[0])

    @property
    def cancel(self) -> Operation | None:
        """How a job is cancelled; None where the vendor has no such thing."""
        found = self.profile.doing("cancel", "job")
        return found[0] if found else None

    @property
    def cancel_path(self) -> str:
        """Where it is cancelled, with ``{job}`` for its id."""
        assert self.cancel is not None
        return self._path(self.cancel)

    def body(self, prompt: str, *, small: bool = False) -> dict[str, Any]:
        """The cheapest sample with a prompt of one's own; ``small``: one that is drawn quickly."""
        quick = self.profile.section("links").get("body") if small else None
        body = texts.saying(self.profile, quick or self.profile.sample().body, prompt)
        assert texts.said(self.profile, body) == prompt, "no place for the words of one's own"
        return body

    def headers(self, key: str, **more: str) -> dict[str, str]:
        """What goes with every request: the key where the vendor wants it, and constant ones."""
        place = self.profile.section("key")
        carried = {place["header"]: f"{place.get('scheme', '')} {key}".strip(), **more}
        return dict(self.profile.sent(tuple(carried.items())))

    def job(self, answer: httpx.Response) -> str:
        """The id of the job that a submission has made."""
        operation = self.profile.operations[self.profile.sample().op]
        return str(find(operation.at["id"], answer.json()))

    def shown(self, part: str, answer: httpx.Response) -> Any:
        """What a look at a job shows: its ``state``, ``result`` or ``progress``; else MISSING."""
        return find(self._showing(part).at.get(part, ()), answer.json())

    def _showing(self, part: str) -> Operation:
        # Some vendors have a route of its own for what a job gave.
        own = [one for one in self.profile.doing("result", "job") if part in one.at]
        return own[0] if own else self._doing("read")

    def _doing(self, does: str) -> Operation:
        return self.profile.doing(does, "job")[0]

    def _path(self, operation: Operation) -> str:
        return f"{self.profile.mount}{operation.path}"


@cache
def asking(vendor: str) -> Asking:
    """The vendor called ``vendor``."""
    return Asking(load(vendor))
