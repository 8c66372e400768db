"""Applies OpenAPI overlays: the promises a vendor makes only in prose, laid over its document.

An action has a `target` (`$.paths['/jobs'].get.responses['200']`, with dots, quoted names and
indexes), and `update` (deep merge) or `remove`. Wildcards and filters are refused, because an
action that silently matches nothing is a promise silently dropped.
"""

from __future__ import annotations

import copy
import re
from typing import Any

Json = Any
TOKEN = re.compile(
    r"\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\[\"((?:[^\"\\]|\\.)*)\"\]"
)


class OverlayError(ValueError):
    """An action that cannot be applied; the text names it."""


def apply(document: Json, overlay: Json) -> Json:
    """Return a copy of the document with all actions applied, in order. Raises OverlayError."""
    out = parted(document)
    for number, action in enumerate(overlay.get("actions") or [], 1):
        target = action.get("target", "")
        path = steps(target)
        if action.get("remove"):
            _remove(out, path, f"action {number} ({target})")
        else:
            _update(out, path, action.get("update"), f"action {number} ({target})")
    return out


def narrowed(node: Json) -> Json:
    """Fold each `x-drawn` into what holds it: what the judge asks for, of all that is allowed."""
    if isinstance(node, list):
        return [narrowed(value) for value in node]
    if not isinstance(node, dict):
        return node
    out = {key: narrowed(value) for key, value in node.items() if key != "x-drawn"}
    return _over(out, narrowed(node["x-drawn"])) if "x-drawn" in node else out


def _over(base: Json, drawn: Json) -> Json:
    if not isinstance(base, dict) or not isinstance(drawn, dict):
        return drawn
    return {**base, **{key: _over(base.get(key), value) for key, value in drawn.items()}}


def parted(node: Json) -> Json:
    """Copy plain data so that pieces a YAML anchor shared become pieces of their own."""
    if isinstance(node, dict):
        return {key: parted(value) for key, value in node.items()}
    return [parted(value) for value in node] if isinstance(node, list) else node


def steps(target: str) -> list[str | int]:
    """Return the path a target names. Raises OverlayError for what is not understood."""
    if not target.startswith("$"):
        raise OverlayError(f"a target starts with '$': {target!r}")
    out: list[str | int] = []
    position = 1
    while position < len(target):
        found = TOKEN.match(target, position)
        if not found:
            raise OverlayError(f"cannot read the target {target!r} from {target[position:]!r}")
        name, index, single, double = found.groups()
        quoted = single if single is not None else double
        text = name if name is not None else quoted
        out.append(int(index) if index is not None else re.sub(r"\\(.)", r"\1", text or ""))
        position = found.end()
    return out


def merge(base: Json, update: Json) -> Json:
    """Merge as the overlay specification says: objects deeply, arrays joined, the rest wins."""
    if isinstance(base, dict) and isinstance(update, dict):
        merged = dict(base)
        for key, value in update.items():
            merged[key] = merge(base[key], value) if key in base else copy.deepcopy(value)
        return merged
    if isinstance(base, list) and isinstance(update, list):
        return base + [copy.deepcopy(v) for v in update if v not in base]
    return copy.deepcopy(update)


def _walk(doc: Json, path: list[str | int], name: str) -> Json:
    for step in path:
        try:
            doc = doc[step]
        except (KeyError, IndexError, TypeError):
            raise OverlayError(f"{name} matches nothing at {step!r}") from None
    return doc


def _update(doc: Json, path: list[str | int], update: Json, name: str) -> None:
    if not path:
        doc.update(merge(doc, update))
        return
    parent = _walk(doc, path[:-1], name)
    _walk(parent, path[-1:], name)
    parent[path[-1]] = merge(parent[path[-1]], update)


def _remove(doc: Json, path: list[str | int], name: str) -> None:
    parent = _walk(doc, path[:-1], name)
    _walk(parent, path[-1:], name)
    del parent[path[-1]]
