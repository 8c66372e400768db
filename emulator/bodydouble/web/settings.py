"""How a server was started: every option of `bodydouble serve`, as one value.

It holds and checks; it starts nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bodydouble.core.sandboxes import MEDIA

DEFAULT_PORT = 8750
DRAIN_S = 3

_OPTIONS = (
    "host",
    "port",
    "store",
    "speed",
    "frozen",
    "seed",
    "balance",
    "scenario",
    "only",
    "quirk",
    "strict-keys",
    "fetch-inputs",
    "control-token",
    "webhook-allow",
    "replay",
    "media",
    "media-dir",
    "public-url",
    "cors-origin",
    "trusted-proxy",
    "idle",
    "hints",
    "log-format",
    "drain",
    "metrics",
    "traces",
)


def variable(option: str) -> str:
    """The environment variable that sets an option: ``BODYDOUBLE_STRICT_KEYS``."""
    return f"BODYDOUBLE_{option.upper().replace('-', '_')}"


_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9])?")

LOG_FORMATS = ("none", "text", "json")
VARIABLES = {name: variable(name) for name in _OPTIONS}


class BadSetting(ValueError):
    """An option that cannot be what it says; the text names it and says what would do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What new sandboxes start with, and how the server behaves.

    ``seed`` None: each sandbox draws one and the server prints its own. ``only`` mounts one vendor
    at the root. ``balances`` are opening amounts in the vendor's own money, by provider or for
    all (``""``). A sandbox nobody asked anything for ``idle_s`` real seconds is forgotten; 0 is
    never, None an hour in memory and never in a store that outlives the server.
    ``media`` is how films are made, one of `core.sandboxes.MEDIA`.
    ``webhook_allow`` are host names, addresses and CIDR ranges that webhooks may reach besides
    public https ones and this machine; an attempt takes at most ``webhook_timeout_s`` real seconds.
    ``cors_origins`` are the origins, besides this machine's, whose web pages may read; ``*``: all.
    ``metrics`` are kept for Prometheus, ``traces`` is where spans are sent.
    A server that is told to stop gives what is under way ``drain_s`` seconds.
    ``trusted_proxies`` are addresses and ranges, besides loopback, whose forwarding headers count.
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
    media: str = MEDIA[0]
    media_dir: Path | None = None
    media_bytes_max: int = 512 * 1024 * 1024
    control_token: str | None = None
    webhook_allow: tuple[str, ...] = ()
    webhook_timeout_s: float = 10.0
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    sandboxes_max: int = 10_000
    idle_s: float | None = None
    hints: bool = False
    log_format: str = "none"
    drain_s: int = DRAIN_S
    metrics: bool = False
    traces: str | None = None
    public_url: str | None = None
    replay: Path | None = None

    @property
    def idle_limit_s(self) -> float:
        """After how many idle real seconds a sandbox is forgotten; 0 is never."""
        if self.idle_s is not None:
            return self.idle_s
        return 3600.0 if self.store.startswith("memory") else 0.0


def is_file(scenario: str) -> bool:
    """Whether a scenario is told by a file's path, and not by name."""
    return "/" in scenario or scenario.endswith((".yaml", ".yml", ".json"))


def read_settings(words: Mapping[str, str]) -> Settings:
    """Settings from words by option name, as typed or as read from `VARIABLES`; empty is default.

    Raises `BadSetting`.
    """
    given = {name: word for name, word in words.items() if word != ""}
    unknown = sorted(set(given) - set(VARIABLES))
    if unknown:
        raise BadSetting(f"there is no option --{unknown[0]}")
    return Settings(
        host=given.get("host", "127.0.0.1"),
        port=_number(given, "port", DEFAULT_PORT, int, bounds=(0, 65_535)),
        store=given.get("store", "memory:"),
        seed=_number(given, "seed", None, int, bounds=(0, 2**63 - 1)),
        speed=_number(given, "speed", 1.0, float, bounds=(0.001, 1_000_000)),
        frozen=_switch(given, "frozen"),
        balances=read_balances(given.get("balance", "")),
        scenario=given.get("scenario", "normal"),
        quirks=read_quirks(given.get("quirk", "")),
        only=given.get("only"),
        strict_keys=_switch(given, "strict-keys"),
        fetch_inputs=_switch(given, "fetch-inputs"),
        media=_choice(given, "media", MEDIA),
        media_dir=Path(given["media-dir"]) if "media-dir" in given else None,
        control_token=given.get("control-token"),
        webhook_allow=tuple(map(_target, _listed(given.get("webhook-allow", "")))),
        public_url=_origin(given["public-url"]) if "public-url" in given else None,
        cors_origins=tuple(map(_page, _listed(given.get("cors-origin", "")))),
        trusted_proxies=tuple(map(_network, _listed(given.get("trusted-proxy", "")))),
        replay=Path(given["replay"]) if "replay" in given else None,
        idle_s=_number(given, "idle", None, float, bounds=(0, 1_000_000_000)),
        hints=_switch(given, "hints"),
        log_format=_choice(given, "log-format", LOG_FORMATS),
        drain_s=_number(given, "drain", DRAIN_S, int, bounds=(0, 3600)),
        metrics=_switch(given, "metrics"),
        traces=_collector(given["traces"]) if "traces" in given else None,
    )


