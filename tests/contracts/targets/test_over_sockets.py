"""What leaves for a target over a socket is what is judged: paths, cookies, and our own hurry."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bodydouble_contracts.drivers.directed import play_all
from bodydouble_contracts.history.exchanges import Exchange, Reply, Request, raw_target
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.judging.shell import curl
from bodydouble_contracts.targets.addresses import EMULATOR, open_target
from bodydouble_contracts.targets.http import Hosted, Url
from bodydouble_contracts.targets.in_process import InLoop, InProcess
from bodydouble_contracts.targets.target import Target, TooSlow
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load, names

RAW = [
    "/v1/..",
    "/v1/../../x",
    "/./a",
    "/v1/%2e%2E/b",
    "//two",
    "/a?x=[1]&y={2}",
    "/a/?%00",
    "/a;b",
]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the path as it came, and with a cookie; show the one that was sent."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await receive()
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    cookie = dict(scope["headers"]).get(b"cookie", b"")
    heads = [(b"set-cookie", b"session=main"), (b"x-cookie", cookie)]
    await send({"type": "http.response.start", "status": 200, "headers": heads})
    await send({"type": "http.response.body", "body": scope["raw_path"] + query})


@pytest.mark.parametrize("target", RAW)
def test_a_path_arrives_byte_for_byte_in_process_and_over_a_socket(target: str) -> None:
    assert InLoop(echo).send(Request("GET", target)).body.decode() == target
    with Hosted(echo) as hosted:
        url = Url(hosted.url)
        assert url.send(Request("GET", target)).body.decode() == target
        url.close()
        below = Url(hosted.url + "/below")
        assert below.send(Request("GET", target)).body.decode() == "/below" + target
        below.close()


def test_what_no_request_line_can_hold_is_escaped_and_recorded_so(toy: InProcess) -> None:
    assert raw_target("/a b/../\u00e9#x?y=%20\n") == "/a%20b/../%C3%A9%23x?y=%20%0A"


def test_a_cookie_of_one_role_is_not_sent_for_the_next() -> None:
    with Hosted(echo) as hosted:
        url = Url(hosted.url)
        told = [url.send(Request("GET", "/a")).header("x-cookie") for _ in range(2)]
        url.close()
    assert told == ["", ""]


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (Request("GET", "/v1/jobs/.."), "--path-as-is"),
        (Request("GET", "/v1/%2e%2e/x"), "--path-as-is"),
        (Request("GET", "/v1?a[]=1"), "--globoff"),
        (Request("HEAD", "/v1"), "--head"),
        (Request("POST", "/v1", body=b"@/etc/passwd"), "--data-raw @/etc/passwd"),
        (Request("POST", "/v1", body=b"\xff\x00"), "printf '\\377\\000' | curl"),
        (Request("GET", "/v1", "scheme"), "Bearer $KEY_MAIN"),
        (Request("GET", "/v1/'$(x)"), "'\"'\"'$(x)"),
    ],
)
def test_a_printed_request_is_the_one_that_was_sent(
    request_: Request, wanted: str, toy_profile: Profile
) -> None:
    assert wanted in curl(request_, toy_profile)


class Hurried:
    """A target whose every seventh reply we do not wait for, its effect made or not."""

    name = "hurried"

    def __init__(self, inner: Target) -> None:
        self.inner, self.count = inner, 0

    def send(self, request: Request) -> Reply:
        self.count += request.role != "control"
        if request.role == "control" or self.count % 7:
            return self.inner.send(request)
        if self.count % 2:
            self.inner.send(request)
        raise TooSlow("no reply within a moment")

    def close(self) -> None:
        self.inner.close()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("vendor", ["toy", *names()])
def test_replies_that_we_did_not_wait_for_accuse_nobody(
    vendor: str, toy: InProcess, toy_profile: Profile
) -> None:
    profile = toy_profile if vendor == "toy" else load(vendor)
    docket, lost = Docket(profile), 0
    target = Hurried(toy if vendor == "toy" else open_target(EMULATOR, [profile]))
    for history in play_all(target, profile):
        docket.add(history)
        lost += sum(step.ours for step in history.exchanges)
    assert lost > 40
    assert not docket.errors
    assert not docket.evidence, {i: e[0].breach for i, e in docket.evidence.items()}


def test_a_reply_beyond_our_patience_is_too_slow_and_a_torn_one_is_lost() -> None:
    with Hosted(never) as hosted:
        url = Url(hosted.url, timeout_s=0.05)
        with pytest.raises(TooSlow, match="too slow: ReadTimeout"):
            url.send(Request("GET", "/"))
        url.close()


async def never(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await asyncio.sleep(3600)


def test_an_app_that_never_answers_is_too_slow_on_a_loop_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = asyncio.wait_for
    monkeypatch.setattr(asyncio, "wait_for", lambda coro, _: real(coro, 0.01))
    target = InLoop(never)
    with pytest.raises(TooSlow):
        target.send(Request("GET", "/"))
    (told,) = target.together([Request("GET", "/")])
    assert isinstance(told, str)
    assert replace(Exchange(Request("GET", "/"), None, 0, 1, 0), lost=told).ours


def test_an_app_that_watches_whether_its_client_left_sees_one_that_waits() -> None:
    async def careful(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        leaving = asyncio.ensure_future(receive())
        await asyncio.wait([leaving], timeout=0.01)
        status = 499 if leaving.done() else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})
        assert (await leaving)["type"] == "http.disconnect"

    target = InLoop(careful)
    assert target.send(Request("GET", "/")).status == 200
    both = target.together([Request("GET", "/")] * 2)
    assert [one if isinstance(one, str) else one.status for one in both] == [200, 200]
    target.close()
