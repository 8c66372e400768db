"""What runs on GitHub, read as data: pinned, without rights it does not need, on every Python.

None of it has run, and each file says so.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.architecture import tree

FOLDER = tree.ROOT / ".github" / "workflows"
NAMES = sorted(path.name for path in FOLDER.glob("*.yml"))
Json = Any


def read(name: str) -> Json:
    return yaml.safe_load((FOLDER / name).read_text())


def pythons(name: str, job: str) -> list[str]:
    return list(read(name)["jobs"][job]["strategy"]["matrix"]["python"])


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_pins_what_it_uses_and_asks_for_no_rights_at_large(name: str) -> None:
    workflow = read(name)
    assert workflow["permissions"] == {}
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    used = [step["uses"] for step in steps if "uses" in step]
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []
    assert "IT HAS NEVER RUN" in (FOLDER / name).read_text().partition("name:")[0]
    for step in steps:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_every_python_that_is_promised_is_tried() -> None:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())["project"]
    promised = [
        found[1]
        for one in project["classifiers"]
        if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", one))
    ]
    assert pythons("ci.yml", "check") == pythons("release.yml", "try") == promised


def test_ci_installs_the_pins_audits_them_and_runs_the_container_without_rights() -> None:
    jobs = read("ci.yml")["jobs"]
    text = {
        name: "\n".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()
    }
    assert "--require-hashes -r .ci/requirements.txt" in text["check"]
    assert ".ci/run" in text["check"]
    for name in ("requirements.txt", "container.txt"):
        assert f"pip-audit --require-hashes --disable-pip -r .ci/{name}" in text["audit"]
    for word in ("docker build", "--read-only", "--cap-drop ALL", "docker compose up"):
        assert word in text["container"]
