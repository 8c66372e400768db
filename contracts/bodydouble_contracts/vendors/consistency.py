"""What a profile must hold beyond its schema: every name leads somewhere, every file is there.

Each rule yields the place and one sentence; the first line that is wrong is the one that is said.
It refuses to know the vendor: only the profile is held against itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from bodydouble_contracts.history.pointers import get
from bodydouble_contracts.vendors.checking import Marked, Where, spelled
from bodydouble_contracts.vendors.documents import document_file
from bodydouble_contracts.vendors.parts import either

Json = Any
Found = Iterator[tuple[Where, str]]

PLACES = frozenset({
    "id", "state", "cost", "remaining", "result", "poster", "error", "reason", "created", "updated",
    "twin", "view", "progress", "items", "page", "size", "total", "pages", "next", "parts", "hook",
    "secret", "settled", "spent", "image", "model", "type", "amount", "unlimited",
})  # fmt: skip
"""Names of places that something in the judge asks for."""
OPERATION_OF = {
    "list": "list", "cancel": "cancel", "remove": "remove", "balance": "balance",
    "ledger": "ledger", "estimate": "estimate",
}  # fmt: skip
"""Capabilities that are an operation: who has one has the other."""
PATTERNS = ("text", "pattern")


def check(marked: Marked) -> None:
    """Raise ProfileError for the first line of a profile that does not hold together."""
    told = [found for rule in RULES for found in rule(marked.data, marked.file)]
    if told:
        where, text = min(told, key=lambda t: marked.line(t[0]))
        raise marked.error(where, text)


def missing_files(data: Json, file: str) -> Found:
    """The OpenAPI document that is named is there."""
    name = data.get("document", "")
    if name:
        path = document_file(file, name)
        if not path.is_file():
            yield ("document",), f"there is no file {path}: write it, or leave `document` away"


def needed_operations(data: Json, file: str) -> Found:
    """Something submits, something reads a job, and both say which job it is."""
    for does in ("submit", "read"):
        mine = {n: o for n, o in data["operations"].items() if what(n, o) == does and about_job(o)}
        if not mine:
            yield ("operations",), f"no operation does `{does}`: nothing could be judged"
        for name, operation in mine.items():
            lacking = {"id", *(["state"] if does == "read" else [])} - set(operation.get("at", {}))
            if lacking:
                place = ("operations", name)
                yield place, f"{spelled(place)} lacks at.{min(lacking)}: say where it stands"


def known_roles(data: Json, file: str) -> Found:
    """An operation is open to keys that there are."""
    for name, operation in data["operations"].items():
        for number, role in enumerate(operation.get("open_to", [])):
            if role not in data["roles"]:
                told = ", ".join(sorted(data["roles"]))
                yield ("operations", name, "open_to", number), f"no role {role!r}: known are {told}"


def place_names(data: Json, file: str) -> Found:
    """Every place has a name that somebody asks for."""
    provided = {p["place"] for p in data.get("provides", {}).values()}
    forms = [p["form"] for p in data.get("provides", {}).values() if "form" in p]
    provided |= {form[k] for form in forms for k in ("url", "fields") if k in form}
    for name, operation in data["operations"].items():
        for part in ("at", "item"):
            for place in operation.get(part, {}):
                if place not in PLACES | provided and not place.startswith("echo_"):
                    where = ("operations", name, part, place)
                    told = ", ".join(sorted(PLACES))
                    yield where, f"nobody asks for a place {place!r}: known are {told} and echo_…"


def operation_names(data: Json, file: str) -> Found:
    """Every operation that is named somewhere is there."""
    named: list[tuple[Where, str]] = [
        (("provides", n, "op"), p["op"]) for n, p in data.get("provides", {}).items()
    ]
    named += [(("filter_words", n), n) for n in data.get("filter_words", {})]
    for part in ("samples", "refusals"):
        rows = data.get(part, [])
        named += [((part, i, "op"), r["op"]) for i, r in enumerate(rows) if "op" in r]
    rows = data.get("prices", {}).get("rows", [])
    named += [(("prices", "rows", i, "op"), r["op"]) for i, r in enumerate(rows) if "op" in r]
    rows = data.get("provoke", {}).get("failing", [])
    named += [(("provoke", "failing", i, "op"), r["op"]) for i, r in enumerate(rows) if "op" in r]
    if "op" in data.get("links", {}):
        named.append((("links", "op"), data["links"]["op"]))
    known = data["operations"]
    for where, name in named:
        if name not in known:
            yield where, f"there is no operation {name!r}: known are {', '.join(sorted(known))}"


def sample_names(data: Json, file: str) -> Found:
    """Samples and refusals have names of their own, and what begins with a sample finds it."""
    names = [s["name"] for s in data["samples"]]
    for part, key in (("samples", ()), ("refusals", ()), ("provoke", ("failing",))):
        rows = data.get(part, [])
        for step in key:
            rows = rows.get(step, []) if rows else []
        seen: set[str] = set()
        for number, row in enumerate(rows):
            place = (part, *key, number)
            if row["name"] in seen:
                yield (*place, "name"), f"a second one is called {row['name']!r}: name it anew"
            seen.add(row["name"])
            if part == "samples":
                continue
            if "from" in row and row["from"] not in names:
                told = ", ".join(names)
                yield (*place, "from"), f"there is no sample {row['from']!r}: known are {told}"
            if ("from" in row) == ("body" in row):
                yield place, f"{row['name']!r} needs `from` (a sample) or `body`, and not both"
    for number, name in enumerate(data.get("estimates", {})):
        if name not in names:
            yield ("estimates", name), f"there is no sample {name!r} to estimate ({number + 1}.)"


def every_submit_has_a_sample(data: Json, file: str) -> Found:
    """An operation that submits and is never tried would be judged by nothing."""
    first = next((n for n, o in data["operations"].items() if what(n, o) == "submit"), "")
    tried = {s.get("op", first) for s in data["samples"]}
    for name, operation in data["operations"].items():
        if what(name, operation) == "submit" and name not in tried:
            yield ("operations", name), f"{name} submits, and no sample has op: {name}: write one"


def told_apart(data: Json, file: str) -> Found:
    """A refusal says by what it is told from every other one of the same status."""
    fields = bool(data.get("error", {}).get("fields"))
    for number, row in enumerate(data.get("refusals", [])):
        named = "field" in row and fields
        if not (named or "codes" in row or "text" in row):
            help_ = "give codes, text or field" if fields else "give codes or text"
            told = f"nothing tells the refusal {row['name']!r} from any other"
            yield ("refusals", number), f"{told} {either_status(row['status'])}: {help_}"


def either_status(status: Json) -> str:
    """Return statuses as people write them."""
    return either(status if isinstance(status, list) else [status])


def capabilities_and_operations(data: Json, file: str) -> Found:
    """What the vendor can do has its operation."""
    does = {what(n, o) for n, o in data["operations"].items()}
    does |= {w for o in data["operations"].values() for w in o.get("also", [])}
    for name, row in data.get("capabilities", {}).items():
        wanted = OPERATION_OF.get(name)
        if wanted and row[0] in (True, "yes") and wanted not in does:
            where = ("capabilities", name)
            yield where, f"{name} is yes, and no operation does `{wanted}`: write it, or say no"
        if name == "idempotency" and row[0] in (True, "yes") and not headers_of(data):
            yield ("capabilities", name), "idempotency is yes, and idempotency.headers is missing"


def headers_of(data: Json) -> Json:
    """Return the headers of idempotency keys."""
    return data.get("idempotency", {}).get("headers")


def waiting_word(data: Json, file: str) -> Found:
    """The word for a job that waits for a slot is one of the vendor's, and means queued."""
    word = data.get("slots", {}).get("word")
    if word is not None and data["states"].get(word) != "queued":
        yield ("slots", "word"), f"{word!r} is not among `states` as queued: add it there"
    role = data.get("slots", {}).get("role", "main")
    if role not in data["roles"]:
        yield ("slots", "role"), f"there is no role {role!r}: known are {', '.join(data['roles'])}"


