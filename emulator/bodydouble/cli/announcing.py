"""What `serve` says once it answers: to people, as a line of JSON, and in a file for whoever waits.

Another program learns from the file where everything is; the file is there as long as the server
answers. Nothing is served or decided here.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any

import typer

from bodydouble.cli import silence_stdout
from bodydouble.web.settings import Settings


class ReadyFile:
    """The file of `--ready-file`; without a name there is none."""

    def __init__(self, name: str) -> None:
        self._path = Path(name)
        self._wanted = bool(name)
        self._over = False
        # A signal may come while the main thread holds it, and removes the file as well.
        self._turn = RLock()

    def check(self) -> None:
        """Raises OSError where it could not be written."""
        self._part.touch()
        self._part.unlink()

    def write(self, facts: dict[str, Any]) -> None:
        """Puts ``facts`` into the file, whole or not at all."""
        with self._turn:
            if self._wanted and not self._over:
                self._part.write_text(json.dumps(facts) + "\n")
                self._part.replace(self._path)

    def remove(self) -> None:
        """Takes the file away, unless another server has written its own by now."""
        with self._turn, suppress(OSError, ValueError):
            self._over = True
            if self._wanted and json.loads(self._path.read_text())["pid"] == os.getpid():
                self._path.unlink()

    @property
    def _part(self) -> Path:
        return Path(f"{self._path}.{os.getpid()}.part")


def announce(
    url: str, settings: Settings, seed: int | None, as_json: bool, file: ReadyFile
) -> None:
    """Tells where the server answers, on standard output and in the file."""
    facts = _facts(url, settings, seed)
    file.write({**facts, "port": int(url.rpartition(":")[2]), "pid": os.getpid()})
    try:
        typer.echo(json.dumps(facts) if as_json else _text(facts, settings))
    except BrokenPipeError:
        silence_stdout()  # nobody reads on, and the server is wanted all the same


def _facts(url: str, settings: Settings, seed: int | None) -> dict[str, Any]:
    from bodydouble.providers import load, names

    only = settings.only
    vendors = {
        name: f"{url}{'' if only else f'/{name}'}{load(name).base_path}"
        for name in ((only,) if only else names())
    }
    environment: dict[str, str] = {}
    if only:
        # Of what clients read, the addresses: the key is theirs to choose.
        given = load(only).environment("", url)
        environment = {name: value for name, value in given.items() if value}
    return {
        "url": url,
        "seed": seed,
        "vendors": vendors,
        "environment": environment,
        "page": f"{url}/_bodydouble/",
    }


def _text(facts: dict[str, Any], settings: Settings) -> str:
    lines = [f"bodydouble stands in at {facts['url']}"]
    lines += [f"  {name:<14}{base}" for name, base in facts["vendors"].items()]
    lines += [f"  {name}={value}" for name, value in facts["environment"].items()]
    lines.append(f"  page          {facts['page']}")
    if facts["seed"] is not None:
        lines.append(f"  seed          {facts['seed']}   (--seed {facts['seed']} replays this)")
    keys = "any well-formed key opens a sandbox of its own"
    if settings.strict_keys:
        keys = "keys are made with `bodydouble sandbox create`, and no other opens anything"
    lines.append(f"{keys}; ctrl-c ends it")
    return "\n".join(lines)
