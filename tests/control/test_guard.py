"""Who may steer: loopback under its own name, or whoever has the token; nobody else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bodydouble.web.app import Application
from bodydouble.web.settings import Settings

HEALTH = "/_bodydouble/health"
TOKEN = {"authorization": "Bearer open-sesame"}


async def asked(
    settings: Settings, headers: dict[str, str], peer: tuple[str, int] | None = ("127.0.0.1", 9)
) -> httpx.Response:
    app = Application(settings)

    async def from_peer(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "client": peer}, receive, send)

    transport = httpx.ASGITransport(from_peer)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8750") as client:
        return await client.get(HEALTH, headers=headers)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8750", "[::1]:8750", "a.localhost:1"])
async def test_loopback_is_served_under_every_name_of_this_machine(host: str) -> None:
    assert (await asked(Settings(), {"host": host})).status_code == 200


async def test_an_application_in_process_is_served() -> None:
    assert (await asked(Settings(), {}, None)).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "localhost@evil.example"},
        {"host": "api.smartlyq.com"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ],
    ids=str,
)
async def test_a_page_of_another_site_is_refused(headers: dict[str, str]) -> None:
    answer = await asked(Settings(), headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_page_of_ours_is_served() -> None:
    assert (await asked(Settings(), {"origin": "http://localhost:8750"})).status_code == 200


async def test_a_stranger_on_the_network_is_refused_without_the_token() -> None:
    answer = await asked(Settings(), {}, ("192.0.2.7", 9))
    assert answer.status_code == 403


async def test_bound_elsewhere_without_a_token_it_is_off_and_says_how_to_open_it() -> None:
    for peer in (("192.0.2.7", 9), ("127.0.0.1", 9)):
        answer = await asked(Settings(host="0.0.0.0"), {}, peer)
        assert answer.status_code == 403
        assert "--control-token" in answer.json()["detail"]


@pytest.mark.parametrize("headers", [TOKEN, {"x-bodydouble-token": "open-sesame"}], ids=str)
async def test_the_token_opens_it_to_everybody_under_any_name(headers: dict[str, str]) -> None:
    settings = Settings(host="0.0.0.0", control_token="open-sesame")
    answer = await asked(settings, {**headers, "host": "bodydouble:8750"}, ("192.0.2.7", 9))
    assert answer.status_code == 200


@pytest.mark.parametrize("headers", [{}, {"x-bodydouble-token": "guess"}], ids=str)
@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
@pytest.mark.parametrize("peer", ["192.0.2.7", "127.0.0.1", "::1"])
async def test_without_the_right_token_everybody_is_asked_for_it(
    headers: dict[str, str], host: str, peer: str
) -> None:
    settings = Settings(host=host, control_token="open-sesame")
    answer = await asked(settings, headers, (peer, 9))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_with_odd_letters_is_refused_not_crashed() -> None:
    settings = Settings(host="0.0.0.0", control_token="öffne-dich")
    answer = await asked(settings, {"x-bodydouble-token": "falsch"}, ("192.0.2.7", 9))
    assert answer.status_code == 401
