"""The in-process target: `bodydouble.asgi:app`, an emulator with default settings.

Settings are read from ``BODYDOUBLE_…`` variables, exactly as `bodydouble serve` reads them.
Under another server turn off what it adds of its own: uvicorn's `--no-date-header` and
`--no-proxy-headers`; the application tells the sandbox's time and judges proxies itself.
"""

from __future__ import annotations

import os

from bodydouble.web.app import Application
from bodydouble.web.settings import VARIABLES, read_settings

app = Application(
    read_settings({name: os.environ.get(variable, "") for name, variable in VARIABLES.items()})
)
