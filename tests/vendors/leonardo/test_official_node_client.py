"""Leonardo's official Node client 4.21.3, unmodified, from a request to a film that downloads.

It needs Node and the installed client, which no Python environment brings; without them the tests
are skipped and say what to install. Nothing here reaches the network beyond this machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bodydouble.testing import Emulator

ROOT = Path(__file__).parents[3]
WALK = Path(__file__).parent / "client_walk.mjs"
FOLDER = Path(os.environ.get("BODYDOUBLE_NODE_CLIENTS", ROOT / ".venv-clients" / "node"))
VERSION = "4.21.3"
SECONDS_MAX = 120


def installed() -> bool:
    package = FOLDER / "node_modules" / "@leonardo-ai" / "sdk" / "package.json"
    return package.exists() and json.loads(package.read_text())["version"] == VERSION


pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not installed(),
    reason="needs Node, and: npm install --prefix .venv-clients/node "
    f"@leonardo-ai/sdk@{VERSION} (or a folder named by BODYDOUBLE_NODE_CLIENTS)",
)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1, strict_keys=True) as running:
        yield running


def walked(emulator: Emulator, **fields: Any) -> dict[str, Any]:
    with emulator.sandbox(seed=1, **fields) as sandbox:
        where = f"{emulator.url}/_bodydouble/sandboxes/{sandbox.id}"
        vendor = sandbox.leonardo
        words = ["node", str(WALK), str(FOLDER.resolve()), vendor.base_url, vendor.key, where]
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
        )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


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


def test_it_fails_on_empty_fields_as_it_fails_at_the_vendor(emulator: Emulator) -> None:
    """As reported in leonardo-ts-sdk's issue 80: an empty scheduler and model family are null."""
    said = walked(emulator)
    row = "object.generations_by_pk"
    issues = [f"{row}.scheduler", f"{row}.sdVersion"]
    assert said["done"] == {"error": "ResponseValidationError", "status": 200, "issues": issues}
