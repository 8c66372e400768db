"""Reads the transcribed documents for their tests: refs, overlays and the answer to a request.

A second, smaller hand beside the judge's own reader, so that a mistake in either shows.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from jsonschema_rs import Draft202012Validator

OPENAPI = Path(__file__).parents[2] / "openapi"
VENDORS = tuple(
    sorted(path.name.removesuffix(".overlay.yaml") for path in OPENAPI.glob("*.overlay.yaml"))
)
TOKEN = re.compile(r"\.([A-Za-z_][\w-]*)|\['([^']+)'\]|\[(\d+)\]")


def document(vendor: str) -> dict[str, Any]:
    """Return the published document; no two places share an object."""
    return unshared(OPENAPI / f"{vendor}.yaml")


def overlay(vendor: str) -> dict[str, Any]:
    """Return the overlay as parsed YAML; one without actions where a vendor has none."""
    path = OPENAPI / f"{vendor}.overlay.yaml"
    return unshared(path) if path.is_file() else {"actions": []}


def unshared(path: Path) -> dict[str, Any]:
    """Parse YAML and part what anchors share, so that one change is made in one place."""
    parsed: dict[str, Any] = json.loads(_text(path))
    return parsed


@cache
def _text(path: Path) -> str:
    return json.dumps(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader))


@cache
def tightened(vendor: str) -> dict[str, Any]:
    """Return the document with every action of the overlay applied, to be read only.

    Raises KeyError for an action that misses.
    """
    doc = document(vendor)
    for action in overlay(vendor)["actions"]:
        parent, last = place(doc, action["target"])
        parent[last] = merged(parent[last], action["update"])
    return doc


def place(doc: Any, target: str) -> tuple[Any, str | int]:
    """Return what holds a target, and under which key; a key that is not there raises KeyError."""
    if "".join(found.group() for found in TOKEN.finditer(target)) != target.removeprefix("$"):
        raise KeyError(f"unreadable target {target}")
    keys = [name or quoted or int(index) for name, quoted, index in TOKEN.findall(target)]
    for key in keys[:-1]:
        doc = doc[key]
    doc[keys[-1]]  # a miss is an error here, not later
    return doc, keys[-1]


def merged(base: Any, update: Any) -> Any:
    """Merge as overlays do: objects deeply, arrays joined, anything else replaced."""
    if isinstance(base, dict) and isinstance(update, dict):
        return {**base, **{key: merged(base.get(key), item) for key, item in update.items()}}
    if isinstance(base, list) and isinstance(update, list):
        return base + [item for item in update if item not in base]
    return update


def deref(doc: dict[str, Any], node: Any) -> Any:
    """Follow a chain of references."""
    while isinstance(node, dict) and set(node) == {"$ref"}:
        target: Any = doc
        for token in node["$ref"].removeprefix("#/").split("/"):
            target = target[token.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def operations(doc: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Return every (path, METHOD, operation), plain paths before templated ones."""
    methods = ("get", "put", "post", "delete", "patch")
    paths = sorted(doc["paths"].items(), key=lambda item: item[0].count("{"))
    return [(p, m.upper(), item[m]) for p, item in paths for m in methods if m in item]


def operation(doc: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    """Return the operation that answers a request as the vendor's clients write it."""
    base = urlsplit(doc["servers"][0]["url"]).path
    for template, verb, described in operations(doc):
        pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(base + template))
        if verb == method and re.fullmatch(pattern, path):
            return described
    return None


def complaints(doc: dict[str, Any], schema: Any, value: Any) -> list[str]:
    """Return what a schema of the document has against a value."""
    whole = Draft202012Validator({**schema, "components": doc["components"]}, validate_formats=True)
    return [f"{list(e.instance_path)}: {e.message[:160]}" for e in whole.iter_errors(value)]
