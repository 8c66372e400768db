"""A server's garbage: what has settled is not walked again, and goes once nobody asks anything."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from bodydouble.web import server as module
from bodydouble.web.app import Application
from bodydouble.web.server import Server, config_for
from bodydouble.web.settings import Settings


class Circle:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


async def test_a_settled_circle_is_freed_in_a_quiet_second() -> None:
    server = Server(config_for(Application(Settings())), lambda: None)
    circle = Circle()
    seen = weakref.ref(circle)
    module._freeze_survivors("stop", {"generation": 1})
    del circle
    gc.collect()
    assert seen() is not None, "what has settled is walked all the same"
    server.server_state.total_requests = module._REQUESTS_PER_COLLECTION + 1
    await server.on_tick(0)
    assert seen() is not None, "a server that has just answered stops to tidy up"
    await server.on_tick(10)
    assert seen() is None, "what settled is never freed"


async def test_a_server_that_hardly_answered_does_not_stop_to_tidy_up() -> None:
    server = Server(config_for(Application(Settings())), lambda: None)
    gc.freeze()
    frozen = gc.get_freeze_count()
    server.server_state.total_requests = module._REQUESTS_PER_COLLECTION
    await server.on_tick(0)
    await server.on_tick(10)
    assert gc.get_freeze_count() <= frozen
    module._freeze_survivors("stop", {"generation": 0})
    assert gc.get_freeze_count() <= frozen, "the youngest settle at once"
