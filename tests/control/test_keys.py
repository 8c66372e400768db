"""A key is made with the rights and the callback it is asked with, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.providers import load, names
from bodydouble.web.control import accounts
from bodydouble.web.settings import Settings
from tests.control.session import control_session

HOOK = {"callback_url": "https://example.com/hook"}


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://example.com/hook", "https"),
        ("https://10.0.0.1/hook", "public address"),
        ("https://169.254.169.254/latest", "public address"),
        ("https://intranet/hook", "public host name"),
        ("https://user:pass@example.com/", "user name"),
        ("https://[::1/", ""),
        ("https://example.com:99999/", ""),
        ("gopher://example.com/", "https"),
        ("not an address", "printable ASCII"),
    ],
)
async def test_a_key_is_not_made_with_an_address_nothing_may_be_sent_to(
    url: str, problem: str
) -> None:
    async with control_session() as session:
        asked = {"provider": "leonardo", "balance": "5", "callback_url": url}
        answer = await session.ask("POST", "/keys", asked)
        assert answer.status_code == 422, answer.text
        (error,) = answer.json()["errors"]
        assert error["field"] == "callback_url"
        assert problem in error["problem"]
        account = await session.done("GET", "/accounts/leonardo/main")
        assert account["balance"] != "5", "a refused key has changed the wallet"


async def test_a_key_may_be_made_with_an_address_that_a_webhook_may_have() -> None:
    async with control_session(Settings(seed=1, webhook_allow=("receiver.internal",))) as session:
        for url in ("https://example.com/hook", "http://127.0.0.1:9/", "http://receiver.internal/"):
            await session.done("POST", "/keys", {"provider": "leonardo", "callback_url": url})


@pytest.mark.parametrize(
    ("asked", "field", "problem"),
    [
        *(
            ({"provider": name, "callback_url": "https://a.example/"}, "url", "no webhooks")
            for name in names()
            if load(name).webhooks is None
        ),
        ({"provider": "leonardo", "callback_secret": "s"}, "secret", "goes with a callback_url"),
    ],
)
async def test_a_key_is_not_made_with_a_callback_that_would_do_nothing(
    asked: dict[str, Any], field: str, problem: str
) -> None:
    async with control_session() as session:
        answer = await session.ask("POST", "/keys", asked)
        assert answer.status_code == 422, answer.text
        (error,) = answer.json()["errors"]
        assert error["field"] == f"callback_{field}"
        assert problem in error["problem"]


async def test_a_key_has_the_rights_it_was_made_with() -> None:
    rights: dict[int, list[dict[str, Any]]] = {
        401: [{"revoked": True}, {"expired": True}],
        403: [{"scopes": ["jobs:read"]}],
        402: [{"spending_limit": "0.01"}, {"account": "poor", "balance": "0.01"}],
    }
    async with control_session() as session:
        for status, variants in rights.items():
            for variant in variants:
                made = await session.done("POST", "/keys", {"provider": "smartlyq", **variant})
                session.keys["smartlyq"] = made["key"]
                assert (await session.submit()).status_code == status, variant
        made = await session.done("POST", "/keys", {"provider": "smartlyq", "rate_limit": 1})
        session.keys["smartlyq"] = made["key"]
        assert [(await session.submit()).status_code for _ in range(2)] == [202, 429]


async def test_the_keys_of_a_sandbox_are_listed_with_their_rights_and_no_secret() -> None:
    async with control_session() as session:
        before = await session.done("GET", "/keys")
        assert before["total"] == len(names())
        asked = {"scopes": ["jobs:read"], "rate_limit": 3, "spending_limit": "1.5"}
        made = [
            await session.done("POST", "/keys", {"provider": "smartlyq", "account": "a", **rights})
            for rights in ({**asked, "callback_secret": "hush", **HOOK}, {"expired": True})
        ]
        listed = await session.done("GET", "/keys?limit=1000")
        rows = [one for one in listed["keys"] if one["account"] == "smartlyq/a"]
        first = next(one for one in rows if one["rate_limit"] == 3)
        assert first == {
            "key": made[0]["key"][:8] + "…",
            "provider": "smartlyq",
            "account": "smartlyq/a",
            "scopes": ["jobs:read"],
            "rate_limit": 3,
            "spending_limit": "1.5000",
            "revoked": False,
            "expires_at": None,
            "expired": False,
            **HOOK,
        }
        (other,) = [one for one in rows if one is not first]
        assert (other["expired"], other["scopes"]) == (True, None)
        assert other["expires_at"] == (await session.done("GET", "/clock"))["now"]
        text = (await session.ask("GET", "/keys")).text
        assert not [key for key in (*session.keys.values(), made[0]["key"], "hush") if key in text]
        paged = await session.done("GET", "/keys?limit=2&offset=1")
        assert paged["keys"] == listed["keys"][1:3]


async def test_a_sandbox_has_only_so_many_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    async with control_session() as session:
        monkeypatch.setattr(accounts, "KEYS_PER_SANDBOX_MAX", len(names()) + 1)
        asked = {"provider": "smartlyq", "balance": "1"}
        assert (await session.ask("POST", "/keys", asked)).status_code == 201
        refused = await session.ask("POST", "/keys", {**asked, "balance": "2"})
        assert refused.status_code == 409
        assert (await session.done("GET", "/accounts/smartlyq/main"))["balance"] == "1.0000"
