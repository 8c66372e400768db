"""Mutants whose lists are wrong."""

from __future__ import annotations

from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile

NEEDS = ("list",)
NUMBERED = ("list", "page_numbers")


class Pages(Mutant):
    """Works on successful lists."""

    def reset(self) -> None:
        """Nothing was listed."""
        self.count = 0
        self.before: dict[str, list[object]] = {}

    def response(self, req: Ask, resp: Answer) -> None:
        """Divert lists to `listed`."""
        if self.does(req, "list") and self.ok(req, resp):
            self.count += 1
            self.listed(req, resp)

    def listed(self, req: Ask, resp: Answer) -> None:
        """Change one list."""

    def number(self, req: Ask, resp: Answer, name: str, by: int) -> None:
        """Change a number of a list's reply."""
        value = self.read(req, resp, name)
        if isinstance(value, int):
            self.write(req, resp, name, value + by)


@mutant("P01", "pages overlap", ["PAG-04", "PAG-02"], needs=NEEDS)
class Overlap(Pages):
    def listed(self, req: Ask, resp: Answer) -> None:
        rows = self.rows(req, resp)
        last = self.before.get(req.key + req.path)
        if last and rows and self.page(req) > 1:
            rows = [last[-1], *rows[1:]]
            self.set_rows(req, resp, rows)
        self.before[req.key + req.path] = rows

    def page(self, req: Ask) -> int:
        """Return the page asked, one-based, or 1."""
        operation = self.op(req)
        if operation and operation.by_cursor:
            return 2 if operation.query["page"] in req.params else 1
        value = req.params.get(operation.query.get("page", ""), "0") if operation else "0"
        first = operation.first_page if operation else 1
        return int(value) - first + 1 if value.isdigit() else 1


@mutant("P02", "the total is off by one", ["PAG-02", "PAG-03", "PAG-04", "JOB-15"], needs=NUMBERED)
class TotalOff(Pages):
    def listed(self, req: Ask, resp: Answer) -> None:
        self.number(req, resp, "total", 1)


@mutant("P03", "the size is ignored", ["PAG-02", "PAG-04", "PAG-01"], needs=NEEDS)
class SizeIgnored(Mutant):
    async def handle(self, req: Ask) -> Answer:
        operation = self.op(req)
        if operation and operation.does == "list":
            return await self.inner(req.with_params(**{operation.query["size"]: None}))
        return await self.inner(req)


@mutant(
    "P04", "past the end comes the first page again", ["PAG-05", "PAG-02", "PAG-04"], needs=NEEDS
)
class Circular(Mutant):
    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where pages have numbers."""
        return any(not o.by_cursor for o in profile.doing("list"))

    async def handle(self, req: Ask) -> Answer:
        operation = self.op(req)
        resp = await self.inner(req)
        if (
            operation
            and operation.does == "list"
            and self.ok(req, resp)
            and not self.rows(req, resp)
        ):
            page = operation.query["page"]
            again = await self.inner(req.with_params(**{page: operation.first_page}))
            self.set_rows(req, resp, self.rows(req, again))
        return resp


@mutant("P05", "the page shown is not the page asked", ["PAG-01"], needs=NUMBERED)
class PageOff(Pages):
    def listed(self, req: Ask, resp: Answer) -> None:
        self.number(req, resp, "page", -1)


@mutant("P06", "the number of pages is rounded down", ["PAG-03"], needs=NUMBERED)
class PagesDown(Pages):
    def listed(self, req: Ask, resp: Answer) -> None:
        total, size = self.read(req, resp, "total"), self.read(req, resp, "size")
        if isinstance(total, int) and isinstance(size, int) and size:
            self.write(req, resp, "pages", total // size)


@mutant("P07", "the oldest come first", ["PAG-07"], needs=("list", "newest_first"))
class OldestFirst(Pages):
    def listed(self, req: Ask, resp: Answer) -> None:
        self.set_rows(req, resp, self.rows(req, resp)[::-1])


@mutant("P08", "the filter is ignored", ["PAG-08"], needs=("list", "filters"))
class NoFilter(Mutant):
    async def handle(self, req: Ask) -> Answer:
        operation = self.op(req)
        if operation and operation.does == "list":
            return await self.inner(req.with_params(**dict.fromkeys(operation.filters)))
        return await self.inner(req)


@mutant("P09", "one item is missing", ["PAG-02", "PAG-04", "JOB-15"], needs=NEEDS)
class Missing(Pages):
    def listed(self, req: Ask, resp: Answer) -> None:
        rows = self.rows(req, resp)
        if len(rows) > 1:
            self.set_rows(req, resp, rows[1:])


@mutant("P10", "the order changes from look to look", ["PAG-09", "PAG-07"], needs=NEEDS)
class Shuffled(Pages):
    def listed(self, req: Ask, resp: Answer) -> None:
        rows = self.rows(req, resp)
        if self.count % 2 and len(rows) > 1:
            self.set_rows(req, resp, [rows[-1], *rows[:-1]])


@mutant("P11", "the total changes during a walk", ["PAG-06", "PAG-02", "PAG-03"], needs=NUMBERED)
class Drifting(Pages):
    def listed(self, req: Ask, resp: Answer) -> None:
        self.number(req, resp, "total", self.count % 3)


@mutant("P12", "the default size is another", ["PAG-01", "PAG-02"], needs=NUMBERED)
class OtherDefault(Mutant):
    async def handle(self, req: Ask) -> Answer:
        operation = self.op(req)
        if operation and operation.does == "list" and operation.query["size"] not in req.params:
            return await self.inner(req.with_params(**{operation.query["size"]: 7}))
        return await self.inner(req)


@mutant("P13", "an item comes twice", ["PAG-04", "PAG-02"], needs=NEEDS)
class Twice(Pages):
    def listed(self, req: Ask, resp: Answer) -> None:
        rows = self.rows(req, resp)
        if len(rows) > 1:
            self.set_rows(req, resp, [rows[0], rows[0], *rows[2:]])


@mutant("P14", "the first page is skipped", ["PAG-04", "PAG-02", "JOB-15"], needs=NEEDS)
class Skips(Mutant):
    """Every page shows the next one's items."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where pages have numbers."""
        return any(not o.by_cursor for o in profile.doing("list"))

    async def handle(self, req: Ask) -> Answer:
        operation = self.op(req)
        resp = await self.inner(req)
        if operation and operation.does == "list" and self.ok(req, resp):
            params = req.params
            page, size = operation.query["page"], operation.query["size"]
            step = (
                int(params.get(size, "1"))
                if operation.query.get("kind") == "offset" and params.get(size, "").isdigit()
                else 1
            )
            now = params.get(page, str(operation.first_page))
            if now.isdigit() and size in params:
                other = await self.inner(req.with_params(**{page: int(now) + step}))
                if self.read(req, other, "items") is not MISSING:
                    self.set_rows(req, resp, self.rows(req, other))
        return resp
