"""Where webhooks may not go: private networks, other schemes, and wherever a redirect points."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any

import pytest

from bodydouble.core.addresses import Targets
from bodydouble.web.webhooks.transport import INBOX, Transport, WebhookRequest
from tests.webhooks.session import JOB_EVENTS, WebhookSession, receiving

PRIVATE = (
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "[fe80::1]",
    "[fc00::1]",
    "[::]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a00:1]",
    "[2002:a00:1::]",
    "[2002:808:808::]",
    "[64:ff9b::808:808]",
    "[64:ff9b:1::a00:1]",
    "[::7f00:1]",
    "[::ffff:0:a00:1]",
    "[fec0::1]",
    "[5f00::1]",
    "[3fff::1]",
    "192.88.99.1",
    "240.0.0.1",
)


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_address_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(ValueError, match="public"):
        Targets().read(f"https://{host}/hook")


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "ftp://example.com/",
        "https://",
        "https:///hook",
        "https://intranet/hook",
        "https://user:secret@example.com/",
        "https://example.com\\@10.0.0.1/",
        "https://exa mple.com/",
        "https://example.com:99999/",
        "https://[::1/",
        "https://example.com/" + "a" * 2048,
        "https://bücher.example/",
        "javascript:alert(1)",
        "",
    ],
)
def test_an_address_that_is_no_public_https_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Targets().read(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/hook",
        "https://example.com:8443/a?b=c",
        "https://8.8.8.8/hook",
        "https://[2606:4700:4700::1111]/",
        "http://127.0.0.1:8080/",
        "http://localhost:8080/hook",
        "http://[::1]:8080/",
        "https://127.8.8.8/",
        "http://[::ffff:127.0.0.1]/",
    ],
)
def test_public_https_and_this_machine_are_allowed(url: str) -> None:
    target = Targets().read(url)
    assert target.host in url


MINE = ("http://127.0.0.1:8080/", "http://localhost/", "http://[::1]/", "http://[::ffff:7f00:1]/")


@pytest.mark.parametrize("url", MINE)
def test_this_machine_is_not_for_guests_unless_allowed(url: str) -> None:
    with pytest.raises(ValueError, match=r"public|https"):
        Targets(loopback=False).read(url)
    Targets(("localhost", "127.0.0.0/8", "::1"), loopback=False).read(url)


async def test_beyond_loopback_a_guests_webhook_reaches_nothing_of_this_machine() -> None:
    session = WebhookSession(host="0.0.0.0", control_token="t")
    for url in MINE:
        body = {"url": url, "events": list(JOB_EVENTS)}
        refused = await session.client.post("/v1/webhooks", json=body)
        assert refused.status_code == 422, refused.text
    assert not session.app.registry.targets.permits("rebound.example.com", "127.0.0.1")


def test_what_is_allowed_by_name_address_or_range_may_be_reached() -> None:
    targets = Targets(("receiver", "10.1.0.0/16", "fd00::/8", "192.168.7.7"))
    for url in (
        "http://receiver:9000/hook",
        "http://10.1.2.3/hook",
        "https://[fd00::7]/",
        "https://192.168.7.7/",
    ):
        targets.read(url)
    assert targets.permits("receiver", "172.17.0.2")
    for url in ("http://other:9000/", "https://10.2.0.1/", "https://192.168.7.8/"):
        with pytest.raises(ValueError, match=r"public|https"):
            targets.read(url)
    assert not targets.permits("example.com", "10.2.0.1")


async def test_the_inbox_takes_everything_and_no_name_is_looked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def looked_up(*_: Any, **__: Any) -> Any:
        raise AssertionError("the inbox is nowhere")

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    for loopback in (True, False):
        transport = Transport(Targets(loopback=loopback), timeout_s=1)
        url = f"https://{INBOX}/any/path"
        taken = await transport.send(WebhookRequest(url, (), b"{}", 7, public_only=True))
        assert (taken.attempt.code, taken.attempt.at_us) == (200, 7)
        plain = await transport.send(WebhookRequest(url.replace("https", "http"), (), b"{}", 7))
        assert "https" in plain.attempt.error, "judged like any other address"
        transport.close()


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::ffff:192.168.0.1"])
async def test_a_name_that_leads_into_a_private_network_is_refused_when_it_is_sent_to(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    session = WebhookSession()
    await session.hook("https://hooks.example.com/")
    await session.job()
    await session.travel(60)
    assert asked == ["hooks.example.com"], "a name is resolved once for each attempt"
    (attempt,) = (await session.delivery("1")).attempts
    assert attempt.code is None
    assert "not a public address" in attempt.error


async def test_a_redirect_is_a_failed_attempt_and_is_not_followed() -> None:
    session = WebhookSession()
    async with receiving() as elsewhere, receiving((302, {"Location": elsewhere.url})) as receiver:
        hook = await session.hook(receiver.url)
        said = await session.call("POST", f"/v1/webhooks/{hook['id']}/test")
    assert (said["delivered"], said["response_code"]) == (False, 302)
    assert len(receiver.got) == 1
    assert elsewhere.got == []


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    session = WebhookSession()
    async with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        hook = await session.hook(receiver.url)
        said = await session.call("POST", f"/v1/webhooks/{hook['id']}/test")
    assert said["delivered"] is True
    assert proxy.got == []


async def test_this_machine_may_sign_its_own_certificate_and_is_asked_for_by_name() -> None:
    trustme = pytest.importorskip("trustme")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    named: list[str | None] = []
    context.sni_callback = lambda connection, name, _: named.append(name)
    session = WebhookSession()
    async with receiving() as receiver:
        server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        hook = await session.hook(f"https://localhost:{port}/hook")
        said = await session.call("POST", f"/v1/webhooks/{hook['id']}/test")
        server.close()
        (got,) = receiver.got
    assert said["delivered"] is True
    assert named == ["localhost"]
    assert got.headers["host"] == f"localhost:{port}"


async def test_a_certificate_nobody_vouches_for_is_refused_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trustme = pytest.importorskip("trustme")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("hooks.example.com").configure_cert(context)
    # Stands for a public machine: the name leads to a loopback that is not called 127.0.0.1.
    monkeypatch.setattr("bodydouble.web.webhooks.transport.is_loopback", lambda address: False)
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, port, **_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))],
    )
    session = WebhookSession()
    async with receiving() as receiver:
        server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        hook = await session.hook(f"https://hooks.example.com:{port}/hook")
        said = await session.call("POST", f"/v1/webhooks/{hook['id']}/test")
        server.close()
    assert said["delivered"] is False
    assert "CERTIFICATE_VERIFY_FAILED" in (await session.delivery("1")).attempts[0].error
    assert receiver.got == []
