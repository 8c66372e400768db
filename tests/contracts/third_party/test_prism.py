"""A schema mock judged: Prism on our own InfinityBlue document, if there is a `prism` to be had.

`BODYDOUBLE_PRISM` names the program, else it is looked for on the PATH: its hundreds of packages
take longer to install than everything else together. A schema mock knows shapes and no behaviour;
the table says which contracts need behaviour.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bodydouble_contracts import runs
from bodydouble_contracts.data import openapi_dir
from bodydouble_contracts.vendors.reader import load
from tests.contracts.third_party.programs import free_port, started

PRISM = os.environ.get("BODYDOUBLE_PRISM") or shutil.which("prism")
BROKEN = {
    "RES-02", "RES-03", "RES-04", "RES-05", "RES-06", "RES-07", "RES-08", "ACC-01", "ACC-05",
    "VAL-01", "VAL-03", "VAL-08", "VAL-12", "IDM-09", "JOB-11", "BIL-07",
}  # fmt: skip

pytestmark = pytest.mark.skipif(not PRISM, reason="there is no prism: see docs/contracts.md")


@pytest.fixture
def mock() -> Iterator[str]:
    """The URL of a Prism that serves the document on a free port."""
    port = free_port()
    document = str(openapi_dir() / "infinityblue.yaml")
    with started([str(PRISM), "mock", "-p", str(port), document], port, b"listening") as url:
        yield url


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
