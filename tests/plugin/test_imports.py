"""What is loaded by whom: the plugin and the client cost nothing until they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("bodydouble.pytest_plugin", {"pytest"}),
        ("bodydouble.client", set[str]()),
    ],
)
def test_importing_loads_nothing_heavy(module: str, allowed: set[str]) -> None:
    script = (
        "import sys, pytest; before = set(sys.modules) if 'pytest' in sys.argv else set();"
        f"import {module};"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *allowed], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    heavy = {"httpx", "starlette", "uvicorn", "pydantic", "schemathesis", "av", "numpy", "orjson"}
    assert not loaded & heavy
    if allowed:
        assert loaded - sys.stdlib_module_names == {"bodydouble"}


def test_the_testing_module_loads_neither_schemathesis_nor_the_renderer() -> None:
    script = "import sys, bodydouble.testing; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "bodydouble" in loaded
    assert not loaded & {"schemathesis", "av", "hypothesis", "numpy", "PIL", "pytest"}
