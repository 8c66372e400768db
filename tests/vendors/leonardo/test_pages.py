"""A page in a browser announces and posts an upload; one on another site cannot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bodydouble.testing import Emulator
from bodydouble.testing.sandbox import Sandbox
from tests.web.browser import ELSEWHERE, browser, needed

pytestmark = [pytest.mark.browser, needed]
PATH = "/leonardo/api/rest/v1/init-image"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as running:
        yield running


@pytest.fixture
def page_of(emulator: Emulator) -> Iterator[Any]:
    with browser() as opened:
        yield opened


def announced(page: Any, sandbox: Sandbox) -> Any:
    """The answer to a page that announces an upload, and what it says."""
    headers = {
        "Authorization": f"Bearer {sandbox.keys['leonardo']}",
        "Content-Type": "application/json",
    }
    asked = ["POST", sandbox.emulator.url + PATH, headers, '{"extension": "jpg"}']
    return page.evaluate("asked => ask(...asked)", asked)


def test_a_presigned_upload_is_posted_from_a_page(page_of: Any, emulator: Emulator) -> None:
    with emulator.sandbox() as sandbox:
        page = page_of("localhost")
        upload = json.loads(announced(page, sandbox)["text"])["uploadInitImage"]
        form = [upload["url"], json.loads(upload["fields"])]
        assert page.evaluate("form => upload(...form)", form) == {"status": 204, "text": ""}
        # What S3 refuses a page can read as well.
        refused = page.evaluate("form => upload(...form)", [upload["url"], {"key": "another"}])
        assert refused["status"] == 403
        assert "<Code>AccessDenied</Code>" in refused["text"]

        other = page_of(ELSEWHERE)
        assert "kept" in announced(other, sandbox)
        assert "kept" in other.evaluate("form => upload(...form)", form)
