"""Where `openapi/` and `fixtures/` are: the checkout's folders where they exist, else the wheel's.

It names folders and reads nothing in them.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[2]


def openapi_dir() -> Path:
    """The folder of the OpenAPI documents. FileNotFoundError if the installation lacks it."""
    return _folder("openapi")


def fixtures_dir() -> Path:
    """The folder of scenarios and sample media. FileNotFoundError if the installation lacks it."""
    return _folder("fixtures")


def _folder(name: str) -> Path:
    # In a wheel, two levels up is somebody's site-packages: only a checkout has this source root.
    if (_CHECKOUT / "emulator" / "bodydouble").is_dir() and (_CHECKOUT / name).is_dir():
        return _CHECKOUT / name
    spec = importlib.util.find_spec("bodydouble_data")
    for place in (spec.submodule_search_locations or ()) if spec is not None else ():
        if (folder := Path(place) / name).is_dir():
            return folder
    raise FileNotFoundError(
        f"{name}/ is missing from this installation of bodydouble: install it again from the wheel"
    )
