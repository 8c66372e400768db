"""Every point of a vendor's wire that its document names, and the source that stands next to it.

A point is an operation, what a request carries, a status, a header or a member of a body, written
as in `standing.yaml`. Run as a program it prints the `sources` and `wire` of a vendor as the
document has them, to start from: `python -m tests.openapi.points VENDOR`.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.openapi.reading import deref, document, operations, overlay, place

SEEDS = tuple(
    str(yaml.safe_load(path.read_text("utf-8"))["page"])
    for path in sorted(Path(__file__).parents[1].glob("vendors/*/seed.yaml"))
)
DEPTH_MAX = 12
Json = Any
Source = tuple[str, str, str]
"""Standing, where it is written, and its date."""


def points(vendor: str) -> dict[str, dict[str, Source]]:
    """Operation by its id, and of each its points with their sources."""
    doc = _sourced(vendor)
    first = _source(doc.get("info", {}), ("assumption", "", ""))
    return {
        op["operationId"]: dict(_of_operation(doc, path, op, _source(op, first)))
        for path, _, op in operations(doc)
    }


def _of_operation(doc: Json, path: str, op: Json, source: Source) -> Iterator[tuple[str, Source]]:
    yield ".", source
    for one in [*doc["paths"][path].get("parameters", []), *op.get("parameters", [])]:
        told = deref(doc, one)
        yield f"{told['in']} {told['name']}", _source(told, source)
    body = deref(doc, op.get("requestBody", {}))
    for media in body.get("content", {}).values():
        for name, known in _members(doc, media.get("schema", {}), _source(body, source)):
            yield f"body {name}", known
    for status, one in op["responses"].items():
        answer = deref(doc, {"$ref": one["$ref"]} if "$ref" in one else one)
        known = _source(answer, _source(one, source))
        yield status, known
        for name, header in answer.get("headers", {}).items():
            yield f"{status} header {name}", _source(deref(doc, header), known)
        for media in answer.get("content", {}).values():
            for name, inner in _members(doc, media.get("schema", {}), known):
                yield f"{status} {name}", inner


def _members(
    doc: Json, schema: Json, source: Source, at: str = "", depth: int = 0
) -> Iterator[tuple[str, Source]]:
    """Every member of a schema by its path, a list's items as ``[]``; the first source stays."""
    found: dict[str, Source] = {}
    if depth < DEPTH_MAX and isinstance(schema, dict):
        node, source = schema, _source(schema, source)
        if "$ref" in node:
            # What an overlay lays beside a reference narrows what stands there.
            target = deref(doc, {"$ref": node["$ref"]})
            found.update(_members(doc, target, source, at, depth + 1))
        for name, inner in node.get("properties", {}).items():
            if inner is False:
                continue
            here = f"{at}.{name}" if at else name
            found.setdefault(here, _source(inner, source))
            for below, known in _members(doc, inner, source, here, depth + 1):
                found.setdefault(below, known)
        for below, known in _members(doc, node.get("items"), source, f"{at}[]", depth + 1):
            found.setdefault(below, known)
        parts = [one for word in ("allOf", "anyOf", "oneOf") for one in node.get(word, [])]
        for part in (*parts, node.get("then"), node.get("else")):
            for name, known in _members(doc, part, source, at, depth + 1):
                found.setdefault(name, known)
    yield from found.items()


def _source(node: Json, outer: Source) -> Source:
    if not isinstance(node, dict) or not ("x-source" in node or "x-assumption" in node):
        return outer
    told = node.get("x-source", {"page": outer[1], "date": outer[2]})
    page, date = str(told["page"]), str(told["date"])
    if node.get("x-assumption"):
        return ("assumption", page, date)
    return (_level(page), page, date)


def _level(page: str) -> str:
    if any(seed in page for seed in SEEDS):
        return "seed"
    if "QuantumNous/new-api" in page or "records live answers" in page:
        return "observed"
    return "client" if "/sdk-" in page else "page"


def _sourced(vendor: str) -> Json:
    """The tightened document, in which what an overlay adds keeps the overlay's source."""
    doc = document(vendor)
    for action in overlay(vendor)["actions"]:
        parent, last = place(doc, action["target"])
        marks = {key: action[key] for key in ("x-source", "x-assumption") if key in action}
        parent[last] = _laid(parent[last], action["update"], marks)
    return doc


def _laid(base: Json, update: Json, marks: Json) -> Json:
    if isinstance(base, dict) and isinstance(update, dict):
        laid = {
            key: _laid(base[key], one, marks) if key in base else _marked(key, one, marks)
            for key, one in update.items()
        }
        return {**base, **laid}
    if isinstance(base, list) and isinstance(update, list):
        return base + [_marked("", item, marks) for item in update if item not in base]
    return update


def _marked(key: str, added: Json, marks: Json) -> Json:
    if isinstance(added, list) and key in ("allOf", "anyOf", "oneOf"):
        return [_marked("", one, marks) for one in added]
    if not isinstance(added, dict):
        return added
    if key in ("properties", "headers", "responses", "schemas"):
        return {name: _marked("", one, marks) for name, one in added.items()}
    return {**added, **marks}


def sections(vendor: str) -> Iterator[str]:
    """The two sections, line by line."""
    found = points(vendor)
    names: dict[Source, str] = {}
    for of_one in found.values():
        for source in of_one.values():
            names.setdefault(source, f"{source[0][0].upper()}{len(names) + 1}")
    yield "sources:"
    for (level, page, date), name in names.items():
        dated = date[:1].isdigit()
        told = {"standing": level, "about": "what stands under it in wire"}
        told["source"] = page if dated else f"{page} (undated)"
        yield (f"  {name}: {json.dumps(told | ({'date': date[:10]} if dated else {}))}")
    yield "wire:"
    for operation, of_one in found.items():
        yield f"  {operation}:"
        for source, name in names.items():
            rows = [json.dumps(point) for point, known in of_one.items() if known == source]
            if rows:
                # Blanks inside a point are no place to break a line.
                listed = ", ".join(row.replace(" ", "\0") for row in rows)
                lines = textwrap.wrap(f"[{listed}]", 140, break_on_hyphens=False)
                yield f"    {name}:"
                yield from (f"      {line}".replace("\0", " ") for line in lines)


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in sections(sys.argv[1]))
