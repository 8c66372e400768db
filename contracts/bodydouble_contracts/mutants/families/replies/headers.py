"""Mutants that say one thing twice, or in a header what the body denies."""

from __future__ import annotations

from bodydouble_contracts.mutants.messages import Answer, Ask
from bodydouble_contracts.mutants.mutant import Mutant, mutant
from bodydouble_contracts.vendors.profile import Profile


class Twice(Mutant):
    """Sends a header again, with the same value or another one."""

    header = ""
    value = ""

    def response(self, req: Ask, resp: Answer) -> None:
        """Repeat the header where it is there."""
        if self.header in resp.headers and self.fits(req, resp):
            resp.more += ((self.header, self.value or resp.headers[self.header]),)

    def fits(self, req: Ask, resp: Answer) -> bool:
        """Whether it is one of the replies meant."""
        return True


@mutant("S60", "the content type is sent twice", ["RES-16"])
class TypeTwice(Twice):
    header = "content-type"


@mutant("S61", "refusals have two content types", ["RES-16"])
class TwoTypes(Twice):
    header, value = "content-type", "text/html"

    def fits(self, req: Ask, resp: Answer) -> bool:
        return resp.status >= 400


@mutant("S62", "the request id is sent twice", ["RES-16"], needs=("request_id",))
class TwoIds(Mutant):
    """Once by the program, once by what stands before it."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where it is a header."""
        return "header" in profile.section("request_id")

    def response(self, req: Ask, resp: Answer) -> None:
        name = self.profile.section("request_id")["header"].lower()
        if name in resp.headers:
            resp.more += ((name, "edge-" + resp.headers[name]),)


@mutant("S63", "Retry-After is sent twice", ["RES-16"], needs=("limits", "retry_after"))
class TwoWaits(Twice):
    header, value = "retry-after", "1"


@mutant("S64", "what remains is sent twice, before and after", ["RES-16"], needs=("limit_headers",))
class TwoRemains(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        name = remaining(self.profile)
        value = resp.headers.get(name, "")
        if value.isdigit():
            resp.more += ((name, str(int(value) + 1)),)


def remaining(profile: Profile) -> str:
    """Return the header that says what remains."""
    return str(profile.section("limits")["headers"]["remaining"]).lower()


@mutant("S65", "every reply has two dates", ["RES-16"])
class TwoDates(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        date = resp.headers.setdefault("date", "Sat, 01 Aug 2026 00:00:00 GMT")
        resp.more += (("date", date),)


@mutant("S66", "lengths are sent twice", ["RES-16"])
class TwoLengths(Twice):
    header = "content-length"


@mutant("S67", "reads have two content types, which differ by their charset", ["RES-16"])
class TwoCharsets(Twice):
    header, value = "content-type", "application/json; charset=latin-1"

    def fits(self, req: Ask, resp: Answer) -> bool:
        return self.does(req, "read")


@mutant("S68", "replies have two entity tags", ["RES-16"])
class TwoTags(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        resp.headers["etag"] = '"1"'
        resp.more += (("etag", '"2"'),)


@mutant("S69", "the date of a reply is an hour before its body's", ["RES-17"])
class OldDate(Mutant):
    """A proxy that keeps replies longer than it says."""

    @classmethod
    def possible(cls, profile: Profile) -> bool:
        """Only where a body tells its own time."""
        return bool(profile.section("reply_time"))

    def response(self, req: Ask, resp: Answer) -> None:
        from email.utils import formatdate

        resp.headers["date"] = formatdate(self.now_us / 1_000_000 - 3600, usegmt=True)


@mutant("S70", "a coding is named that the body has not", ["RES-17"])
class NotCoded(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if self.does(req, "read") and resp.body:
            resp.headers["content-encoding"] = "gzip"


@mutant(
    "S71",
    "a throttled reply says that something remains",
    ["RES-17", "LIM-02", "LIM-04"],
    needs=("limit_headers",),
)
class RemainsAfterAll(Mutant):
    def response(self, req: Ask, resp: Answer) -> None:
        if resp.status == 429:
            resp.headers[remaining(self.profile)] = "7"


@mutant("S72", "the headers of a file come twice", ["RES-16"])
class FileTwice(Mutant):
    """Of the origin, and of what stands before it."""

    def response(self, req: Ask, resp: Answer) -> None:
        kind = resp.headers.get("content-type", "")
        if kind.startswith("video/"):
            resp.more += (("content-type", kind),)
