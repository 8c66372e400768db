"""What the server's log says of a crash behind a webhook opens and signs nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bodydouble.core.store import Store
from bodydouble.core.webhooks import Delivery, Webhook
from bodydouble.providers import load
from bodydouble.stores import open_store
from bodydouble.web.app import Application
from bodydouble.web.keys.secrets import UNTOLD, own_secrets
from bodydouble.web.settings import Settings
from tests.webhooks.session import KEY, WebhookSession, receiving

TOKEN, PASSWORD = "control-token-of-ours", "p/ss-word of redis"
# A store in this process, which is addressed as if it were elsewhere.
URL = f"redis://us:{quote(PASSWORD, safe='')}@localhost:1/0"


class Broken:
    """A vendor whose signing fails, and says what with."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()

    def headers(self, webhook: Webhook, delivery: Delivery, at_us: int) -> Any:
        self.secrets.add(webhook.secret)
        raise RuntimeError(f"{webhook.secret}, {delivery.body!r}, {KEY}, {TOKEN}, {PASSWORD}")

    def body(self, event: Any, name: str, event_id: str, webhook: Webhook) -> bytes:
        self.secrets.add(webhook.secret)
        raise RuntimeError(f"{webhook.secret}, {KEY}, {TOKEN}, {URL}")


def session_with(store: Store, **broken: Any) -> WebhookSession:
    provider = load("smartlyq")
    assert provider.webhooks is not None
    vendor = replace(provider, webhooks=replace(provider.webhooks, **broken))
    settings = Settings(frozen=True, seed=1, store=URL, control_token=TOKEN)
    session = WebhookSession(Application(settings, store, {"smartlyq": vendor}))
    session.client.headers["x-bodydouble-token"] = TOKEN
    return session


@pytest.fixture(params=["memory:", "sqlite:"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    where = str(request.param)
    return open_store(where if where == "memory:" else f"{where}{tmp_path}/s.db")


def hides(text: str, secrets: set[str], failed: str) -> None:
    assert failed in text
    assert "RuntimeError: ..., " in text
    assert secrets
    for secret in (*secrets, KEY, TOKEN, PASSWORD, quote(PASSWORD, safe="")):
        assert secret not in text


async def test_a_delivery_that_cannot_be_signed(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Broken()
    session = session_with(store, headers=broken.headers)
    async with receiving() as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(60)
    assert receiver.got == []
    hides(caplog.text, broken.secrets, "stays claimed")


async def test_an_event_that_cannot_be_worded_when_nobody_calls(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    broken = Broken()
    session = session_with(store, body=broken.body)
    async with receiving() as receiver:
        await session.hook(receiver.url)
        job = await session.job()
        await session.jump(1000)
        await session.app.scheduler._turn(session.sandbox)
        hides(caplog.text, broken.secrets, "could not be woken")
        caplog.clear()
        answer = await session.client.get(f"/v1/jobs/{job}")
    assert answer.status_code == 500
    hides(caplog.text, broken.secrets, "crashed")


async def test_where_the_store_cannot_say_what_is_secret_nothing_is_told(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Broken()
    session = session_with(store, headers=broken.headers)

    async def away(*of: object) -> Any:
        raise TimeoutError

    async with receiving() as receiver:
        await session.hook(receiver.url)
        await session.job()
        monkeypatch.setattr(store, "keys", away)
        await session.travel(60)
    assert UNTOLD in caplog.text
    assert not any(secret in caplog.text for secret in broken.secrets | {KEY})


def test_what_opens_a_store_is_found_in_its_address() -> None:
    for url, password in (
        (URL, PASSWORD),
        ("redis://:pl%C3%A4in-word@h", "pläin-word"),
        ("unix:///run/s?password=socket-word&db=1", "socket-word"),
    ):
        assert password in own_secrets(Settings(store=url))
    for url in ("memory:", "sqlite:/a/b@c:d.db", "redis://host:6379/0"):
        assert own_secrets(Settings(store=url)) == ()
