"""The in-process target: `understudy.asgi:app`, an emulator with default settings.

Settings are read from ``UNDERSTUDY_…`` variables, exactly as `understudy serve` reads them.
"""

from __future__ import annotations

import os

from understudy.web.app import Understudy
from understudy.web.settings import VARIABLES, read_settings

app = Understudy(
    read_settings({name: os.environ.get(variable, "") for name, variable in VARIABLES.items()})
)
