"""Advice to install an extra names the place this copy came from until there is a release."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable
from email.message import Message
from importlib import metadata
from pathlib import Path

import pytest

import bodydouble.installation
import bodydouble_contracts.installation
from bodydouble.stores import open_store
from tests.architecture import tree

BOTH = (bodydouble.installation, bodydouble_contracts.installation)
PRIVATE = "Private :: Do Not Upload"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
Advise = Callable[..., list[str]]


class Installed(metadata.Distribution):
    """A distribution as an installer would have left it."""

    def __init__(self, origin: object, classifiers: tuple[str, ...]) -> None:
        self.origin, self.classifiers = origin, classifiers

    def read_text(self, filename: str) -> str | None:
        if filename == "direct_url.json":
            return None if self.origin is None else json.dumps(self.origin)
        message = Message()
        for classifier in self.classifiers:
            message["Classifier"] = classifier
        return message.as_string()

    def locate_file(self, path: object) -> Path:
        raise AssertionError(f"nobody asks for {path}")


@pytest.fixture(params=BOTH, ids=lambda module: module.__name__.partition(".")[0])
def advise(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Advise:
    def words(
        origin: object, *classifiers: str, checkout: Path | None = None, known: bool = True
    ) -> list[str]:
        def distribution(name: str) -> metadata.Distribution:
            assert name == "bodydouble"
            if not known:
                raise metadata.PackageNotFoundError(name)
            return Installed(origin, classifiers)

        with monkeypatch.context() as patch:
            patch.setattr(metadata, "distribution", distribution)
            patch.setattr(request.param, "CHECKOUT", checkout or Path("/nowhere"))
            first, second, *rest = shlex.split(request.param.install_command("media"))
        assert (first, second) == ("pip", "install")
        return rest

    return words


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (
            {"url": "file:///srv/a%20b", "dir_info": {"editable": True}},
            ["--editable", "/srv/a b[media]"],
        ),
        ({"url": "file:///srv/it", "dir_info": {}}, ["bodydouble[media] @ file:///srv/it"]),
        (
            {"url": "https://example.com/b-1-py3-none-any.whl", "archive_info": {"hashes": {}}},
            ["bodydouble[media] @ https://example.com/b-1-py3-none-any.whl"],
        ),
        (
            {"url": "https://example.com/b", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            [f"bodydouble[media] @ git+https://example.com/b@{COMMIT}"],
        ),
    ],
    ids=["editable", "folder", "wheel", "git"],
)
def test_the_place_is_the_one_that_the_installer_recorded(
    advise: Advise, origin: object, words: list[str]
) -> None:
    assert advise(origin, PRIVATE) == words


def test_without_a_record_it_is_the_checkout_or_a_path_to_fill_in(
    advise: Advise, tmp_path: Path
) -> None:
    (tmp_path / "pyproject.toml").touch()
    for known in (True, False):
        assert advise(None, PRIVATE, checkout=tmp_path, known=known) == [f"{tmp_path}[media]"]
        assert advise(None, PRIVATE, known=known) == ["/path/to/bodydouble[media]"]


def test_a_release_is_installed_by_its_name(advise: Advise) -> None:
    released = {"url": "file:///srv/it", "dir_info": {}}
    assert advise(released, "Typing :: Typed") == ["bodydouble[media]"]


def test_one_line_of_the_project_file_says_that_nothing_is_released() -> None:
    project = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())["project"]
    installed = metadata.distribution("bodydouble").metadata.get_all("Classifier") or []
    assert (PRIVATE in project["classifiers"]) is (PRIVATE in installed), "install it again"
    assert {module.UNPUBLISHED for module in BOTH} == {PRIVATE}


def test_a_store_says_where_its_driver_is_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bodydouble.stores.redis", None)
    with pytest.raises(ValueError, match="a Redis store needs: ") as refused:
        open_store("redis://127.0.0.1:1")
    assert str(refused.value).endswith(bodydouble.installation.install_command("redis"))


def test_the_judge_says_which_extra_it_lacks_and_blames_no_contract() -> None:
    # In a process of its own: here something may have imported it already.
    program = (
        "import sys; sys.modules['jsonschema_rs'] = None; "
        "from bodydouble_contracts.cli.app import main; main()"
    )
    words = [sys.executable, "-c", program, "run", "-p", "smartlyq", "--contracts", "RES-03"]
    said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    advice = bodydouble_contracts.installation.install_command("contracts")
    assert said.stderr == f"bodydouble-contracts: jsonschema_rs is not installed: {advice}\n"
    assert said.returncode == 2