def _choice(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """The first of the choices where nothing was said."""
    word = given.get(name, choices[0])
    if word not in choices:
        raise BadSetting(f"--{name} is one of {', '.join(choices)}, not {word!r}")
    return word


def _number(
    given: Mapping[str, str], name: str, default: Any, kind: type, *, bounds: tuple[float, float]
) -> Any:
    if name not in given:
        return default
    try:
        value = kind(given[name])
    except ValueError:
        raise BadSetting(f"--{name} is a number, not {given[name]!r}") from None
    low, high = bounds
    if not low <= value <= high:
        raise BadSetting(f"--{name} lies between {low} and {high}, and {value} does not")
    return value


def _switch(given: Mapping[str, str], name: str) -> bool:
    word = given.get(name, "false").lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise BadSetting(f"--{name} is on or off, not {word!r}")


def read_balances(text: str) -> dict[str, str]:
    """``15.0000``, which goes under the empty name for all, or ``<vendor>=15.0000,…``."""
    return dict(_pair(part) if "=" in part else ("", part) for part in _listed(text))


def read_quirks(text: str) -> dict[str, Any]:
    """``name=value,name=value``. Raises `BadSetting`."""
    parts = _listed(text)
    for part in parts:
        if "=" not in part:
            raise BadSetting(f"--quirk takes name=value, not {part!r}")
    return {name: _value(value) for name, value in map(_pair, parts)}


def _listed(text: str) -> list[str]:
    return [part for piece in text.split(",") if (part := piece.strip())]


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip(), value.strip()


def _target(text: str) -> str:
    """A host name, an address or a range as `core.addresses` compares it."""
    try:
        if "/" in text or ":" in text:
            ip_network(text, strict=False)
        elif not _HOST.fullmatch(text):
            raise ValueError
    except ValueError:
        raise BadSetting(
            "--webhook-allow takes host names, addresses and ranges such as 10.0.0.0/8, "
            f"without scheme and port, and {text!r} is none of these"
        ) from None
    return text.lower()


def _network(text: str) -> str:
    """An address or a range."""
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise BadSetting(
            f"--trusted-proxy takes addresses and ranges such as 10.0.0.0/8, and {text!r} is none"
        ) from None


def _page(text: str) -> str:
    """An origin as browsers write it, or ``*``."""
    if text in ("*", "null"):
        return text
    try:
        parts = urlsplit(text.lower())
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError
        port = "" if parts.port in (None, usual) else f":{parts.port}"
    except ValueError:
        raise BadSetting(
            "--cors-origin takes what browsers call a page's origin, as https://app.test:3000, or "
            f"* for every page, and {text!r} is neither"
        ) from None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _origin(text: str) -> str:
    if not _is_address(text) or "?" in text or "#" in text:
        raise BadSetting(
            f"--public-url is what clients call this server, as https://video.test, not {text!r}"
        )
    return text.rstrip("/")


def _collector(text: str) -> str:
    """Where spans are sent; OTLP's usual path where none is named."""
    if not _is_address(text) or urlsplit(text).username is not None:
        raise BadSetting(
            "--traces is where a collector takes OTLP over HTTP, as http://localhost:4318; what it "
            "wants to know of you goes into OTEL_EXPORTER_OTLP_HEADERS"
        )
    return text if urlsplit(text).path.strip("/") else f"{text.rstrip('/')}/v1/traces"


def _value(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    # No quirk is a fraction, but one is an amount, which is a text.
    return text if isinstance(value, float) else value
