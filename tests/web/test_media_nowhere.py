"""A film that cannot be kept is refused in one sentence, for every way to ask for one."""

from __future__ import annotations

import errno
import logging
from typing import Any

import pytest

from bodydouble.web.media.cache import Cache
from tests.control.session import control_session
from tests.vendors.asking import VENDORS, asking


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.ENOENT])
async def test_a_folder_that_takes_nothing_is_said_and_no_path_of_ours_is(
    vendor: str, code: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("av")

    def full(*of: Any) -> None:
        raise OSError(code, "a text that names /our/folder")

    monkeypatch.setattr(Cache, "part", full)
    caplog.set_level(logging.ERROR)
    async with control_session() as session:
        made = await session.submit(vendor, small=True)
        await session.done("PATCH", "/clock", {"until": "idle"})
        way = asking(vendor)
        address = await _address(session, vendor, way.job(made))
        answer = await session.client.get(address, headers=way.headers(session.keys[vendor]))
    assert answer.status_code in (500, 502)
    assert "cannot keep films" in answer.text
    assert "--media-dir" in answer.text
    assert "/our/folder" not in answer.text
    assert "Traceback" not in caplog.text


async def _address(session: Any, vendor: str, job: str) -> str:
    """Where a finished job's film is: in a look at it, or at a route."""
    way = asking(vendor)
    if not way.shows_links:
        return way.film_path.replace("{job}", job)
    shown = way.shown("result", await session.result(job, vendor))
    address = shown[0] if isinstance(shown, list) else shown
    if not isinstance(address, str):
        (address,) = {one for one in str(shown).split("'") if one.startswith("http")}
    return str(address)
