"""One client, many vendors: LiteLLM and the Vercel AI SDK, unmodified, get a film of each vendor.

Which vendors, by what names and with what order stands in `tests/vendors/clients.toml`. Each client
walks through all of them in one process, against one server.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bodydouble.testing import Emulator
from tests.vendors import clients

HERE = Path(__file__).parent
ROWS: list[dict[str, Any]] = tomllib.loads(clients.LISTED.read_text("utf-8"))["one_for_many"]
PROGRAMS = {"litellm": HERE / "many_litellm.py", "ai": HERE / "many_ai.mjs"}

pytestmark = [pytest.mark.registry, pytest.mark.slow]


def calls(client: str, sandbox: Any) -> list[dict[str, Any]]:
    """What the client's program is told about each vendor."""
    told = []
    for row in ROWS:
        if row["client"] != client:
            continue
        vendor = sandbox.vendor(row["vendor"])
        base = vendor.base_url.removesuffix(row.get("without", "")) + row.get("with", "")
        call = {**row, "name": row["vendor"], "base": base, "key": vendor.key}
        if package := row.get("package"):
            call["folder"] = str(clients.made(clients.of(package)))
        told.append({"options": {}, **call})
    return told


def walked(client: str) -> Any:
    with (
        Emulator(seed=1, strict_keys=True) as emulator,
        emulator.sandbox(seed=1, rate=200) as sandbox,
    ):
        program = PROGRAMS[client]
        version = clients.of(client).version
        # So that LiteLLM asks nobody for its table of prices.
        env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        return clients.walked(client, version, program, json.dumps(calls(client, sandbox)), env=env)


@pytest.fixture(scope="module")
def litellm() -> Any:
    return walked("litellm")


@pytest.fixture(scope="module")
def ai() -> Any:
    return walked("ai")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['client']}-{row['vendor']}")
def test_it_orders_waits_and_has_its_film(row: dict[str, Any], request: Any) -> None:
    said = request.getfixturevalue(row["client"])[row["vendor"]]
    assert said.get("brand") == "ftyp", said
    assert said["stranger"] in (401, 403), said
