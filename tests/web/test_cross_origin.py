"""What a page of another origin is told, by every vendor, and what it cannot have done for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bodydouble.core.addresses import PUBLIC, Targets
from bodydouble.core.cors import Origins
from bodydouble.core.webhooks import Webhook
from bodydouble.web.settings import BadSetting, Settings, read_settings
from tests.hostile.targets import TARGETS, Session

HERE = ("http://localhost:3000", "https://127.0.0.1", "http://[::1]:8080", "http://app.localhost")
ELSEWHERE = ("https://page.example", "http://localhost.page.example", "null", "file://", "x", "")
ASKED = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}


@pytest.fixture(params=TARGETS, ids=lambda target: target.name)
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    opened = Session(request.param)
    yield opened
    opened.close()


def words(answer: httpx.Response) -> dict[str, str]:
    """What an answer says to web pages."""
    return {name: value for name, value in answer.headers.items() if name.startswith("access-c")}


def usual(session: Session) -> dict[str, str]:
    cors = session.target.provider.cors
    assert cors is not None
    return {name.decode(): value.decode() for name, value in cors.headers}


def answers(session: Session, origin: str) -> Iterator[httpx.Response]:
    """One of each kind a page meets."""
    headers = {"origin": origin}
    path = session.target.path
    yield session.ask("GET", session.me, headers=headers)
    yield session.ask("POST", path, json=session.target.order, headers=headers)
    yield session.ask("POST", path, json={}, headers=headers)
    yield session.ask("POST", path, content=b" " * 17_000_000, headers=headers)
    yield session.ask("GET", "/no/such/path", headers=headers)
    yield session.ask("PATCH", path, headers=headers)
    yield session.send("GET", f"/{session.target.name}{session.me}", headers=headers)
    for status in (429, 500, 503):
        session.plane("POST", "/faults", {"point": "arrival", "kind": "status", "status": status})
        answer = session.ask("GET", session.me, headers=headers)
        assert answer.status_code == status
        yield answer
        session.send("DELETE", f"http://127.0.0.1{plane(session)}/faults")


def plane(session: Session) -> str:
    return f"/_bodydouble/sandboxes/{session.target.sandbox()}"


def test_every_answer_can_be_read_by_a_page_of_this_machine(session: Session) -> None:
    for origin in HERE:
        seen = [(answer.status_code, words(answer)) for answer in answers(session, origin)]
        assert [said for _, said in seen] == [usual(session)] * len(seen), seen
        # Each header once: two of them are none to a browser.
        raw = session.ask("GET", session.me, headers={"origin": origin}).headers.multi_items()
        assert len([1 for name, _ in raw if name == "access-control-allow-origin"]) == 1


def test_no_answer_can_be_read_by_any_other_page(session: Session) -> None:
    for origin in ELSEWHERE:
        for answer in answers(session, origin):
            assert words(answer) == {}, answer.status_code


def test_a_preflight_is_answered_without_a_key_on_every_path(session: Session) -> None:
    cors = session.target.provider.cors
    assert cors is not None
    expected = {name.decode(): value.decode() for name, value in cors.headers + cors.preflight}
    before = session.kept()
    for path in (session.target.path, session.me, "/no/such/path", "/v1/%00", "/" + "x" * 5_000):
        address = f"/{session.target.name}{path}"
        answer = session.send("OPTIONS", address, headers={"origin": HERE[0], **ASKED})
        assert (answer.status_code, answer.content) == (cors.preflight_status, b"")
        assert words(answer) == expected
        for origin in ELSEWHERE:
            answer = session.send("OPTIONS", address, headers={"origin": origin, **ASKED})
            assert (answer.status_code, words(answer)) == (403, {})
    assert session.kept() == before


def test_without_an_origin_nothing_is_said(session: Session) -> None:
    assert words(session.ask("GET", session.me)) == {}
    answer = session.send("OPTIONS", f"/{session.target.name}{session.me}")
    assert answer.status_code in (401, 404, 405)
    assert words(answer) == {}


def test_pages_of_an_origin_are_let_in_by_name_and_all_by_a_star() -> None:
    for given, let_in in (("https://app.test,http://b.test:81", 2), ("*", 4)):
        allowed = read_settings({"cors-origin": given}).cors_origins
        session = Session(TARGETS[0], cors_origins=allowed)
        pages = ("https://app.test", "http://b.test:81", "https://b.test:81", "null")
        asked = [session.ask("GET", session.me, headers={"origin": one}) for one in pages]
        assert [bool(words(answer)) for answer in asked] == [n < let_in for n in range(4)]
        session.close()


def test_a_star_makes_every_page_a_reader_and_none_a_friend() -> None:
    policy = Origins(("*", "https://app.test"))
    assert policy.may_read("https://page.example")
    assert not policy.trusts("https://page.example")
    assert not policy.trusts("*")
    assert policy.trusts("https://app.test")


@pytest.mark.parametrize("text", ["https://app.test/path", "app.test", "https://", "https://a:x"])
def test_what_is_no_origin_is_said(text: str) -> None:
    with pytest.raises(BadSetting, match="--cors-origin"):
        read_settings({"cors-origin": text})


def test_an_origin_may_be_written_as_an_address() -> None:
    given = "HTTPS://App.test:443/, http://[::1]:80"
    assert read_settings({"cors-origin": given}).cors_origins == (
        "https://app.test",
        "http://[::1]",
    )


def test_the_control_plane_says_nothing_to_any_page(session: Session) -> None:
    for origin in (*HERE, *ELSEWHERE):
        for path in ("/_bodydouble/health", plane(session), "/_bodydouble/none"):
            headers = {"origin": origin, **ASKED}
            for method in ("GET", "OPTIONS"):
                address = f"http://127.0.0.1{path}"
                assert words(session.send(method, address, headers=headers)) == {}


def test_media_and_uploads_are_open_to_the_same_pages() -> None:
    session = Session(TARGETS[0])
    for path in ("/cdn/nobody/nothing/video.mp4", "/uploads/nobody/nothing"):
        method = "GET" if path.startswith("/cdn") else "POST"
        assert words(session.send(method, path, headers={"origin": HERE[0]}))
        assert words(session.send("OPTIONS", path, headers={"origin": HERE[0], **ASKED}))
        foreign = session.send(method, path, headers={"origin": ELSEWHERE[0]})
        assert words(foreign) == {}
        # Not even looked for, where something would be kept.
        assert (
            (foreign.status_code, foreign.content == b"") == (404, False)
            if method == "GET"
            else (403, True)
        )
        assert not words(session.send("OPTIONS", path, headers={"origin": ELSEWHERE[0], **ASKED}))
    session.close()


# What a foreign page cannot have us call ---------------------------------------------------------

HOOKED = [one for one in TARGETS if (hooks := one.provider.webhooks) and hooks.registration]
PRIVATE = (
    "http://localhost:9000/x", "https://localhost/x", "https://127.0.0.1/x", "https://[::1]/x",
    "https://10.0.0.8/x", "https://a.localhost/x", "https://printer.local/x", "https://inside/x",
)  # fmt: skip


def register(session: Session, url: str, origin: str) -> httpx.Response:
    hooks = session.target.provider.webhooks
    assert hooks is not None
    assert hooks.registration is not None
    way = hooks.registration
    path = session.target.provider.base_path + way.path
    headers = {"origin": origin} if origin else {}
    return session.ask("POST", path, json=way.body(url, way.events), headers=headers)


@pytest.mark.parametrize("target", HOOKED, ids=lambda target: target.name)
def test_a_foreign_page_registers_no_private_receiver(target: Any) -> None:
    # As behind a rebound name: same origin to the browser, and so without a preflight.
    for allowed in ((), ("*",)):
        session = Session(target, webhook_allow=("10.0.0.0/8", "inside"), cors_origins=allowed)
        before = session.kept()
        told = set()
        for url in PRIVATE:
            answer = register(session, url, "http://page.example:8750")
            session.refusal(answer, before)
            told.add((answer.status_code, len(answer.content)))
        assert len({status for status, _ in told}) == 1
        assert register(session, PRIVATE[0], "http://localhost:3000").status_code < 300
        assert register(session, "https://10.0.0.8/x", "").status_code < 300
        session.close()


@pytest.mark.parametrize("target", HOOKED, ids=lambda target: target.name)
def test_a_receiver_of_a_foreign_page_is_public_when_it_is_called_too(target: Any) -> None:
    session = Session(target)
    assert register(session, "https://page.example/x", "https://page.example").status_code < 300
    assert register(session, "https://page.example/y", "").status_code < 300
    hooks = [one for one in session.records() if isinstance(one, Webhook)]
    assert [one.public_only for one in sorted(hooks, key=lambda one: one.order)] == [True, False]
    session.close()


def test_what_leads_to_this_machine_is_not_public() -> None:
    assert Targets().permits("page.example", "127.0.0.1")
    for address in ("127.0.0.1", "::1", "10.0.0.8", "::ffff:127.0.0.1", "169.254.169.254"):
        assert not PUBLIC.permits("page.example", address)
    assert PUBLIC.permits("page.example", "93.184.215.14")


def test_a_name_that_turned_to_this_machine_is_not_called_for_a_foreign_page() -> None:
    from bodydouble.web.webhooks.transport import Transport, WebhookRequest

    async def sent(public_only: bool) -> str:
        transport = Transport(Targets(), 5)
        transport._resolved = _here  # type: ignore[method-assign]
        request = WebhookRequest(
            "https://page.example:1/x", (), json.dumps({}).encode(), 0, (), public_only
        )
        try:
            return (await transport.send(request)).attempt.error
        finally:
            transport.close()

    async def _here(target: Any) -> list[str]:
        return ["127.0.0.1"]

    assert "not a public address" in asyncio.run(sent(True))
    assert "cannot connect" in asyncio.run(sent(False))


def test_nobody_is_let_in_unasked() -> None:
    assert Settings().cors_origins == ()
