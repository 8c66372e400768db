"""A schema mock judged: Prism on our own InfinityBlue document.

A schema mock knows shapes and no behaviour; the table says which contracts need behaviour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bodydouble_contracts import runs
from bodydouble_contracts.data import openapi_dir
from bodydouble_contracts.targets import http
from bodydouble_contracts.vendors.reader import load
from tests.contracts.third_party.programs import free_port, program, started

WHY = {
    "RES-03": "created_at",  # what it draws fits the document, and not what is laid over it
    "RES-05": "string",  # the code of a refusal is made up
    "RES-06": "GET /v1/models as main -> 200",  # no request has an id
    "RES-08": "NO_PATH_MATCHED_ERROR",  # a path nobody documents is refused in its own words
    "ACC-01": "as unissued -> 200",  # a key that nobody issued is as good as any
    "ACC-03": "as other -> 200",  # nobody owns a job
    "ACC-05": "task_00000000000000000000000000000000 as main -> 200",  # and every id is one
    "VAL-01": "200",  # the list of models is no enumeration of the document
    "VAL-03": "string",  # what is refused is refused in made-up words, here and below
    "VAL-04": "200",  # what one member forbids another no schema said
    "VAL-05": "string",
    "VAL-08": "string",
    "VAL-12": "none",  # the list has the model of its example alone
    "IDM-09": "abcd1234efgh",  # every order is the job of the example
    "JOB-11": "abcd1234efgh",
    "JOB-16": "doubao-seedance-2-0-260128",  # which shows the example's model
}
"""Contract broken: a part of what was seen."""


@pytest.fixture
def mock() -> Iterator[str]:
    """The URL of a Prism that serves the document on a free port."""
    port = free_port()
    words = [*program("@stoplight/prism-cli", "5.14.2"), "mock", "-p", str(port)]
    with started([*words, str(openapi_dir() / "infinityblue.yaml")], port, b"listening") as url:
        yield url


@pytest.mark.nightly  # a stranger is judged at every landing, too: see `test_aimock`
@pytest.mark.registry
def test_a_schema_mock_breaks_what_takes_more_than_a_schema(
    mock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MAIN", "OTHER", "EMPTY"):
        monkeypatch.setenv(f"BODYDOUBLE_INFINITYBLUE_{name}", f"sk-{name.lower()}")
    # A body that is no JSON it never answers at all: nobody waits for that as long as for others.
    monkeypatch.setattr(http, "TIMEOUT_S", 2.0)
    effort = replace(runs.EFFORTS["quick"], outside=True, wait_s=0)
    docket = runs.run(mock, [load("infinityblue")], effort=effort).dockets["infinityblue"]
    found = docket.judgements()
    broken = {j.contract: [e.breach.seen for e in j.evidence] for j in found if j.evidence}
    assert set(broken) == set(WHY)
    assert [id for id, seen in broken.items() if not any(WHY[id] in one for one in seen)] == []
    assert not [j for j in found if j.verdict in ("error", "vacuous", "untestable")]
    assert all(j.reason for j in found if j.verdict == "inconclusive")
