"""No room is too full to be taken in at a glance, and the tops hold what the design puts there."""

from __future__ import annotations

import pytest

from tests.architecture import rooms, tree

WEB = "emulator/bodydouble/web"
JUDGE = "contracts/bodydouble_contracts"


def paths() -> list[str]:
    return [path for path, _ in tree.python_files(*tree.SOURCE_ROOTS)]


def test_no_room_holds_more_modules_than_a_reader_can_keep_apart() -> None:
    assert rooms.crowded(paths()) == []


def test_at_the_tops_stands_what_the_design_puts_there() -> None:
    assert rooms.astray(paths()) == []


def test_a_room_that_may_be_large_is_large() -> None:
    counts = {top: [p for p in paths() if p.rpartition("/")[0] == top] for top in rooms.LARGE}
    assert [top for top, found in counts.items() if not found] == []


def test_one_module_too_many_is_convicted() -> None:
    full = [f"emulator/bodydouble/sandbox/m{n}.py" for n in range(rooms.MODULES_MAX)]
    assert rooms.crowded([*full, "emulator/bodydouble/sandbox/__init__.py"]) == []
    (finding,) = rooms.crowded([*full, "emulator/bodydouble/sandbox/one_more.py"])
    assert "emulator/bodydouble/sandbox/: 15 modules" in finding


@pytest.mark.parametrize(
    ("added", "told"),
    [
        ([f"{WEB}/drawer.py"], "drawer"),
        ([f"{JUDGE}/m{n}.py" for n in range(6)], "m0, m1"),
    ],
)
def test_a_module_astray_at_a_top_is_convicted(added: list[str], told: str) -> None:
    (finding,) = rooms.astray([*paths(), *added])
    assert told in finding


def test_a_module_that_left_its_top_is_convicted() -> None:
    left = [path for path in paths() if path != f"{WEB}/server.py"]
    assert rooms.astray(left) == [f"{WEB}/server.py is missing"]
