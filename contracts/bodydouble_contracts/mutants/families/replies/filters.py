"""Mutants whose filters and long lists are wrong."""

from __future__ import annotations

from typing import Any

from bodydouble_contracts.mutants.families.replies.pages import Overlap, Pages
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile

NEEDS = ("list", "filters")


class Filtered(Mutant):
    """Works on lists that a filter was asked of."""

    async def handle(self, req: Ask) -> Answer:
        asked = self.asked(req)
        return await self.filtered(req, asked) if asked else await self.inner(req)

    def asked(self, req: Ask) -> dict[str, str]:
        """Return the filters of a request, by parameter."""
        operation = self.op(req) if self.does(req, "list") else None
        return {k: v for k, v in req.params.items() if operation and k in operation.filters}

    async def filtered(self, req: Ask, asked: dict[str, str]) -> Answer:
        """Answer a filtered list."""
        return await self.inner(req)

    def without(self, req: Ask, *names: str) -> Ask:
        """Return the request without these filters."""
        return req.with_params(**dict.fromkeys(names))

    def matching(self, req: Ask, rows: list[Any], asked: dict[str, str]) -> list[Any]:
        """Return the rows that match."""
        operation = self.op(req)
        places = operation.filters if operation else {}
        return [
            r for r in rows if all(str(self.item(req, r, places[k])) == v for k, v in asked.items())
        ]


@mutant("P60", "pages are made before they are filtered", ["PAG-08", "PAG-02"], needs=NEEDS)
class FiltersAfter(Filtered):
    async def filtered(self, req: Ask, asked: dict[str, str]) -> Answer:
        resp = await self.inner(self.without(req, *asked))
        if self.ok(req, resp):
            self.set_rows(req, resp, self.matching(req, self.rows(req, resp), asked))
        return resp


@mutant("P61", "a filter counts on the first page only", ["PAG-08"], needs=NEEDS)
class FirstPageOnly(Filtered):
    async def filtered(self, req: Ask, asked: dict[str, str]) -> Answer:
        operation = self.op(req)
        page = req.params.get(operation.query["page"], "1") if operation else "1"
        return await self.inner(self.without(req, *asked) if page not in ("0", "1") else req)


@mutant("P62", "a filtered list shows the jobs of all accounts", ["ACC-04"], needs=NEEDS)
class Everybodys(Filtered):
    async def filtered(self, req: Ask, asked: dict[str, str]) -> Answer:
        if self.account(req) != "main" and req.key in self.keys:
            return await self.inner(req.with_key(self.key_of("main")))
        return await self.inner(req)


@mutant("P63", "a filtered list shows the oldest first", ["PAG-07"], needs=(*NEEDS, "newest_first"))
class OldestFirst(Filtered):
    async def filtered(self, req: Ask, asked: dict[str, str]) -> Answer:
        resp = await self.inner(req)
        self.set_rows(req, resp, self.rows(req, resp)[::-1])
        return resp


@mutant(
    "P64", "a filtered list says how many there are without the filter", ["PAG-08"], needs=NEEDS
)
class WholeTotal(Filtered):
    async def filtered(self, req: Ask, asked: dict[str, str]) -> Answer:
        resp, whole = await self.inner(req), await self.inner(self.without(req, *asked))
        for name in ("total", "pages"):
            self.write(req, resp, name, self.read(req, whole, name))
        return resp


@mutant("P65", "the last word of a filter shows all", ["PAG-08"], needs=NEEDS)
class LastWord(Filtered):
    async def filtered(self, req: Ask, asked: dict[str, str]) -> Answer:
        last = {w: r for r, w in self.profile.states.items()}.values()
        ignored = [k for k, v in asked.items() if v == list(last)[-1]]
        return await self.inner(self.without(req, *ignored))


@mutant("P66", "of two filters only one counts", ["PAG-08"], needs=NEEDS)
class OneFilter(Filtered):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a list has two."""
        return any(len(o.filters) > 1 for o in profile.doing("list"))

    async def filtered(self, req: Ask, asked: dict[str, str]) -> Answer:
        return await self.inner(self.without(req, *list(asked)[1:]))


@mutant("P67", "a filter that nothing matches shows all", ["PAG-08"], needs=NEEDS)
class NothingIsAll(Filtered):
    async def filtered(self, req: Ask, asked: dict[str, str]) -> Answer:
        resp = await self.inner(req)
        if self.ok(req, resp) and not self.rows(req, resp):
            return await self.inner(self.without(req, *asked))
        return resp


@mutant(
    "P68",
    "a list forgets what is beyond its largest page",
    ["PAG-04", "JOB-15", "PAG-02"],
    needs=("list",),
)
class Capped(Pages):
    """The total is cut with it."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where pages have numbers or offsets, and a largest size."""
        return any(o.size_max and not o.by_cursor for o in profile.doing("list"))

    def listed(self, req: Ask, resp: Answer) -> None:
        operation = self.op(req)
        most = operation.size_max if operation else 0
        names = operation.query if operation else {}
        if not operation or not most or operation.by_cursor:
            return
        given = req.params.get(names["size"], "")
        size = int(given) if given.isdecimal() and given.isascii() else operation.size_default
        page = req.params.get(names["page"]) or str(operation.first_page)
        by = size if names.get("kind") != "offset" else 1
        before = (int(page) - (operation.first_page if by > 1 else 0)) * by if page.isdigit() else 0
        rows = self.rows(req, resp)
        kept = rows[: max(0, most - before)]
        if len(kept) < len(rows):
            self.set_rows(req, resp, kept)
        for name, top in (("total", most), ("pages", -(-most // max(1, size)))):
            value = self.read(req, resp, name)
            if isinstance(value, int) and value > top:
                self.write(req, resp, name, top)


@mutant(
    "P69",
    "the second page of a filtered list begins with the last of the first",
    ["PAG-04", "PAG-02"],
    needs=NEEDS,
)
class FilteredOverlap(Overlap):
    def listed(self, req: Ask, resp: Answer) -> None:
        operation = self.op(req)
        if operation and set(operation.filters) & set(req.params):
            super().listed(req, resp)


@mutant(
    "P70",
    "another account's list is empty whatever it asks for",
    ["JOB-15", "PAG-04"],
    needs=("list",),
)
class EmptyForOthers(Filtered):
    async def handle(self, req: Ask) -> Answer:
        resp = await self.inner(req)
        if self.does(req, "list") and self.ok(req, resp) and self.account(req) != "main":
            self.set_rows(req, resp, [])
            for name in ("total", "pages"):
                self.write(req, resp, name, 0)
        return resp
