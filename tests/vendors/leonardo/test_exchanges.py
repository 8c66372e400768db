"""Golden exchanges of the presigned upload, tampered with: the replay convicts them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.test_exchanges import FIXTURES, load, replayed, tampered

TAMPERINGS = [
    ("init-image-upload", "setup/1", {"do": "key", "restore": True}, "status is 403"),
    ("text-to-video", "volatile", [], "$.motionVideoGenerationJob.generationId is"),
]


@pytest.mark.parametrize(("name", "place", "value", "complaint"), TAMPERINGS)
async def test_a_tampered_file_is_convicted(
    name: str, place: str, value: Any, complaint: str
) -> None:
    exchange = load(FIXTURES / "leonardo" / f"{name}.json")
    assert await replayed(exchange) == []
    found = await replayed(tampered(exchange, place, value))
    assert any(complaint in sentence for sentence in found), found
