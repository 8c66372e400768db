"""Pictures by URL, fetched only where `--fetch-inputs` allows it and never from a private place.

Every name is resolved once, all its addresses are checked, and the connection goes to the checked
address, so that a second look-up cannot answer something else. Each redirect is a new URL and is
checked again. Bounded in bytes, in time and in redirects.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, TypeAlias

from bodydouble.core.addresses import is_public

if TYPE_CHECKING:
    import httpx

BYTES_MAX = 10 * 1024 * 1024
TIME_MAX_S = 10.0
REDIRECTS_MAX = 3
URL_MAX = 4096
PORT_MAX = 65_535
_REDIRECTS = {301, 302, 303, 307, 308}

Address: TypeAlias = IPv4Address | IPv6Address
Resolver: TypeAlias = Callable[[str, int], Awaitable[list[str]]]
Allowed: TypeAlias = Callable[[Address], bool]


class InputRefused(Exception):
    """The picture was not fetched; the text says why, in words that fit into a picture."""


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of ``host`` as the system knows them. OSError if it has none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def fetch_picture(
    url: str, *, resolver: Resolver = resolve, allowed: Allowed = is_public
) -> bytes:
    """The bytes at ``url``, which say they are an image. Raises `InputRefused`."""
    import httpx

    try:
        async with asyncio.timeout(TIME_MAX_S):
            # No proxy from the environment: it would resolve the name again.
            async with httpx.AsyncClient(trust_env=False, timeout=TIME_MAX_S) as client:
                return await _follow(client, url, resolver, allowed)
    except TimeoutError:
        raise InputRefused(f"the picture did not arrive within {TIME_MAX_S:.0f} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, ValueError) as error:
        raise InputRefused(f"the picture could not be fetched: {_brief(error)}") from None


async def _follow(
    client: httpx.AsyncClient, url: str, resolver: Resolver, allowed: Allowed
) -> bytes:
    import httpx

    target = httpx.URL(url[: URL_MAX + 1])
    for _ in range(REDIRECTS_MAX + 1):
        request = await _checked_request(client, target, resolver, allowed)
        response = await client.send(request, stream=True)
        try:
            if response.status_code not in _REDIRECTS:
                return await _image(response)
            target = target.join(response.headers.get("location", ""))
        finally:
            await response.aclose()
    raise InputRefused(f"the picture's address redirects more than {REDIRECTS_MAX} times")


async def _checked_request(
    client: httpx.AsyncClient, url: httpx.URL, resolver: Resolver, allowed: Allowed
) -> httpx.Request:
    """A request to the address that was checked, under the name that was asked for."""
    if url.scheme not in {"http", "https"} or not url.host or len(str(url)) > URL_MAX:
        raise InputRefused("the picture's address is no http or https URL")
    if url.userinfo:
        raise InputRefused("the picture's address carries a password")
    port = url.port or (443 if url.scheme == "https" else 80)
    if port > PORT_MAX:
        raise InputRefused(f"the picture's address names port {port}, which no machine has")
    host = url.raw_host.decode("ascii")
    found = [ip_address(text.partition("%")[0]) for text in await resolver(host, port)]
    if not found or not all(allowed(address) for address in found):
        raise InputRefused(f"{url.host[:80]} is not a public address, so it is not fetched")
    headers = {
        "host": url.netloc.decode("ascii"),
        "accept": "image/*",
        "accept-encoding": "identity",
        "user-agent": "bodydouble",
    }
    return client.build_request(
        "GET",
        url.copy_with(host=str(found[0]), fragment=None),
        headers=headers,
        extensions={"sni_hostname": host},
    )


async def _image(response: httpx.Response) -> bytes:
    if response.status_code != 200:
        raise InputRefused(f"the picture's address answered {response.status_code}")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.startswith("image/"):
        raise InputRefused(f"the address holds {kind[:60] or 'something'}, not an image")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise InputRefused("the picture came compressed, which was not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > BYTES_MAX:
            raise InputRefused(f"the picture is larger than {BYTES_MAX // 2**20} MiB")
    return bytes(body)


def _brief(error: Exception) -> str:
    return str(error)[:120] or type(error).__name__
