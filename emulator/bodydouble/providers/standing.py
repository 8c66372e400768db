"""Reads a vendor's `standing.yaml`, the file beside its package that people read with `providers`.

Nothing is read before somebody asks: a server that starts, or answers, needs none of it.
`standing.schema.json` describes the form for editors.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from bodydouble.core.standing import Standing

FILE = "standing.yaml"


def standing_beside(module: str) -> Callable[[], Standing]:
    """The reader of the `standing.yaml` beside a module, which hands its ``__file__``.

    Called, it raises ValueError in one sentence with file, line and field for what cannot be used.
    """
    path = Path(module).with_name(FILE)

    @cache
    def read_standing() -> Standing:
        from bodydouble.yaml_files import read

        name = f"{path.parent.name}/{path.name}"
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise ValueError(f"{name}: cannot be read: {error.strerror}") from None
        content: Standing = read(name, text, Standing).content
        return content

    return read_standing
