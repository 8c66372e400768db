"""Programs that nobody here wrote, installed from their registry and started on a port of ours."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from tests.vendors.clients import Client, made, node

LINES = 200


def program(package: str, version: str) -> list[str]:
    """How the first command of a package is started; it is installed the first time it is asked
    for. Skips where it cannot be had, and fails there where `CI` is set."""
    home = made(Client("", "node", package, version)) / "node_modules" / package
    commands = json.loads((home / "package.json").read_text("utf-8"))["bin"]
    first = commands if isinstance(commands, str) else next(iter(commands.values()))
    return [*node("node"), str(home / first)]


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
    return port


def until(lines: Iterable[bytes], word: bytes) -> Iterator[bytes]:
    """Yield lines up to the one that holds a word."""
    for line in lines:
        yield line
        if word in line.lower():
            return


@contextmanager
def started(words: list[str], port: int, word: bytes) -> Iterator[str]:
    """The URL of a program that has said a word."""
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
        try:
            assert running.stdout is not None
            said = list(islice(until(running.stdout, word), LINES))
            assert word in b"".join(said[-1:]).lower(), b"".join(said).decode()
            # It writes a line per request and would wait for a reader once the pipe is full.
            threading.Thread(target=running.stdout.read, daemon=True).start()
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
