"""Behind a proxy the server calls itself what clients call it, or what it did before: no half."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bodydouble.core.webhooks import Webhook
from bodydouble.providers import load, names
from bodydouble.web.app import Application
from bodydouble.web.http.proxies import Proxies
from bodydouble.web.settings import BadSetting, Settings, read_settings
from tests.hostile.targets import Session, target

OURS = "127.0.0.1:8750"
PLAIN = f"http://{OURS}"
# Of vendors whose replies show where a film is.
SAMPLES = {
    name: sample
    for name in names()
    if (sample := load(name).sample) is not None and load(name).shows_links
}


def called(
    client: str | None = "127.0.0.1", /, *, host: str = OURS, trusted: Any = (), **headers: str
) -> str:
    """What the server calls itself; underscores in names of headers stand for dashes."""
    named = {name.replace("_", "-").encode(): text.encode() for name, text in headers.items()}
    scope = {
        "scheme": "http",
        "server": ("127.0.0.1", 8750),
        "client": (client, 5) if client else None,
    }
    return Proxies(trusted, None).origin(scope, {b"host": host.encode(), **named})


WHOLE = {
    "standard": {"forwarded": "for=192.0.2.9;proto=https;host=video.test, for=10.0.0.1;proto=http"},
    "standard, quoted": {"forwarded": 'For="[2001:db8::1]:47";Host="video.test";Proto="https"'},
    "customary": {"x_forwarded_proto": "https", "x_forwarded_host": "video.test"},
    "with its port": {
        "x_forwarded_proto": "https",
        "x_forwarded_host": "video.test",
        "x_forwarded_port": "443",
    },
    "through two": {
        "x_forwarded_proto": "https, http",
        "x_forwarded_host": "video.test, inner.test",
    },
    "scheme": {"x_forwarded_scheme": "HTTPS", "x_forwarded_host": "Video.Test"},
    "protocol": {"x_forwarded_protocol": "https", "x_forwarded_host": "video.test:443"},
    "url scheme": {"x_url_scheme": "https", "x_original_host": "video.test"},
    "ssl": {"x_forwarded_ssl": "on", "x_forwarded_host": "video.test"},
    "front end": {"front_end_https": "On", "x_forwarded_host": "video.test"},
    "host handed on": {"x_forwarded_proto": "https", "host": "video.test"},
}


@pytest.mark.parametrize("headers", WHOLE.values(), ids=WHOLE)
def test_a_proxy_that_says_all_is_believed(headers: dict[str, str]) -> None:
    assert called(**headers) == "https://video.test"
    assert called("::1", **headers) == "https://video.test"
    assert called(None, **headers) == "https://video.test"
    plain = f"http://{headers.get('host', OURS)}"
    assert called("192.0.2.7", **headers) == plain
    assert called("192.0.2.7", trusted=("192.0.2.0/24",), **headers) == "https://video.test"


HALF = {
    "scheme alone": {"x_forwarded_proto": "https"},
    "ssl alone": {"x_forwarded_ssl": "on"},
    "port alone": {"x_forwarded_port": "443"},
    "host alone": {"x_forwarded_host": "video.test"},
    "scheme and port": {"x_forwarded_proto": "https", "x_forwarded_port": "443"},
    "standard scheme": {"forwarded": "for=192.0.2.9;proto=https"},
    "standard host": {"forwarded": "host=video.test"},
    "no scheme": {"x_forwarded_proto": "gopher", "x_forwarded_host": "video.test"},
    "no host": {"x_forwarded_proto": "https", "x_forwarded_host": "video.test/x?"},
    "a user": {"x_forwarded_proto": "https", "x_forwarded_host": "me@video.test"},
    "no port": {
        "x_forwarded_proto": "https",
        "x_forwarded_host": "video.test",
        "x_forwarded_port": "99999",
    },
    "no prefix": {
        "x_forwarded_proto": "https",
        "x_forwarded_host": "video.test",
        "x_forwarded_prefix": "//evil.test",
    },
    "nothing": {"forwarded": "", "x_forwarded_host": "", "x_forwarded_proto": ""},
    "garbage": {"forwarded": '="";;,"\\', "x_forwarded_for": "x" * 9_000},
}


@pytest.mark.parametrize("headers", HALF.values(), ids=HALF)
def test_a_proxy_that_says_half_is_not_believed_at_all(headers: dict[str, str]) -> None:
    assert called(**headers) == PLAIN


def test_a_port_and_a_prefix_belong_to_the_address() -> None:
    both = {"x_forwarded_proto": "https", "x_forwarded_host": "video.test"}
    assert called(**both, x_forwarded_port="8443") == "https://video.test:8443"
    assert called(**both, x_forwarded_prefix="/double/") == "https://video.test/double"
    both["x_forwarded_host"] = "[2001:DB8::1]:8443"
    assert called(**both, x_forwarded_port="443") == "https://[2001:db8::1]:8443"


TOLD = {"x-forwarded-proto": "https", "x-forwarded-host": "video.test"}
HALF_TOLD = {"x-forwarded-proto": "https"}


def places(session: Session, headers: dict[str, str]) -> dict[str, str]:
    """Every place where an address of ours is told, by its name."""
    name = session.target.name
    sample = SAMPLES[name]
    made = session.ask("POST", sample.create, json=sample.body, headers=headers).json()
    session.plane("PATCH", "/clock", {"advance": "600s"})
    poll = session.ask("GET", sample.shown(sample.job(made)), headers=headers).json()
    plane = "http://127.0.0.1/_bodydouble"
    sandbox = f"{plane}/sandboxes/{session.target.sandbox()}"

    def read(address: str) -> Any:
        return session.send("GET", address, headers=headers)

    found = {
        "link": sample.link(poll),
        "document": read(f"http://127.0.0.1/{name}/openapi.json").json()["servers"][0]["url"],
        "providers": read(f"{plane}/providers").json()["providers"][0]["url"],
        "har": read(f"{sandbox}/requests.har").json()["log"]["entries"][0]["request"]["url"],
        "curl": read(f"{sandbox}/requests/1/curl").json()["curl"].partition("http")[2],
    }
    found["curl"] = "http" + found["curl"]
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_every_address_told_is_the_proxys(name: str) -> None:
    for headers, url, begins in (
        (TOLD, None, "https://video.test/"),
        ({**TOLD, "x-forwarded-prefix": "/double"}, None, "https://video.test/double/"),
        (HALF_TOLD, None, "http://"),
        (TOLD, "https://public.test:8443", "https://public.test:8443/"),
        (HALF_TOLD, "https://public.test/below", "https://public.test/below/"),
        ({}, "https://public.test", "https://public.test/"),
    ):
        session = Session(target(name), public_url=url)
        for place, told in places(session, headers).items():
            assert told.startswith(begins), (place, told)
            assert not told.startswith(("https://127.", "https://bodydouble.test")), (place, told)
        session.close()


def test_the_links_in_a_webhook_are_the_proxys() -> None:
    made = [one for one in map(target, SAMPLES) if one.provider.webhooks]
    hooked = [one for one in made if one.provider.webhooks.registration is None]  # type: ignore[union-attr]
    for one in hooked:
        session = Session(one)
        keys = {
            "provider": one.name,
            "callback_url": "http://localhost:1/x",
            "callback_secret": "s",
        }
        secret = session.plane("POST", "/keys", keys)["key"]
        headers = {**one.carrying(secret), **TOLD}
        assert session.ask("POST", one.path, json=one.order, headers=headers).status_code < 300
        (kept_hook,) = [kept for kept in session.records() if isinstance(kept, Webhook)]
        assert kept_hook.links.startswith("https://video.test/cdn/")
        session.close()
    assert hooked


async def asked_of_the_plane(peer: tuple[str, int], **headers: str) -> int:
    transport = httpx.ASGITransport(Application(Settings(frozen=True)), client=peer)
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    async with httpx.AsyncClient(transport=transport, base_url=PLAIN) as client:
        return (await client.get("/_bodydouble/health", headers=named)).status_code


async def test_whoever_comes_through_a_proxy_is_not_this_machine() -> None:
    here = ("127.0.0.1", 5)
    assert await asked_of_the_plane(here) == 200
    assert await asked_of_the_plane(here, x_forwarded_for="127.0.0.1") == 200
    for chain in ("192.0.2.9", "127.0.0.1, 192.0.2.9", "192.0.2.9, 127.0.0.1", "[2001:db8::1]:5"):
        assert await asked_of_the_plane(here, x_forwarded_for=chain) == 403, chain
    assert await asked_of_the_plane(here, forwarded='for="[2001:db8::1]";host=localhost') == 403
    # And nobody else becomes it by saying so, nor does a page by a name of its choice.
    assert await asked_of_the_plane(("192.0.2.9", 5), x_forwarded_for="127.0.0.1") == 403
    renamed = {"host": "page.example:8750", "x_forwarded_host": OURS, "x_forwarded_proto": "http"}
    assert await asked_of_the_plane(here, **renamed) == 403


def test_trusted_proxies_are_addresses() -> None:
    given = {"trusted-proxy": "10.0.0.0/8, 192.0.2.1"}
    assert read_settings(given).trusted_proxies == ("10.0.0.0/8", "192.0.2.1/32")
    with pytest.raises(BadSetting, match="--trusted-proxy"):
        read_settings({"trusted-proxy": "nginx"})
