"""Leonardo's official Node client, unmodified, from a request to a film that downloads.

Nothing here reaches the network beyond this machine once the client is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bodydouble.testing import Emulator
from tests.vendors import clients

WALK = Path(__file__).parent / "client_walk.mjs"
VERSION = "4.21.3"

pytestmark = pytest.mark.registry


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1, strict_keys=True) as running:
        yield running


def walked(emulator: Emulator, **fields: Any) -> Any:
    with emulator.sandbox(seed=1, **fields) as sandbox:
        where = f"{emulator.url}/_bodydouble/sandboxes/{sandbox.id}"
        vendor = sandbox.leonardo
        words = (vendor.base_url, vendor.key, where)
        return clients.walked("@leonardo-ai/sdk", VERSION, WALK, *words)


def test_it_reads_every_answer_where_empty_fields_are_left_out(emulator: Emulator) -> None:
    said = walked(emulator, quirks={"leonardo.null_fields": "omit"})
    refused = {name: row for name, row in said.items() if row and "error" in row}
    assert refused == {"blank": {"error": "SDKError", "status": 400, "issues": []}}
    assert said["pending"]["generationsByPk"]["status"] == "PENDING"
    assert said["done"]["generationsByPk"]["status"] == "COMPLETE"
    assert said["film"] == {"status": 200, "type": "video/mp4"}
    made = said["made"]["motionVideoGenerationJob"]["generationId"]
    assert said["list"]["generations"][0]["id"] == made
    assert said["gone"]["deleteGenerationsByPk"]["id"] == made
    assert said["absent"]["generationsByPk"] is None
    assert set(said["media"]["uploadMedia"]) == {"uploadId", "url", "fields"}
    assert {"Lucid Origin", "Flux Dev"} <= {one["name"] for one in said["models"]["customModels"]}
    assert said["kling"]["motionVideoGenerationJob"]["generationId"]


def test_it_fails_on_empty_fields_as_it_fails_at_the_vendor(emulator: Emulator) -> None:
    """As reported in leonardo-ts-sdk's issue 80: an empty scheduler and model family are null."""
    said = walked(emulator)
    row = "object.generations_by_pk"
    issues = [f"{row}.scheduler", f"{row}.sdVersion"]
    assert said["done"] == {"error": "ResponseValidationError", "status": 200, "issues": issues}
