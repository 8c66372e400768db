"""Channels: which provider serves which model, by whose credential, and the kinds there are.

Kinds are numbers of the program's own. The models and prices of this file are placeholders; an
operator sets others. It refuses to know how a provider is spoken to.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

OPENAI, ALI, GOOGLE, KLING, JIMENG, DOUBAO, SORA = 1, 17, 24, 50, 51, 54, 55
SUB2API, NEW_API = 59, 60


@dataclass(frozen=True)
class Kind:
    """A kind of channel: the owner that the list of models names, and its endpoints."""

    owner: str
    endpoints: tuple[str, ...] = ("openai",)


_GOOGLES = Kind("google gemini", ("gemini", "openai"))
KINDS: Mapping[int, Kind] = {
    OPENAI: Kind("openai", ("openai-video",)),
    ALI: Kind("ali"),
    GOOGLE: _GOOGLES,
    KLING: Kind("kling"),
    JIMENG: Kind("jimeng"),
    DOUBAO: Kind("doubaovideo"),
    SORA: Kind("sora", ("openai-video",)),
    SUB2API: Kind("sub2api"),
    NEW_API: Kind("new api"),
}


@dataclass
class Channel:
    """One channel. `models` are names as asked with the provider's own; `pauses` is whether the
    poller rests for a second after each of its tasks (`disable_task_polling_sleep` unset)."""

    id: int
    kind: int
    base: str
    models: dict[str, str]
    access: str = "access-key"
    secret: str = "channel-secret"
    pauses: bool = True


@dataclass
class Catalogue:
    """The channels there are, and what a call of each model costs, in USD. `priced_at` is when a
    price last changed, in seconds."""

    channels: list[Channel]
    prices: dict[str, float]
    priced_at: float = field(default=0)

    def serving(self, model: str, pin: str = "") -> Channel | None:
        """Return the first channel that has a model, or the one that the key named."""
        if pin:
            return next((c for c in self.channels if str(c.id) == pin), None)
        return next((c for c in self.channels if model in c.models), None)

    def price(self, model: str, usd: float, at: float) -> None:
        """Set a price; the endpoints of all models are unknown for a while."""
        self.prices[model] = usd
        self.priced_at = at


def same(*models: str) -> dict[str, str]:
    """Return models that the provider knows by the name that is asked for."""
    return {m: m for m in models}


def everyday() -> Catalogue:
    """Return the channels of a gateway that is in use: the three kinds of the tables and Sora."""
    prices = {
        "kling-v2-5-turbo": 0.35, "kling-v2-1-master": 1.4, "kling-alias": 0.35,
        "veo_3_1-fast": 0.15, "seedance-1-pro": 0.5, "sora-2": 0.1, "openai-video": 0.1,
    }  # fmt: skip
    kling = {**same("kling-v2-5-turbo", "kling-v2-1-master"), "kling-alias": "kling-v2-5-turbo"}
    veo = {"veo_3_1-fast": "veo-3.1-fast-generate-preview"}
    return Catalogue(
        [
            Channel(1, KLING, "https://kling.example", kling),
            Channel(2, GOOGLE, "https://veo.example", veo),
            Channel(3, DOUBAO, "https://doubao.example", same("seedance-1-pro")),
            Channel(4, SORA, "https://sora.example", {"sora-2": "sora-2-2025-12-08"}),
            Channel(5, OPENAI, "https://openai.example", same("openai-video")),
        ],
        prices,
    )


def peculiar() -> Iterable[Channel]:
    """Return the channels that only a row of the sheet wants: kinds without video, kinds whose
    provider is not there, a model without a price."""
    return (
        Channel(6, NEW_API, "https://other.example", same("through-new-api")),
        Channel(7, SUB2API, "https://other.example", same("through-sub2api")),
        Channel(8, ALI, "https://closed.example", same("wan-video")),
        Channel(9, JIMENG, "https://closed.example", same("jimeng-video")),
        Channel(10, KLING, "https://closed.example", same("unreachable")),
        Channel(11, KLING, "https://kling.example", same("unpriced")),
    )


def signed(channel: Channel, at: float) -> str:
    """Return a JWT in HS256, good for half an hour and from five seconds ago."""
    claims = {"iss": channel.access, "exp": int(at) + 1800, "nbf": int(at) - 5}
    parts = [unpadded(json.dumps(p).encode()) for p in ({"alg": "HS256", "typ": "JWT"}, claims)]
    text = ".".join(parts)
    mac = hmac.new(channel.secret.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{unpadded(mac)}"


def unpadded(data: bytes) -> str:
    """Return base64 for URLs without its padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
