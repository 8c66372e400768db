"""Where `openapi/` and `fixtures/` are: the checkout's folders where they exist, else the wheel's.

A vendor of somebody else's brings both inside its own package, which its entry point names. This
file names folders, reads nothing in them and imports no provider.
"""

from __future__ import annotations

import importlib.util
from importlib.metadata import entry_points
from pathlib import Path

PROVIDERS = "bodydouble.providers"
"""The entry point group in which a package names the vendors it provides."""

_CHECKOUT = Path(__file__).resolve().parents[2]


def openapi_dir() -> Path:
    """The folder of the OpenAPI documents. FileNotFoundError if the installation lacks it."""
    return _folder("openapi")


def fixtures_dir() -> Path:
    """The folder of scenarios and sample media. FileNotFoundError if the installation lacks it."""
    return _folder("fixtures")


def document_path(vendor: str) -> Path:
    """Where the OpenAPI document of a vendor is, or would be. FileNotFoundError as above."""
    return _vendors_own(vendor, Path("openapi", f"{vendor}.yaml"), openapi_dir())


def exchanges_dir(vendor: str) -> Path:
    """Where the golden exchanges of a vendor are, or would be. FileNotFoundError as above."""
    return _vendors_own(vendor, Path("fixtures", vendor), fixtures_dir())


def _vendors_own(vendor: str, inner: Path, ours: Path) -> Path:
    here = ours / inner.name
    package = None if here.exists() else package_of(vendor)
    return package / inner if package is not None else here


def package_of(vendor: str) -> Path | None:
    """The folder of the package that provides ``vendor``; None for ours and for unknown ones."""
    for point in entry_points(group=PROVIDERS, name=vendor):
        top = point.module.partition(".")[0]
        spec = importlib.util.find_spec(top) if top != __package__ else None
        for place in (spec.submodule_search_locations or ()) if spec is not None else ():
            return Path(place)
    return None


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
