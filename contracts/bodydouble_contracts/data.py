"""Where `openapi/` and `fixtures/` are: the checkout's folders where they exist, else the wheel's.

A vendor of somebody else's brings its own inside the package that its entry point names. This file
hands out paths, and refuses to read what lies there or to import anything.
"""

from __future__ import annotations

import importlib.util
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parents[1]
# The emulator's group: the one line by which a package says that it brings a vendor.
GROUP = "bodydouble.providers"
OURS = "bodydouble"


def openapi_dir() -> Path:
    """Return the folder of the OpenAPI documents. Raises FileNotFoundError with what to do."""
    return _folder("openapi")


def fixtures_dir() -> Path:
    """Return the folder of golden exchanges and samples. Raises FileNotFoundError."""
    return _folder("fixtures")


def profiles_dir() -> Path:
    """Return the folder of the vendors' profiles, which ship inside the package."""
    return PACKAGE / "vendors" / "profiles"


def profile_files() -> dict[str, Path]:
    """Return every installed profile by vendor: ours, then those of other packages."""
    found = {path.stem: path for path in sorted(profiles_dir().glob("*.yaml"))}
    for point in sorted(entry_points(group=GROUP)):
        package = _package(point)
        path = package / "profiles" / f"{point.name}.yaml" if package else None
        if path and path.is_file():
            found.setdefault(point.name, path)
    return found


def program_files() -> dict[str, Path]:
    """Return the profiles of programs that vendors run: asked for by name, never among all."""
    return {path.stem: path for path in sorted((profiles_dir() / "programs").glob("*.yaml"))}


def document_path(vendor: str) -> Path:
    """Return where a vendor's OpenAPI document is, or would be. Raises FileNotFoundError."""
    return _vendors_own(vendor, Path("openapi", f"{vendor}.yaml"), openapi_dir())


def vendor_fixtures(vendor: str) -> Path:
    """Return where a vendor's exchanges and cassettes are. Raises FileNotFoundError."""
    return _vendors_own(vendor, Path("fixtures", vendor), fixtures_dir())


def _vendors_own(vendor: str, inner: Path, ours: Path) -> Path:
    here = ours / inner.name
    if not here.exists():
        for package in filter(None, map(_package, entry_points(group=GROUP, name=vendor))):
            return package / inner
    return here


def _package(point: EntryPoint) -> Path | None:
    """The folder of the package behind an entry point, found without importing it."""
    top = point.module.partition(".")[0]
    spec = importlib.util.find_spec(top) if top != OURS else None
    for place in (spec.submodule_search_locations or []) if spec else []:
        return Path(place)
    return None


def _folder(name: str) -> Path:
    # A folder called openapi/ beside site-packages would be somebody else's: the checkout is
    # recognised by holding the judge's own source root as well.
    if (CHECKOUT / "contracts" / "bodydouble_contracts").is_dir() and (CHECKOUT / name).is_dir():
        return CHECKOUT / name
    spec = importlib.util.find_spec("bodydouble_data")
    for root in (spec.submodule_search_locations or []) if spec else []:
        if (Path(root) / name).is_dir():
            return Path(root) / name
    raise FileNotFoundError(
        f"the folder {name}/ is neither in the checkout nor in an installed bodydouble_data: "
        "run from the checkout or install the wheel"
    )
