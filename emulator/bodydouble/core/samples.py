"""One request for a video that a vendor makes, for demonstrations: `bodydouble demo` plays it.

Paths and bodies are the vendor's; what is done with them is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """What is asked, and where the vendor's answers keep what matters.

    ``create`` takes ``body``, which asks for ``seconds`` of ``width`` by ``height`` pixels; ``job``
    and ``link`` read the answers, ``poll`` has ``{job}`` for the id, and so has ``result`` of a
    vendor whose link is not in the answer to a poll; a link that begins with a
    slash is a path of the vendor's and wants the key. ``balance`` reads what ``wallet`` answers, as
    the vendor's client would, and where no client of the vendor's learns it both are left out.
    ``headers`` go with every request. ``usual`` ones are played where no vendor is named.
    """

    create: str
    body: Mapping[str, Any]
    seconds: float
    width: int
    height: int
    job: Callable[[Any], str]
    poll: str
    link: Callable[[Any], str]
    wallet: str = ""
    balance: Callable[[Any], str] = lambda answer: "not told"
    headers: Mapping[str, str] | None = None
    result: str = ""
    usual: bool = False

    def shown(self, job: str) -> str:
        """Where a job that is over shows its link."""
        return (self.result or self.poll).format(job=job)
