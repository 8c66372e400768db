"""No module imports, by whatever way, a module that imports it.

import-linter looks at floors; this looks at every import there is, lazy ones and those for types
alone included, and shows on planted samples that it sees each kind.
"""

from __future__ import annotations

import pytest

from tests.architecture import circles, tree

PLANTED = {
    "plain": ("from house.b import f\n", "import house.a\n"),
    "lazy": ("def f():\n    from house.b import g\n", "from house import a\n"),
    "for types alone": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.b import B\n",
        "from house.a import A\n",
    ),
    "by name": (
        "from importlib import import_module\nimport_module('house.b')\n",
        "import house.a",
    ),
    "relative": ("from . import b\n", "def f():\n    from .a import g\n"),
    "by name of what is in it": (
        "import importlib\nimportlib.import_module('house.b')",
        "from house.a import A",
    ),
}


def packages() -> circles.Graph:
    """Both packages, as one graph: neither may be in the other's circle."""
    files = [
        (path.partition("/")[2], text)
        for top in tree.SOURCE_ROOTS
        for path, text in tree.python_files(top)
    ]
    return circles.graph(files)


def test_no_two_modules_import_each_other_by_any_way() -> None:
    imports = packages()
    assert sum(map(len, imports.values())) > 500, "the walk found next to nothing"
    found = circles.circles(imports)
    assert not found, "\n\n".join(circles.told(one, imports) for one in found)


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_circle_is_found_and_its_places_are_told(kind: str) -> None:
    one, other = PLANTED[kind]
    files = [("house/__init__.py", ""), ("house/a.py", one), ("house/b.py", other)]
    imports = circles.graph(files)
    (found,) = circles.circles(imports)
    assert sorted(found) == ["house.a", "house.b"]
    assert "house/a.py:" in circles.told(found, imports)


def test_a_circle_of_three_is_found_once_and_a_tower_is_none() -> None:
    steps = {"a": "b", "b": "c", "c": "a", "d": "a"}
    files = [(f"house/{one}.py", f"import house.{other}\n") for one, other in steps.items()]
    assert [sorted(one) for one in circles.circles(circles.graph(files))] == [
        ["house.a", "house.b", "house.c"]
    ]
    assert circles.circles(circles.graph(files[:2])) == []


def test_a_circle_planted_in_the_real_tree_is_found() -> None:
    files = [
        (path.partition("/")[2], text)
        for path, text in tree.python_files("emulator")
        if not path.endswith("core/clock.py")
    ]
    clock = (tree.ROOT / "emulator/bodydouble/core/clock.py").read_text("utf-8")
    lazy = "\n\ndef _later() -> None:\n    import bodydouble.core.timeline\n"
    imports = circles.graph([*files, ("bodydouble/core/clock.py", clock + lazy)])
    found = circles.circles(imports)
    assert any("bodydouble.core.clock" in circle for circle in found)
