"""One POST to a receiver we do not trust: resolved once, judged, connected to what was judged.

No redirect is followed, no proxy asked, no connection kept; the whole attempt ends within its
timeout and little of the answer is read. Why it is sent, and what follows, is not known here.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from ssl import SSLContext
from typing import TYPE_CHECKING

from bodydouble.core.addresses import PUBLIC, Target, Targets, is_literal, is_loopback
from bodydouble.core.clock import moment
from bodydouble.core.scenarios.faults import Kind
from bodydouble.core.webhooks import ANSWER_KEPT_CHARACTERS, Attempt

if TYPE_CHECKING:
    import httpx

ANSWER_READ_BYTES = 4 * ANSWER_KEPT_CHARACTERS
ADDRESSES_TRIED = 4
RESOLVERS = 8
# Takes whatever is sent to it, for those who have no receiver: what came is in the deliveries. A
# name that is nobody's (RFC 2606), and that every vendor's rules for addresses let pass.
INBOX = "inbox.example"
_OURSELVES = {"localhost": ["127.0.0.1", "::1"]}


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """What is sent where, at the virtual instant ``at_us``; ``faults`` strike on the way.

    ``public_only`` keeps it from this machine, whatever the policy lets others do.
    """

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at_us: int
    faults: tuple[Kind, ...] = ()
    public_only: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it; ``retry_after_s`` is what the receiver asked for."""

    attempt: Attempt
    retry_after_s: int | None = None


class Transport:
    """Sends the webhooks of one server."""

    def __init__(self, targets: Targets, timeout_s: float) -> None:
        self.targets = targets
        self.timeout_s = timeout_s
        # Programs in this process that receive by the name of a host, without a socket.
        self.receivers: dict[str, httpx.AsyncBaseTransport] = {}
        # Names are looked up in threads of our own: a resolver that hangs must delay no media.
        self._resolvers = ThreadPoolExecutor(RESOLVERS, "webhook-names")
        self._trust: dict[bool, SSLContext] = {}

    def close(self) -> None:
        """Lets go of the threads."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)
        # A server that is started anew resolves names again; an unused pool has no threads.
        self._resolvers = ThreadPoolExecutor(RESOLVERS, "webhook-names")

    async def send(self, request: WebhookRequest) -> Answer:
        """Makes one attempt; whatever goes wrong on the way is an answer, never an exception."""
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._sent(request)
        except TimeoutError:
            return _failed(request, f"no answer within {self.timeout_s:g} s")
        except (ValueError, OSError) as error:
            return _failed(request, str(error) or type(error).__name__)

    async def _sent(self, request: WebhookRequest) -> Answer:
        import httpx

        targets = PUBLIC if request.public_only else self.targets
        target = targets.read(request.url)
        if (receiver := self.receivers.get(target.host)) is not None:
            return await self._posted(request, target, target.host, receiver)
        if target.host == INBOX:
            return Answer(Attempt(request.at_us, 200, "kept in the inbox"))
        addresses = await self._addresses(target, targets)
        failure = "the host has no address"
        for address in addresses[:ADDRESSES_TRIED]:
            try:
                async with httpx.AsyncHTTPTransport(verify=self._context(address)) as transport:
                    return await self._posted(request, target, address, transport)
            except httpx.ConnectError as error:
                failure = f"cannot connect: {error}"
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                return _failed(request, f"{type(error).__name__}: {error}")
        return _failed(request, failure)

    async def _addresses(self, target: Target, targets: Targets) -> list[str]:
        """Every address of the host; ValueError if any of them must not be sent to."""
        # What needs no resolver must not wait behind names that do.
        addresses = [target.host] if is_literal(target.host) else _OURSELVES.get(target.host)
        if addresses is None:
            addresses = await self._resolved(target)
        for address in addresses:
            if not targets.permits(target.host, address):
                raise ValueError(f"{target.host} is at {address}, which is not a public address")
        return addresses

    async def _resolved(self, target: Target) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._resolvers,
                lambda: socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM),
            )
        except (OSError, UnicodeError) as error:
            raise ValueError(f"the host {target.host} cannot be resolved: {error}") from None
        return list(dict.fromkeys(str(place[0]) for *_, place in found))

    async def _posted(
        self,
        request: WebhookRequest,
        target: Target,
        address: str,
        transport: httpx.AsyncBaseTransport,
    ) -> Answer:
        import httpx

        literal = f"[{address}]" if ":" in address else address
        posted = httpx.Request(
            "POST",
            f"{target.scheme}://{literal}:{target.port}{target.path}",
            headers=[("host", target.authority), *request.headers],
            content=request.body,
            # The certificate is the host's, whatever address we chose.
            extensions={
                "sni_hostname": target.host,
                "timeout": httpx.Timeout(self.timeout_s).as_dict(),
            },
        )
        response = await transport.handle_async_request(posted)
        try:
            return await _answer(request, response)
        finally:
            await response.aclose()

    def _context(self, address: str) -> SSLContext:
        import ssl

        import httpx

        ours = is_loopback(address)
        context = self._trust.get(ours)
        if context is None:
            context = httpx.create_ssl_context(trust_env=False)
            if ours:
                # A test's receiver on this machine signs its own certificate.
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            self._trust[ours] = context
        return context


async def _answer(request: WebhookRequest, response: httpx.Response) -> Answer:
    read = b""
    async for chunk in response.aiter_raw():
        read += chunk
        if len(read) >= ANSWER_READ_BYTES:
            break
    text = read[:ANSWER_READ_BYTES].decode("utf-8", "replace")[:ANSWER_KEPT_CHARACTERS]
    code = response.status_code
    error = "" if 200 <= code < 300 else f"the receiver answered {code}"
    attempt = Attempt(request.at_us, code, text, error)
    return Answer(attempt, _retry_after_s(response.headers.get("retry-after"), request.at_us))


def _retry_after_s(text: str | None, at_us: int) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    try:
        return int((parsedate_to_datetime(text) - moment(at_us)).total_seconds())
    except (ValueError, TypeError, IndexError):
        return None


def _failed(request: WebhookRequest, error: str) -> Answer:
    return Answer(Attempt(request.at_us, error=error[:ANSWER_KEPT_CHARACTERS]))
