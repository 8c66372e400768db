"""The pins of CI and of the container: all that `pyproject.toml` asks for, in range, with hashes.

Where the files are fetched from is their installer's to know: no address stands in a pin.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture import tree

CI = tree.ROOT / ".ci"
PROJECT: Any = tomllib.loads((tree.ROOT / "pyproject.toml").read_text())["project"]
LOCKS = {
    "requirements.txt": ("dev",),
    "container.txt": ("media", "observe", "redis", "tls"),
    "audit.txt": (),
}
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@cache
def pins(name: str) -> dict[str, list[Requirement]]:
    """Each package's pins; several where markers tell them apart."""
    found: dict[str, list[Requirement]] = {}
    text = re.sub(r"(?m)^\s*#.*\n", "", (CI / name).read_text()).replace("\\\n", " ")
    for line in filter(str.strip, text.splitlines()):
        words, *hashes = re.split(r"\s+(?=--hash)", line.strip())
        assert hashes, f"{words} has no hash"
        assert all(HASH.fullmatch(one.strip()) for one in hashes), words
        pin = Requirement(words)
        assert re.fullmatch(r"==[^,*]+", str(pin.specifier)), f"{words} is no exact version"
        found.setdefault(canonicalize_name(pin.name), []).append(pin)
    return found


def asked(extra: str | None) -> Iterator[Requirement]:
    """What the project needs, with an extra and those the extra names."""
    own = PROJECT["optional-dependencies"]
    for word in PROJECT["dependencies"] if extra is None else own[extra]:
        requirement = Requirement(word)
        if requirement.name == PROJECT["name"]:
            for one in requirement.extras:
                yield from asked(one)
        else:
            yield requirement


@pytest.mark.parametrize("name", LOCKS)
def test_everything_is_pinned_and_within_what_is_asked_for(name: str) -> None:
    locked = pins(name)
    if name == "audit.txt":
        wanted = [Requirement((CI / "audit.in").read_text().strip())]
    else:
        wanted = [one for extra in (None, *LOCKS[name]) for one in asked(extra)]
    for requirement in wanted:
        found = locked.get(canonicalize_name(requirement.name), [])
        assert found, f"{requirement} is not in .ci/{name}: make lock"
        for pin in found:
            (spec,) = pin.specifier
            good = requirement.specifier.contains(Version(spec.version), prereleases=True)
            assert good, f"{pin} is not {requirement}: make lock"
    assert len(locked) > len(wanted), "what they need in turn is pinned, too"


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_stands_in_a_pin(name: str) -> None:
    text = (CI / name).read_text()
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host", text)
    assert "make lock" in text.splitlines()[1]


def test_what_is_imported_is_named_and_what_is_not_is_not_installed() -> None:
    named = {canonicalize_name(one.name) for one in asked(None)}
    assert {"uvicorn", "uvloop", "httptools"} <= named
    assert not {"watchfiles", "websockets", "python-dotenv"} & set(pins("container.txt"))
    assert all(not one.extras for one in asked(None))
