"""The page that explains every key of a profile, written from the schema that checks it.

What stands in it stands in the schema; nothing is explained twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bodydouble_contracts.vendors.checking import schema

Json = Any
SCHEMA = "../contracts/bodydouble_contracts/vendors/profile.schema.json"
HEAD = f"""# Profiles

A profile is what the judge knows of one vendor: a YAML file, written from the vendor's pages, and
no Python. This page is written from [`profile.schema.json`]({SCHEMA}),
which checks every profile that is read; `bodydouble-contracts profile-keys` prints it. A key that
nobody knows, a name that leads nowhere or a file that is missing is refused with file and line.

A place is a JSON pointer into a reply. Forms that stand in several keys (`places`, `refused`,
`status`, …) are explained once, at the end. Names in angle brackets are yours to choose."""


def page() -> str:
    """Return the whole page as Markdown."""
    root = schema()
    needed = set(root["required"])
    parts = [HEAD]
    for name, node in root["properties"].items():
        must = " Every profile has it." if name in needed else ""
        parts.append(f"## `{name}`\n\n{told(node)}{must}{form(node, ' Value: {}.')}")
        parts += table(list(rows(node, name)))
    parts.append("## Forms")
    for name, node in root["$defs"].items():
        parts.append(f"### {name}\n\n{told(node)}{form(node, ' Value: {}.')}")
        parts += table(list(rows(node, "")))
    return "\n\n".join(parts) + "\n"


def table(found: list[tuple[str, str, str]]) -> list[str]:
    """Return rows as one Markdown table, or nothing."""
    if not found:
        return []
    lines = ["| key | what | value |", "|---|---|---|"]
    return ["\n".join([*lines, *(f"| `{k}` | {escaped(w)} | {escaped(v)} |" for k, w, v in found)])]


def rows(node: Json, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield key, meaning and value of everything under a node that is no form of its own."""
    needed = set(node.get("required", []))
    for name, inner in node.get("properties", {}).items():
        place = f"{path}.{name}" if path else name
        must = " Needed." if name in needed else ""
        yield place, told(inner) + must, form(inner, "{}")
        if "$ref" not in inner:
            yield from rows(inner, place)
    for key, mark in (("additionalProperties", ".<name>"), ("items", "[]")):
        inner = node.get(key)
        if not isinstance(inner, dict):
            continue
        place = f"{path}{mark}" if path else mark.strip(".")
        if "$ref" in inner or "description" in inner or set(inner) - {"type"}:
            yield place, told(inner), form(inner, "{}")
        if "$ref" not in inner:
            yield from rows(inner, place)


def told(node: Json) -> str:
    """Return what the schema says of a node, or of the form it has."""
    if "description" in node:
        return str(node["description"])
    return told(named(node)) if "$ref" in node else ""


def form(node: Json, shape: str) -> str:
    """Return what a value looks like, put into a sentence or a cell."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return shape.format(f"[{name}](#{name})")
    if "enum" in node:
        words = [f"`{w}`" for w in node["enum"] if not isinstance(w, bool)]
        return shape.format(", ".join(words))
    kinds = node.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    simple = [k for k in kinds if k not in ("object", "array")]
    many = ["list"] if "array" in kinds else []
    keyed = ["mapping"] if "object" in kinds else []
    said = " or ".join([*simple, *many, *keyed])
    return shape.format(said) if said else ""


def named(node: Json) -> Json:
    """Return the form that a reference names."""
    return schema()["$defs"][node["$ref"].rpartition("/")[2]]


def escaped(text: str) -> str:
    """Return text that does not end a cell of a table."""
    return text.replace("|", "\\|")
