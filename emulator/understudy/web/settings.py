"""How a server was started: every option of `understudy serve`, as one value.

It holds and checks; it starts nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DEFAULT_PORT = 8750


@dataclass(frozen=True, slots=True)
class Settings:
    """What new sandboxes start with, and how the server behaves.

    ``seed`` None: each sandbox draws one and the server prints its own. ``only`` mounts one vendor
    at the root. ``balances`` are opening amounts in the vendor's own money, by provider or for
    all (``""``). A sandbox nobody asked anything for ``idle_s`` real seconds is forgotten.
    ``webhook_allow`` are host names, addresses and CIDR ranges that webhooks may reach besides
    public https ones and this machine; an attempt takes at most ``webhook_timeout_s`` real seconds.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    store: str = "memory:"
    seed: int | None = None
    speed: float = 1.0
    frozen: bool = False
    balances: Mapping[str, str] = field(default_factory=dict)
    scenario: str = "normal"
    quirks: Mapping[str, Any] = field(default_factory=dict)
    only: str | None = None
    strict_keys: bool = False
    fetch_inputs: bool = False
    media_dir: Path | None = None
    media_bytes_max: int = 512 * 1024 * 1024
    control_token: str | None = None
    webhook_allow: tuple[str, ...] = ()
    webhook_timeout_s: float = 10.0
    sandboxes_max: int = 10_000
    idle_s: float = 3600.0
    public_url: str | None = None
