"""An interpreter in which PyAV cannot be imported, and nothing remembers it afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bodydouble.web.media import files


@contextmanager
def without_media() -> Iterator[None]:
    """Whether the extra is there is asked once in a process: the answer of before is forgotten, and
    the one in between, too, or every later film of this process would be the bundled clip."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "av", None)
        files.can_render.cache_clear()
        yield
    files.can_render.cache_clear()
