"""Mutants whose cursors lead round, or count rows where they should remember one."""

from __future__ import annotations

from typing import Any

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile, present


class Cursors(Mutant):
    """Works on successful lists by cursor."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a list goes by cursor."""
        return any(o.by_cursor for o in profile.doing("list", "job"))

    def reset(self) -> None:
        """Nothing was listed."""
        self.first: Any = None
        self.made = 0
        self.last: list[Any] = []

    def response(self, req: Ask, resp: Answer) -> None:
        """Count what is made, and divert lists to `listed`."""
        operation = self.op(req)
        if self.does(req, "submit") and self.ok(req, resp):
            self.made += 1
        if operation and operation.does == "list" and operation.by_cursor and self.ok(req, resp):
            self.listed(req, resp, req.params.get(operation.query["page"], ""))

    def listed(self, req: Ask, resp: Answer, cursor: str) -> None:
        """Change one page."""


@mutant("P15", "the last page names the first one as its next", ["PAG-10"], needs=("list",))
class GoesRound(Cursors):
    """A walk without an end."""

    def listed(self, req: Ask, resp: Answer, cursor: str) -> None:
        following = self.read(req, resp, "next")
        if not cursor:
            self.first = following
        elif not present(following):
            self.write(req, resp, "next", self.first)


@mutant("P16", "a cursor counts rows", ["PAG-11"], needs=("list",))
class CountsRows(Cursors):
    """What is added in front pushes the last row of a page on to the next."""

    def listed(self, req: Ask, resp: Answer, cursor: str) -> None:
        rows = self.rows(req, resp)
        if not cursor:
            self.made = 0
        elif self.made and self.last and rows:
            self.set_rows(req, resp, [self.last[-1], *rows[:-1]])
        self.last = rows
