"""No secret of a client's or a receiver's is in what is kept, printed or exported."""

from __future__ import annotations

import io
import re
from base64 import b64decode, b64encode
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.web.app import Application
from bodydouble.web.pipeline.console import Console
from bodydouble.web.pipeline.pipeline import Pipeline
from bodydouble.web.settings import Settings
from tests.control.session import control_session
from tests.vendors.asking import VENDORS, asking
from tests.webhooks.session import WebhookSession, receiving

TOLD = ("/requests", "/requests.har", "/export", "/jobs")
NAMED = ("proxy-authorization", "api-key", "x-auth-token", "x-access-token", "x-bodydouble-token")


async def told_of(session: Any) -> dict[str, str]:
    """Everything that the control plane tells of a sandbox, by where."""
    listed = (await session.done("GET", "/requests"))["requests"]
    serials = [one["serial"] for one in listed]
    paths = [*TOLD[:3], *(f"/requests/{n}{of}" for n in serials for of in ("", "/curl", "/test"))]
    return {path: (await session.ask("GET", path)).text for path in paths}


def unpacked(text: str) -> str:
    """A text, and whatever in it is base64, decoded."""
    words = [word for word in text.replace('"', " ").split() if len(word) % 4 == 0]
    found = [text]
    for word in words:
        try:
            found.append(b64decode(word, validate=True).decode("utf-8", "replace"))
        except ValueError:
            continue
    return "\n".join(found)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_key_is_hidden_wherever_a_client_puts_it(vendor: str) -> None:
    async with control_session() as session:
        key = session.keys[vendor]
        way = asking(vendor)
        headers = {**way.headers(key), "x-trace": f"id={key}"}
        headers |= {name: f"other-{name}-secret" for name in NAMED}
        poll = way.poll_path.format(job=key)
        body = way.body(f"a fox who says {key} aloud", small=True)
        for method, path, json in (
            ("GET", poll, None),
            ("GET", f"{poll}?token={key}&b={quote(b64encode(key.encode()).decode())}", None),
            ("POST", way.submit_path, body),
            ("POST", f"/{vendor}/nowhere/{key}", {"key": key}),
        ):
            await session.client.request(method, path, json=json, headers=headers)
        for path, text in (await told_of(session)).items():
            seen = unpacked(text)
            assert key not in seen, path
            assert "-secret" not in seen, path
            if path != "/export":
                assert b64encode(key.encode()).decode().rstrip("=") not in seen, path


async def test_what_a_receiver_checks_with_is_exported_only_when_it_is_asked_for() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(60)
        at = f"http://127.0.0.1/_bodydouble/sandboxes/{session.sandbox}/export"
        kept = (await session.client.get(at, params={"secrets": "kept"})).json()
        secrets = [r["record"]["secret"] for r in kept["records"] if r["kind"] == "webhook"]
        assert secrets
        assert all(len(secret) > 10 for secret in secrets)
        masked = (await session.client.get(at)).json()
        assert (await session.client.get(at, params={"secrets": "all"})).status_code == 422
        for secret in secrets:
            assert secret in unpacked(str(kept).replace("'", '"'))
            assert secret not in unpacked(str(masked).replace("'", '"'))
        assert len(masked["records"]) == len(kept["records"])


@pytest.mark.parametrize("as_json", [False, True])
async def test_the_console_prints_no_key(as_json: bool) -> None:
    app = Application(Settings())
    printed = io.StringIO()
    for name in VENDORS:
        app.pipeline(name).observers = (Console(printed, as_json),)
        app.pipeline(name).explains = True
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")
    async with client:
        made = (await client.post("/_bodydouble/sandboxes", json={})).json()
        for vendor in VENDORS:
            way, key = asking(vendor), made["keys"][vendor]
            headers = way.headers(key)
            await client.get(way.poll_path.format(job=key), headers=headers)
            await client.get(f"/{vendor}/nowhere/{key}", headers=headers)
            body = {**way.body("a fox"), key: key, "model": key}
            await client.post(way.submit_path, json=body, headers=headers)
    assert printed.getvalue().count("\n") == 3 * len(VENDORS)
    assert [key for key in made["keys"].values() if key in printed.getvalue()] == []


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_crash_tells_where_and_no_key(
    vendor: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with control_session() as session:
        key = session.keys[vendor]

        async def crash(*of: object) -> None:
            raise RuntimeError(f"a fault of ours with {key}")

        monkeypatch.setattr(Pipeline, "_pass_gates", crash)
        way = asking(vendor)
        told = await session.client.get(way.poll_path.format(job=key), headers=way.headers(key))
        assert told.status_code >= 500
    assert "RuntimeError: a fault of ours with ..." in caplog.text
    assert key not in caplog.text


async def test_a_crash_of_the_control_plane_tells_no_key_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    hook = {"callback_url": "http://127.0.0.1:9/", "callback_secret": "hush-hush-hush"}
    async with control_session() as session:
        asked = {"provider": "kling", **hook}
        made = await session.ask("POST", "/keys", asked)
        assert made.status_code == 201, made.text
        key = session.keys["smartlyq"]

        async def crash(*of: object, **more: object) -> None:
            raise RuntimeError(f"a fault of ours with {key} and hush-hush-hush")

        monkeypatch.setattr(OpenSandbox, "settle", crash)
        told = await session.ask("PATCH", "/clock", {"advance_s": 1})
        lost = await session.ask("GET", f"/jobs/{key}")
    assert told.status_code == lost.status_code == 500
    assert told.headers["content-type"] == "application/problem+json"
    assert caplog.text.count("RuntimeError: a fault of ours with ... and ...") == 2
    assert key not in caplog.text
    assert "hush" not in re.sub(r"raise RuntimeError.*", "", caplog.text)  # the test's own line


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_hint_that_repeats_a_path_is_kept_without_its_key(vendor: str) -> None:
    async with control_session(hints=True) as session:
        key = session.keys[vendor]
        headers = asking(vendor).headers(key)
        told = await session.client.get(f"/{vendor}/v1//{key}/me", headers=headers)
        assert told.headers["x-bodydouble-hint"]
        for path, text in (await told_of(session)).items():
            assert key not in unpacked(text), path
