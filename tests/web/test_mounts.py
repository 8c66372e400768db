"""Which vendor a request is for: several hosts of one vendor, one host of several, open paths."""

from __future__ import annotations

import logging
from dataclasses import replace

import httpx
import pytest

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Refused
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.wire import Call, Reply
from bodydouble.stores.memory import MemoryStore
from bodydouble.web.app import Application
from bodydouble.web.pipeline.routing import Routes
from bodydouble.web.settings import Settings
from tests.sandbox.toy import TOY


async def seen(call: Call, view: AccountView) -> Reply:
    """What the vendor was asked, as it sees it."""
    return Reply(200, {"path": call.path, "params": dict(call.params), "root": call.root})


APPS = Operation("app", "POST", "/{owner}/{name*}", seen, open=True)
WIDE = replace(
    TOY,
    name="wide",
    base_path="",
    hosts=("queue.toy.test", "toy.test"),
    host_paths={"toy.test": "/run"},
    operations=(
        Operation("job", "GET", "/{owner}/{app}/jobs/{id}", seen, open=True),
        Operation("run", "POST", "/run/{owner}/{name*}", seen, open=True),
        APPS,
    ),
)


def client(*vendors: Provider, only: str | None = None) -> httpx.AsyncClient:
    known = {one.name: one for one in vendors}
    app = Application(Settings(seed=1, only=only), MemoryStore(), known)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


async def asked(http: httpx.AsyncClient, url: str) -> dict[str, str]:
    answer = await http.post(url)
    assert answer.status_code == 200, answer.text
    told: dict[str, str] = answer.json()
    return told


async def test_what_a_host_serves_may_stand_below_a_path_of_the_vendors() -> None:
    async with client(WIDE) as http:
        assert (await asked(http, "http://queue.toy.test/a/b"))["path"] == "/a/b"
        assert (await asked(http, "http://toy.test/a/b"))["path"] == "/run/a/b"
        below = await asked(http, "http://localhost/wide/run/a/b")
        assert (below["path"], below["root"]) == ("/run/a/b", "http://localhost/wide")


async def test_at_the_root_a_host_of_the_vendors_still_says_where_it_is() -> None:
    async with client(WIDE, TOY, only="wide") as http:
        assert (await asked(http, "http://toy.test/a/b"))["path"] == "/run/a/b"
        assert (await asked(http, "http://localhost/a/b"))["root"] == "http://localhost"
        assert (await asked(http, "http://api.toy.test/a/b"))["path"] == "/a/b"


async def test_paths_of_the_vendor_at_the_root_stay_its_own_below_anothers_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gateway = replace(
        WIDE, name="gate", operations=(Operation("a", "POST", "/wide/a", seen, open=True),)
    )
    with caplog.at_level(logging.WARNING, "bodydouble"):
        async with client(WIDE, gateway, TOY, only="gate") as http:
            assert (await asked(http, "http://localhost/wide/a"))["path"] == "/wide/a"
            assert (await asked(http, "http://localhost/gate/wide/a"))["path"] == "/wide/a"
            assert (await http.post("http://localhost/wide/run/a/b")).status_code == 404
            assert (await http.get("http://localhost/toy/v1/tasks")).status_code == 401
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "gate is at the root and has paths below /wide/, which are its own here: a server "
        "without --only has both, wide at /wide/"
    ]
    async with client(WIDE, gateway) as http:
        assert (await asked(http, "http://localhost/gate/wide/a"))["path"] == "/wide/a"
        assert (await asked(http, "http://localhost/wide/run/a/b"))["path"] == "/run/a/b"


async def test_of_two_vendors_that_claim_one_host_the_first_answers_and_it_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    second = replace(WIDE, name="second", title="Second", operations=(APPS,), host_paths={})
    async with client(WIDE, second) as http:
        with caplog.at_level(logging.ERROR, "bodydouble"):
            for _ in range(3):
                assert (await asked(http, "http://toy.test/a/b"))["path"] == "/run/a/b"
        assert (await asked(http, "http://localhost/second/a/b"))["path"] == "/a/b"
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "wide and second both claim the host name" in said[0]
    assert "--only second" in said[0]


def test_a_last_parameter_may_take_any_number_of_segments_and_what_is_named_wins() -> None:
    routes = Routes(WIDE.operations)
    for path, name in (("/a/b", "b"), ("/a/b/c/d", "b/c/d"), ("/a", "")):
        assert routes.find("POST", path) == (APPS, {"owner": "a", "name": name})
    assert routes.find("POST", "/run/a/b/c")[0].name == "run"
    assert routes.find("GET", "/a/b/jobs/1")[1] == {"owner": "a", "app": "b", "id": "1"}
    with pytest.raises(Refused):
        routes.find("GET", "/a/b/c/d/e")
    assert routes.allowed("/a/b/c") == ("POST",)
