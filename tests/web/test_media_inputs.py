"""A picture is fetched from public places only, however the address is dressed up."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

import pytest

from bodydouble.core.addresses import is_public
from bodydouble.web.media import inputs
from bodydouble.web.media.inputs import InputRefused, fetch_picture

PICTURE = b"\x89PNG picture"


class Site:
    """A loopback server that answers each path with the given bytes, and the names it has."""

    def __init__(self, pages: dict[str, bytes], names: dict[str, list[str]] | None = None) -> None:
        self.pages = pages
        self.names = {"pictures.test": ["127.0.0.1"], **(names or {})}
        self.asked: list[str] = []
        self.resolved: list[str] = []

    async def resolve(self, host: str, port: int) -> list[str]:
        """The resolver of the test."""
        self.resolved.append(host)
        if host not in self.names:
            raise OSError("no such name")
        return self.names[host]

    def fetch(self, url: str, allowed: str = "127.0.0.1") -> bytes:
        """Fetches ``url`` (PORT is filled in); only the address ``allowed`` counts as public."""

        port = 0

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(head)
            writer.write(self.pages[head.split()[1]].replace(b"PORT", str(port).encode()))
            await writer.drain()
            writer.close()

        async def go() -> bytes:
            nonlocal port
            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            async with server:
                return await fetch_picture(
                    url.replace("PORT", str(port)),
                    resolver=self.resolve,
                    allowed=lambda address: str(address) == allowed,
                )

        return asyncio.run(go())


def page(body: bytes, kind: str = "image/png", status: str = "200 OK", extra: str = "") -> bytes:
    """One HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{extra}"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def redirect(to: str) -> bytes:
    """An answer that points elsewhere."""
    return page(b"", status="302 Found", extra=f"Location: {to}\r\n")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "240.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::1", "2001:0:7f00:1::1", "::ffff:0:7f00:1", "64:ff9b:1::7f00:1", "2001:10::1",
        "5f00::1", "3fff::1", "192.88.99.1", "100::1", "4000::1", "::ffff:192.88.99.1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    """Private, loopback, link-local, multicast, reserved, and the tunnels to them."""
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_allowed(address: str) -> None:
    """Otherwise the option would be worth nothing."""
    assert is_public(ip_address(address))


def test_a_picture_is_fetched_from_the_address_that_was_checked() -> None:
    """One look-up, and the server still reads the name it was called by."""
    site = Site({"/a.png?x=1": page(PICTURE)})
    assert site.fetch("http://pictures.test:PORT/a.png?x=1#part") == PICTURE
    assert site.resolved == ["pictures.test"]
    assert "host: pictures.test:" in site.asked[0].lower()


def test_a_redirect_is_followed_and_checked_again() -> None:
    """Each hop is a new look-up."""
    site = Site({"/a": redirect("/b.png"), "/b.png": page(PICTURE)})
    assert site.fetch("http://pictures.test:PORT/a") == PICTURE
    assert site.resolved == ["pictures.test"] * 2


def test_a_redirect_to_a_private_place_is_refused() -> None:
    """The usual trick."""
    site = Site({"/a": redirect("http://inside.test/")}, {"inside.test": ["10.0.0.1"]})
    with pytest.raises(InputRefused, match="not a public address"):
        site.fetch("http://pictures.test:PORT/a")


def test_endless_redirects_end() -> None:
    """After a few."""
    site = Site({"/a": redirect("/a")})
    with pytest.raises(InputRefused, match="redirects more than"):
        site.fetch("http://pictures.test:PORT/a")
    assert len(site.asked) == inputs.REDIRECTS_MAX + 1


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    """Nobody publishes such a name in good faith."""
    site = Site({}, {"both.test": ["127.0.0.1", "10.0.0.1"]})
    with pytest.raises(InputRefused, match="not a public address"):
        site.fetch("http://both.test:PORT/a.png")
    assert site.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:PORT/", "http://[::1]:PORT/", "http://[::ffff:127.0.0.1]:PORT/",
        "http://2130706433:PORT/", "http://0x7f.1:PORT/", "http://localhost:PORT/",
    ],
)  # fmt: skip
def test_loopback_is_refused_in_every_spelling(url: str) -> None:
    """With the resolver and the rule that the server uses."""
    with pytest.raises(InputRefused):
        asyncio.run(fetch_picture(url.replace("PORT", "80")))


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://pictures.test/a", "pictures.test/a", "", "http://", "\x00",
        "http://user:word@pictures.test/", "http://pictures.test:99999/", "http://" + "a" * 5_000,
        "http://\ud83d/", "data:image/png;base64,AAAA",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    """And never a crash."""
    site = Site({})
    with pytest.raises(InputRefused):
        site.fetch(url)
    assert site.asked == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page(PICTURE, kind="text/html"), "not an image"),
        (page(PICTURE, status="404 Not Found"), "answered 404"),
        (page(PICTURE, extra="Content-Encoding: gzip\r\n"), "compressed"),
        (b"nonsense\r\n\r\n", "could not be fetched"),
    ],
)
def test_what_is_no_picture_is_refused_with_its_reason(answer: bytes, reason: str) -> None:
    """The client reads it in the video."""
    with pytest.raises(InputRefused, match=reason):
        Site({"/a": answer}).fetch("http://pictures.test:PORT/a")


def test_a_picture_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever length it claims."""
    monkeypatch.setattr(inputs, "BYTES_MAX", 1_000_000)
    endless = page(b"").replace(b"Content-Length: 0\r\n", b"") + b"x" * 1_000_001
    with pytest.raises(InputRefused, match="larger than"):
        Site({"/a": endless}).fetch("http://pictures.test:PORT/a")


def test_a_slow_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time bound covers everything, from the look-up on."""
    monkeypatch.setattr(inputs, "TIME_MAX_S", 0.01)

    async def never(host: str, port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    with pytest.raises(InputRefused, match="did not arrive"):
        asyncio.run(fetch_picture("http://pictures.test/", resolver=never))
