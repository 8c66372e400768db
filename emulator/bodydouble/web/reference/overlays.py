"""Lays a vendor's promises made in prose over its published document.

Reads the overlays of `openapi/`: plain targets (`$.a.b['c/d'][0]`), deep merging, nothing else. The
judge has a reader of its own, so that neither hides the other's mistake.
"""

from __future__ import annotations

import re
from typing import Any

Json = Any
_STEP = re.compile(r"\.([A-Za-z_][\w-]*)|\['([^']+)'\]|\[(\d+)\]")


def tightened(document: Json, overlay: Json) -> Json:
    """The document, changed in place, under every action. KeyError, IndexError: one that misses."""
    for action in overlay["actions"]:
        steps = [
            int(index) if index else name or quoted
            for name, quoted, index in _STEP.findall(action["target"])
        ]
        parent = document
        for step in steps[:-1]:
            parent = parent[step]
        parent[steps[-1]] = _merged(parent[steps[-1]], action["update"])
    return document


def _merged(base: Json, update: Json) -> Json:
    """Objects deeply, arrays joined, anything else replaced."""
    if isinstance(base, dict) and isinstance(update, dict):
        return {**base, **{key: _merged(base.get(key), item) for key, item in update.items()}}
    if isinstance(base, list) and isinstance(update, list):
        return base + [item for item in update if item not in base]
    return update
