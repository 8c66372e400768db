"""A scenario of one's own: a file at the server's start, a YAML or JSON body, a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from bodydouble.testing import Emulator
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.cli.shell import called
from tests.control.session import PLANE, ControlSession, control_session

MINE = """\
name: no-rifles
about: What mentions a rifle is refused.
base: fast
rules:
  - when: {operation: submit, prompt: "(?i)rifle"}
    then: {refuse: moderated}
"""
AS_JSON = {
    "name": "no-rifles",
    "about": "What mentions a rifle is refused.",
    "base": "fast",
    "rules": [
        {
            "when": {"operation": "submit", "prompt": "(?i)rifle"},
            "then": {"refuse": "moderated"},
        }
    ],
}
YAML = {"content-type": "application/yaml"}
BAD = MINE.replace("prompt", "promtp")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scenario file of somebody's own."""
    path = tmp_path / "mine.yaml"
    path.write_text(MINE)
    return path


async def refuses_rifles(session: ControlSession) -> None:
    """Whether the scenario is in force, and told by its name."""
    assert (await session.submit(prompt="a Rifle")).status_code == 422
    assert (await session.submit(prompt="a fox")).status_code == 202
    told = await session.done("GET", "/scenario")
    assert (told["name"], told["about"]) == (AS_JSON["name"], AS_JSON["about"])
    assert AS_JSON["name"] in [one["name"] for one in told["known"]]


async def put(session: ControlSession, text: str) -> int:
    """PUTs YAML; gives the status."""
    url = f"{PLANE}/sandboxes/{session.id}/scenario"
    answer = await session.client.put(url, content=text, headers=YAML)
    return answer.status_code


async def test_a_server_starts_in_a_scenario_of_a_file(file: Path) -> None:
    async with control_session(Settings(seed=1, scenario=str(file))) as session:
        await refuses_rifles(session)
        # A sandbox made by name, and one that a key opens, are under it, too.
        named = await session.client.post(f"{PLANE}/sandboxes", json={"scenario": "no-rifles"})
        assert named.status_code == 201, named.text
        session.keys["smartlyq"] = "sqk_live_from_an_env_file"
        assert (await session.submit(prompt="a Rifle")).status_code == 422


def test_a_server_does_not_start_in_a_bad_file(file: Path) -> None:
    file.write_text(BAD)
    with pytest.raises(ValueError, match=r"mine\.yaml:5: rules\.0\.when\.promtp: "):
        Application(Settings(scenario=str(file)))
    with pytest.raises(ValueError, match="cannot be read"):
        Application(Settings(scenario=str(file.with_name("none.yaml"))))


async def test_a_scenario_is_put_as_yaml_or_as_json() -> None:
    async with control_session() as session:
        assert await put(session, MINE) == 200
        await refuses_rifles(session)
    async with control_session() as session:
        await session.done("PUT", "/scenario", AS_JSON)
        await refuses_rifles(session)


async def test_what_is_wrong_with_yaml_is_told_with_its_line() -> None:
    async with control_session() as session:
        url = f"{PLANE}/sandboxes/{session.id}/scenario"
        answer = await session.client.put(url, content=BAD, headers=YAML)
        assert answer.status_code == 422
        error = answer.json()["errors"][0]
        assert error["field"] == "rules.0.when.promtp"
        assert error["problem"].startswith("line 5: ")
        assert (await session.done("GET", "/scenario"))["name"] == "normal"
        torn = await session.client.put(url, content="rules: [", headers=YAML)
        assert torn.status_code == 400


async def test_any_body_of_the_control_plane_may_be_yaml() -> None:
    async with control_session() as session:
        made = await session.client.post(
            f"{PLANE}/sandboxes", content="label: mine\nseed: 5\n", headers=YAML
        )
        assert (made.status_code, made.json()["label"], made.json()["seed"]) == (201, "mine", 5)
        bad = await session.client.post(f"{PLANE}/sandboxes", content="a: [", headers=YAML)
        assert bad.status_code == 400


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"name": "normla"}, "name"),
        ({"name": "normla", "parameters": {"jitter": 0.5}}, "name"),
        ({"name": "mine", "base": "normla"}, "base"),
        ({"name": "Mine!", "base": "normal"}, "name"),
    ],
    ids=str,
)
async def test_a_misspelt_name_is_no_new_one(asked: dict[str, object], field: str) -> None:
    async with control_session() as session:
        answer = await session.ask("PUT", "/scenario", asked)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field


def test_the_command_takes_a_file_and_tells_its_faults(file: Path) -> None:
    with Emulator(seed=1) as emulator, emulator.sandbox() as sandbox:
        words = ["sandbox", "scenario", str(file), "--sandbox", sandbox.id, "--url", emulator.url]
        done = called(*words)
        assert (done.exit_code, done.output) == (0, "from now on: no-rifles\n")
        assert sandbox.control.scenario(sandbox.id)["name"] == "no-rifles"
        file.write_text(BAD)
        done = called(*words)
        assert done.exit_code == 2
        assert "mine.yaml:5: rules.0.when.promtp: " in done.output
