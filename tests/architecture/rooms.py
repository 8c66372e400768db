"""How many modules a room may hold, and what may stand at the top of a package.

Works on paths alone; `__init__.py` is the room's door and no module of it.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

MODULES_MAX = 14
LARGE = frozenset(
    {
        "emulator/bodydouble/core",
        "contracts/bodydouble_contracts/contracts",
        "contracts/bodydouble_contracts/mutants/families",
    }
)
"""Rooms that may be larger: the core, and the judge's families, one module for each."""
TOPS = {
    "emulator/bodydouble/web": (frozenset({"app", "server", "settings"}), 0),
    "contracts/bodydouble_contracts": (frozenset({"runs", "data", "pytest_plugin"}), 5),
}
"""Folder to (the modules that stand there, how many more may)."""


def crowded(paths: Iterable[str]) -> list[str]:
    """Return a finding for each room that holds more modules than may be."""
    return [
        f"{room}/: {len(names)} modules, {MODULES_MAX} is the limit: group some in a room"
        for room, names in _rooms(paths).items()
        if len(names) > MODULES_MAX and room not in LARGE
    ]


def astray(paths: Iterable[str]) -> list[str]:
    """Return a finding for each package at whose top something else stands, or something lacks."""
    rooms, found = _rooms(paths), []
    for top, (named, more) in TOPS.items():
        others = sorted(rooms[top] - named)
        found += [f"{top}/{name}.py is missing" for name in sorted(named - rooms[top])]
        if len(others) > more:
            found.append(f"{top}/: too many at the top, give a room to {', '.join(others)}")
    return found


def _rooms(paths: Iterable[str]) -> dict[str, set[str]]:
    rooms: dict[str, set[str]] = defaultdict(set)
    for path in map(PurePosixPath, paths):
        if path.suffix == ".py" and path.stem != "__init__":
            rooms[path.parent.as_posix()].add(path.stem)
    return rooms
