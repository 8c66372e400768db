"""The release workflow, read as data: what is published is what was built once, and tried.

It has never run, so this is all that can be said of it here.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.architecture import tree

WORKFLOW = tree.ROOT / ".github" / "workflows" / "release.yml"
Json = Any


def steps(job: Json) -> str:
    """All that a job calls and runs, as one text."""
    return "\n".join(str(step.get("uses", "")) + str(step.get("run", "")) for step in job["steps"])


def after(jobs: Json, name: str) -> set[str]:
    """Every job that must have succeeded before this one."""
    needed = jobs[name].get("needs", [])
    needed = {needed} if isinstance(needed, str) else set(needed)
    return needed | {one for job in needed for one in after(jobs, job)}


@pytest.fixture(scope="module")
def workflow() -> Json:
    return yaml.safe_load(WORKFLOW.read_text())


def test_nothing_but_a_version_tag_starts_a_release(workflow: Json) -> None:
    # YAML 1.1 reads the bare word `on` as true.
    assert workflow[True] == {"push": {"tags": ["v[0-9]*"]}}


def test_one_job_builds_and_the_others_take_what_it_built(workflow: Json) -> None:
    jobs = workflow["jobs"]
    builders = [name for name, job in jobs.items() if "hatchling build" in steps(job)]
    assert builders == ["build"]
    for name in set(jobs) - {"build"}:
        assert "actions/download-artifact@" in steps(jobs[name])
        assert "actions/checkout@" not in steps(jobs[name])
    (publisher,) = [name for name, job in jobs.items() if "pypi-publish@" in steps(job)]
    assert after(jobs, publisher) == {"build", "try"}
    assert "attest-build-provenance@" in steps(jobs[publisher])


def test_only_the_guarded_job_may_speak_for_the_project(workflow: Json) -> None:
    assert workflow["permissions"] == {}
    rights = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    assert rights.pop("publish") == {"id-token": "write", "attestations": "write"}
    assert workflow["jobs"]["publish"]["environment"] == "release"
    assert all(right == "read" for held in rights.values() for right in held.values())
    assert "secrets." not in WORKFLOW.read_text()


def test_every_action_is_pinned_to_a_commit(workflow: Json) -> None:
    used = [
        step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step
    ]
    assert len(used) > 4
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []


def test_it_refuses_while_the_name_is_not_reserved_and_says_that_it_never_ran(
    workflow: Json,
) -> None:
    assert "Private :: Do Not Upload" in steps(workflow["jobs"]["build"])
    assert "IT HAS NEVER RUN" in WORKFLOW.read_text().partition("name:")[0]