def words_twice(data: Json, file: str) -> Found:
    """A word is shown or never shown, not both."""
    for word in data.get("unseen_states", {}):
        if word in data["states"]:
            yield ("unseen_states", word), f"{word!r} stands under `states`, too: leave one of them"


def cursors(data: Json, file: str) -> Found:
    """A list by cursor says where the next one stands."""
    for name, operation in data["operations"].items():
        by_cursor = operation.get("query", {}).get("kind") == "cursor"
        if by_cursor and "next" not in operation.get("at", {}):
            place = ("operations", name, "query")
            yield place, f"{name} is listed by cursor and lacks at.next: say where it stands"


def words_of_requests(data: Json, file: str) -> Found:
    """Where texts are said to be, a sample has one."""
    told = data.get("text", {}).get("member", [])
    for place in told if isinstance(told, list) else [told]:
        pointer = place if place.startswith("/") else f"/{place}"
        if not any(get(sample["body"], pointer) for sample in data["samples"]):
            yield ("text", "member"), f"no sample has a text at {place!r}: say where it stands"


def patterns(data: Json, file: str, where: Where = ()) -> Found:
    """Every regular expression is one."""
    steps = enumerate(data) if isinstance(data, list) else data.items()
    for key, value in steps:
        place = (*where, key)
        is_pattern = key in PATTERNS and isinstance(value, str)
        if (is_pattern and "body" not in place) or where == ("money", "written"):
            try:
                re.compile(value)
            except re.error as error:
                yield place, f"{value!r} is no regular expression: {error}"
        elif isinstance(value, dict | list) and key not in ("body", "set", "when"):
            yield from patterns(value, file, place)


def what(name: str, operation: Json) -> str:
    """Return what an operation does."""
    return str(operation.get("does", name))


def about_job(operation: Json) -> bool:
    """Whether an operation is about jobs."""
    return bool(operation.get("of", "job") == "job")


RULES: tuple[Callable[[Json, str], Found], ...] = (
    missing_files,
    needed_operations,
    known_roles,
    place_names,
    operation_names,
    sample_names,
    every_submit_has_a_sample,
    told_apart,
    capabilities_and_operations,
    waiting_word,
    words_twice,
    cursors,
    words_of_requests,
    patterns,
)
