"""A schema mock judged: Prism on our own InfinityBlue document, if there is a `prism` to be had.

`BODYDOUBLE_PRISM` names the program, else it is looked for on the PATH. A schema mock knows
shapes and no behaviour; the table says which contracts need behaviour.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

import pytest

from bodydouble_contracts import runs
from bodydouble_contracts.data import openapi_dir
from bodydouble_contracts.vendors.reader import load

PRISM = os.environ.get("BODYDOUBLE_PRISM") or shutil.which("prism")
LINES = 200
BROKEN = {
    "RES-02", "RES-03", "RES-04", "RES-05", "RES-06", "RES-07", "RES-08", "ACC-01", "ACC-05",
    "VAL-01", "VAL-03", "VAL-08", "VAL-12", "IDM-09", "JOB-11", "BIL-07",
}  # fmt: skip

pytestmark = pytest.mark.skipif(not PRISM, reason="there is no prism: see docs/contracts.md")


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
        if word in line:
            return


@pytest.fixture
def mock() -> Iterator[str]:
    """The URL of a Prism that serves the document on a free port."""
    port = free_port()
    words = [str(PRISM), "mock", "-p", str(port), str(openapi_dir() / "infinityblue.yaml")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as prism:
        try:
            assert prism.stdout is not None
            said = list(islice(until(prism.stdout, b"listening"), LINES))
            assert b"listening" in b"".join(said[-1:]), b"".join(said).decode()
            # It writes a line per request and would wait for a reader once the pipe is full.
            threading.Thread(target=prism.stdout.read, daemon=True).start()
            yield f"http://127.0.0.1:{port}"
        finally:
            prism.terminate()


def test_a_schema_mock_breaks_what_takes_more_than_a_schema(
    mock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MAIN", "OTHER", "EMPTY"):
        monkeypatch.setenv(f"BODYDOUBLE_INFINITYBLUE_{name}", f"sk-{name.lower()}")
    effort = replace(runs.EFFORTS["quick"], outside=True, wait_s=0)
    docket = runs.run(mock, [load("infinityblue")], effort=effort).dockets["infinityblue"]
    found = docket.judgements()
    assert {j.contract for j in found if j.verdict == "broken"} == BROKEN
    assert not [j for j in found if j.verdict in ("error", "vacuous", "untestable")]
