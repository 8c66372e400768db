"""The wheel and the source archive, each installed where no checkout is in sight, do their work.

The environment is empty, the working folder is somebody else's, and no path leads back here. What
the packages depend on comes from the package registry.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture import tree
from tests.distribution.building import built

pytestmark = [pytest.mark.slow, pytest.mark.registry]

FOREIGN_TEST = """
def test_an_order_is_paid(bodydouble):
    with bodydouble.smartlyq.client() as client:
        order = {"model": "kling-v2-1", "type": "text_to_video", "prompt": "a boat"}
        accepted = client.post("/videos/generate", json=order).json()
        bodydouble.clock.advance("10m")
        job = client.get(f"/jobs/{accepted['data']['job_uid']}").json()["data"]
    assert job["status"] == "completed"
"""
KEPT_OUT = ("PYTHON", "PYTEST", "VIRTUAL_ENV", "BODYDOUBLE", "COV")


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment that holds one built file, and a folder of a project that is not ours."""

    home: Path
    project: Path
    file: Path

    def run(self, command: str, *words: str, seconds_max: float = 120) -> str:
        """What a command of the environment printed; it must end well."""
        return ran(str(self.home / "bin" / command), *words, cwd=self.project, wait=seconds_max)


def ran(*command: str, cwd: Path, wait: float = 300) -> str:
    env = {name: value for name, value in os.environ.items() if not name.startswith(KEPT_OUT)}
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=wait
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def installer(python: Path) -> tuple[str, ...]:
    """The words before the requirements: uv where it works, since it is quicker, else pip."""
    uv = shutil.which("uv")
    if uv and not subprocess.run([uv, "--version"], capture_output=True, check=False).returncode:
        return (uv, "pip", "install", "--quiet", "--python", str(python))
    return (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")


@pytest.fixture(scope="module", params=["wheel", pytest.param("sdist", marks=pytest.mark.nightly)])
def installed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    folder = tmp_path_factory.mktemp(request.param)
    file = built(request.param, tree.ROOT, folder / "dist")
    home, project = folder / "env", folder / "project"
    project.mkdir()
    ran(sys.executable, "-m", "venv", str(home), cwd=project)
    wanted = f"bodydouble[media] @ {file.as_uri()}"
    ran(*installer(home / "bin" / "python"), wanted, "pytest", cwd=project)
    return Installed(home, project, file)


def test_nothing_is_taken_from_the_checkout(installed: Installed) -> None:
    script = (
        "import sys, bodydouble.data, bodydouble_contracts.data as judge\n"
        "print(*sys.path, bodydouble.__file__, judge.__file__, sep='\\n')\n"
        "for place in (bodydouble.data, judge):\n"
        "    print(place.openapi_dir(), place.fixtures_dir(), sep='\\n')\n"
    )
    places = installed.run("python", "-c", script).splitlines()
    assert len(places) > 6
    assert [place for place in places if Path(place).is_relative_to(tree.ROOT)] == []
    assert all(Path(place).is_relative_to(installed.home) for place in places[-6:])


def test_the_demo_shows_a_playable_video_of_every_vendor(installed: Installed) -> None:
    head, *rows = installed.run("bodydouble", "demo").splitlines()[-6:-1]
    assert head.split()[0] == "vendor", "the table is where it is looked for"
    assert len(rows) == 4
    assert all(" yes " in row for row in rows), rows


def test_the_fixture_works_in_a_project_that_is_not_ours(installed: Installed) -> None:
    (installed.project / "test_shop.py").write_text(FOREIGN_TEST)
    printed = installed.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "1 passed" in printed


@pytest.mark.parametrize("command", [("bodydouble-contracts",), ("bodydouble", "contracts")])
def test_the_judge_lists_its_contracts(installed: Installed, command: tuple[str, ...]) -> None:
    *listed, last = installed.run(*command, "list").splitlines()
    assert last.startswith(f"{len(listed)} contracts ")
    assert len(listed) > 100
    assert {line.split()[1] for line in listed} == {"MUST", "SHOULD"}


def test_the_advice_to_install_an_extra_names_this_file_and_works(installed: Installed) -> None:
    script = (
        "from bodydouble.stores import open_store\n"
        "try:\n    open_store('redis://127.0.0.1:1')\n"
        "except ValueError as lacking:\n    print(lacking)\n"
    )
    advice = installed.run("python", "-c", script)
    assert installed.file.name in advice
    pip, install, *wanted = shlex.split(advice.partition(": ")[2])
    assert (pip, install) == ("pip", "install")

    ran(*installer(installed.home / "bin" / "python"), *wanted, cwd=installed.project)

    assert installed.run("python", "-c", script).startswith(
        "the Redis at 'redis://127.0.0.1:1' does not answer"
    )
