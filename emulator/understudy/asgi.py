"""The in-process target: `understudy.asgi:app`, an emulator with default settings.

Settings are read from ``UNDERSTUDY_…`` variables, exactly as `understudy serve` reads them.
"""

from __future__ import annotations

from understudy.web.app import Understudy

app = Understudy()
