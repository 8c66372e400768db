"""Long keys, hosts, paths and headers leave nothing behind, however many they are."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from bodydouble.web.app import Application
from bodydouble.web.settings import Settings
from tests.vendors.asking import VENDORS, asking

MANY, LONG = 60, 50_000
KEPT_BYTES_MAX = 1_000_000
Asked = Callable[[str, int], tuple[str, dict[str, str]]]


def by_key(vendor: str, number: int) -> tuple[str, dict[str, str]]:
    way = asking(vendor)
    named = way.headers(f"{number:05d}" + "k" * LONG)
    return way.poll_path.format(job="none"), named


def by_host(vendor: str, number: int) -> tuple[str, dict[str, str]]:
    return asking(vendor).submit_path, {"host": f"a{number:05d}" + "h" * LONG}


def by_path(vendor: str, number: int) -> tuple[str, dict[str, str]]:
    return f"{asking(vendor).submit_path}/{number:05d}{'p' * LONG}", {}


def by_name(vendor: str, number: int) -> tuple[str, dict[str, str]]:
    return asking(vendor).submit_path, {f"x{number:05d}" + "n" * LONG: "1"}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("asked", [by_key, by_host, by_path, by_name])
async def test_long_texts_leave_nothing_behind(vendor: str, asked: Asked) -> None:
    app = Application(Settings(seed=1, log_format="none"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for number in range(3):
            path, headers = asked(vendor, number)
            await client.get(path, headers=headers)
        gc.collect()
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            for number in range(3, 3 + MANY):
                path, headers = asked(vendor, number)
                assert (await client.get(path, headers=headers)).status_code >= 400
            # What the asking side remembers of its own addresses.
            urlsplit.cache_clear()  # type: ignore[attr-defined]
            gc.collect()
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert after - before < KEPT_BYTES_MAX
