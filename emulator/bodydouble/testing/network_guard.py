"""A guard on this process's network: no real vendor's host is reached while it is installed.

Names are watched where they are looked up and where they are connected to. A try is refused there
and then, and remembered, because a client that swallows errors must not hide it. An event loop that
does its own name lookups, such as uvloop, is not seen.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from typing import Any, TypeVar

T = TypeVar("T")


class RealVendor(ConnectionRefusedError):
    """A connection to a real vendor was about to be made."""


class NetworkGuard:
    """Watches ``hosts`` and everything below them, from `install` to `remove`."""

    def __init__(self, hosts: Collection[str]) -> None:
        self._hosts = tuple(host.lower() for host in hosts)
        self._kept: list[tuple[Any, str, Any]] = []
        self.attempts: list[str] = []

    def install(self) -> None:
        """Begins to watch."""
        if self._kept:
            return
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            self._replace(socket, name, self._watching(getattr(socket, name)))
        for name in ("connect", "connect_ex"):
            self._replace(socket.socket, name, self._connecting(getattr(socket.socket, name)))

    def remove(self) -> None:
        """Puts everything back, where it was taken from: others replace the class meanwhile."""
        for owner, name, kept in self._kept:
            if kept is None:
                delattr(owner, name)
            else:
                setattr(owner, name, kept)
        self._kept.clear()

    def _replace(self, owner: Any, name: str, watching: Callable[..., Any]) -> None:
        self._kept.append((owner, name, vars(owner).get(name)))
        setattr(owner, name, watching)

    def messages(self) -> list[str]:
        """One for each host that somebody tried to reach."""
        return [
            f"a connection to the real vendor at {host} was attempted and refused: point the "
            "client at bodydouble.<vendor>.base_url, or mark the test bodydouble(live=True)"
            for host in dict.fromkeys(self.attempts)
        ]

    def _watching(self, real: Callable[..., T]) -> Callable[..., T]:
        def looked_up(host: Any, *args: Any, **kwargs: Any) -> T:
            self._check(host)
            return real(host, *args, **kwargs)

        return looked_up

    def _connecting(self, real: Callable[..., T]) -> Callable[..., T]:
        def connected(link: socket.socket, address: Any) -> T:
            if isinstance(address, tuple) and address:
                self._check(address[0])
            return real(link, address)

        return connected

    def _check(self, host: Any) -> None:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
        name = name.lower().rstrip(".")
        if any(name == known or name.endswith("." + known) for known in self._hosts):
            self.attempts.append(name)
            raise RealVendor(f"bodydouble keeps this test from reaching the real vendor at {name}")
