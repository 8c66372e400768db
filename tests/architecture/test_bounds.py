"""The table of bounds says what the code says, and leaves none out."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from operator import attrgetter

from tests.architecture import tree

TABLE = (tree.ROOT / "docs" / "bounds.md").read_text("utf-8")
ROW = re.compile(r"^\| .+ \| ([0-9,]+)[^|]* \| .+ \| `([\w.]+)` \|$", re.MULTILINE)
PACKAGE = tree.ROOT / "emulator" / "bodydouble"
ROOMS = ("core", "sandbox", "stores", "web")
# What names the largest value of a field, or how much of something is shown.
NO_BOUNDS = frozenset(
    {
        "core.clock.RATE_MAX",
        "core.evidence.lint.NAMED_MAX",
        "core.media.frames.LONG_SIDE_MAX",
        "core.media.inputs.URL_CHARS_MAX",
        "core.media.orientation.PARTS_MAX",
        "core.media.sizes.SIDE_MAX",
        "core.scenarios.directives.SPAN_MAX_US",
        "web.keys.starting_values.NUMBER_MAX",
        "web.media.inputs.PORT_MAX",
        "web.pipeline.console.WHY_CHARACTERS_MAX",
        "web.reference.page.DEPTH_MAX",
        "web.reference.page.EXAMPLE_CHARS_MAX",
    }
)


def value_of(name: str) -> float:
    """The constant of that name, below the package."""
    room, _, rest = name.rpartition(".")
    if room[room.rfind(".") + 1 :][0].isupper():
        room, _, owner = room.rpartition(".")
        rest = f"{owner}.{rest}"
    value: float = attrgetter(rest)(import_module(f"bodydouble.{room}"))
    return value


def test_each_row_says_what_the_code_says() -> None:
    rows = ROW.findall(TABLE)
    assert len(rows) > 50
    assert len(rows) == len(re.findall("^\\| .*`", TABLE, re.MULTILINE))
    told = {name: float(at_most.replace(",", "")) for at_most, name in rows}
    assert {name: value for name, value in told.items() if value_of(name) != value} == {}


def test_no_bound_is_left_out() -> None:
    found = set()
    for room in ROOMS:
        for path in (PACKAGE / room).rglob("*.py"):
            module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
            for node in ast.parse(path.read_text("utf-8")).body:
                targets = node.targets if isinstance(node, ast.Assign) else []
                for target in targets:
                    if isinstance(target, ast.Name) and "_MAX" in target.id:
                        found.add(f"{module}.{target.id}")
    private = {name for name in found if name.rpartition(".")[2].startswith("_")}
    listed = {name for _, name in ROW.findall(TABLE)}
    assert found - private - NO_BOUNDS - listed == set()
    assert found >= NO_BOUNDS
