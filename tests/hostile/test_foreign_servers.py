"""Under a server that is not ours, and in process, the application bounds a head itself."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from bodydouble.web.app import Application
from bodydouble.web.http.messages import HEAD_BYTES_MAX
from bodydouble.web.server import bound
from bodydouble.web.settings import Settings
from tests.vendors.asking import VENDORS

PATHS = ("/", "/_bodydouble/health", "/cdn/x/y.mp4", *(f"/{vendor}/v1/x" for vendor in VENDORS))


class Told(uvicorn.Server):
    """A server as its package brings it, which says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = threading.Event()

    async def startup(self, sockets: object = None) -> None:
        await super().startup(sockets)  # type: ignore[arg-type]
        self.answers.set()


@contextmanager
def served(app: Application) -> Iterator[int]:
    """The port of the application under a stock server."""
    listener = bound("127.0.0.1", 0)
    server = Told(uvicorn.Config(app, http="httptools", log_level="error"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        assert server.answers.wait(30)
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


@pytest.fixture(params=["in process", "another server"])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    app = Application(Settings(seed=1))
    if request.param == "in process":
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as inside:
            yield inside
        return
    with served(app) as port:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as outside:
            yield outside


async def test_a_head_that_is_too_long_is_refused_before_anything_is_kept(
    client: httpx.AsyncClient,
) -> None:
    many = {f"x-{number}": "y" * 1000 for number in range(HEAD_BYTES_MAX // 1000 + 1)}
    for path in PATHS:
        for headers in ({"x-long": "x" * HEAD_BYTES_MAX}, many):
            told = await client.get(path, headers=headers)
            assert (told.status_code, told.text) == (
                431,
                f"A request's head has at most {HEAD_BYTES_MAX} bytes.",
            )
            assert "date" in told.headers
    fits = await client.get("/_bodydouble/health", headers={"x-long": "x" * 60_000})
    assert fits.status_code == 200
