"""Money: what an order takes and a refusal gives back, and the routes that tell of it.

All numbers are quota, 500,000 to the USD; the billing routes say USD and cents. It refuses to know
tasks.
"""

from __future__ import annotations

import gzip
import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import Response

from tests.contracts.third_party.gateway.accounts import Key, given, who
from tests.contracts.third_party.gateway.replies import (
    Asked,
    Json,
    Refused,
    dashboard_error,
    flat_error,
    reply,
    task_error,
)

if TYPE_CHECKING:
    from tests.contracts.third_party.gateway.program import Gateway

QUOTA_PER_USD = 500_000
UNLIMITED_USD = 100_000_000
LIMIT, WINDOW_S = 20, 1200


@dataclass
class Limiter:
    """The critical limiter: so many requests in twenty minutes for each address, whatever the
    route. The request after them gets an empty 429."""

    limit: int = LIMIT
    seen: dict[str, deque[float]] = field(default_factory=dict)

    def count(self, asked: Asked) -> None:
        """Count a request. Refuses one too many."""
        times = self.seen.setdefault(asked.address, deque())
        while times and asked.at - times[0] >= WINDOW_S:
            times.popleft()
        if len(times) >= self.limit:
            raise Refused(429, None, {"Retry-After": str(WINDOW_S)})
        times.append(asked.at)


def cost_of(usd: float, ratios: dict[str, float]) -> int:
    """Return the price of one call, in quota."""
    return int(usd * QUOTA_PER_USD * math.prod(ratios.values()))


def charge(key: Key, cost: int) -> None:
    """Take a price from the user and from the key, both before the provider is asked."""
    held = key.user.quota
    if held <= 0:
        said = f"用户额度不足, 剩余额度: {usd(held)}"
        raise task_error(403, "insufficient_user_quota", said)
    if held < cost:
        said = f"预扣费额度失败, 用户剩余额度: {usd(held)}, 需要预扣费额度: {usd(cost)}"
        raise task_error(403, "insufficient_user_quota", said)
    if not key.unlimited and key.left < cost:
        left = f"token remain quota: {usd(key.left)}, need quota: {usd(cost)}"
        said = f"token quota is not enough, {left}"
        raise task_error(403, "pre_consume_token_quota_failed", said)
    move(key, cost)


def move(key: Key, cost: int) -> None:
    """Take a number from both, or give it back where it is negative."""
    key.user.quota -= cost
    key.left, key.used = key.left - cost, key.used + cost


def usd(quota: int) -> str:
    """Write quota as the refusals do."""
    return f"＄{quota / QUOTA_PER_USD:.6f}"


def number(value: float) -> float:
    """Return a number as the program writes it: a whole one without a point."""
    return int(value) if value == int(value) else value


def usage(gateway: Gateway, asked: Asked) -> Response:
    """What a key has left. It does not care whether the key is exhausted or expired."""
    gateway.limiter.count(asked)
    if not asked.header("authorization"):
        raise flat_error(401, "Token not provided")
    key = gateway.keys.get(given(asked).partition("-")[0])
    if key is None:
        raise flat_error(401, "Invalid token")
    if not key.enabled:
        raise flat_error(401, "This token status is unavailable")
    limits = dict.fromkeys(sorted(key.models or ()), True)
    data = {
        "expires_at": 0 if key.expires < 0 else int(key.expires), "model_limits": limits,
        "model_limits_enabled": key.models is not None, "name": key.name, "object": "token_usage",
        "total_available": key.left, "total_granted": key.left + key.used, "total_used": key.used,
        "unlimited_quota": key.unlimited,
    }  # fmt: skip
    return reply({"code": True, "data": data, "message": "ok"})


def subscription(gateway: Gateway, asked: Asked) -> Response:
    """The whole of a key's quota, spent or not, in USD."""
    key = who(asked, gateway.keys)
    told = UNLIMITED_USD if key.unlimited else number((key.left + key.used) / QUOTA_PER_USD)
    body = {
        "object": "billing_subscription", "has_payment_method": True, "soft_limit_usd": told,
        "hard_limit_usd": told, "system_hard_limit_usd": told, "access_until": 0,
    }  # fmt: skip
    return squeezed(asked, reply(body))


def total_usage(gateway: Gateway, asked: Asked) -> Response:
    """What a key has spent, in cents, whatever dates the query names."""
    key = who(asked, gateway.keys)
    cents = number(100 * key.used / QUOTA_PER_USD)
    return squeezed(asked, reply({"object": "list", "total_usage": cents}))


def squeezed(asked: Asked, answer: Response) -> Response:
    """Compress a reply for whoever takes gzip."""
    if "gzip" not in asked.header("accept-encoding"):
        return answer
    headers = {
        "Content-Type": answer.headers["content-type"],
        "Content-Encoding": "gzip",
        "Vary": "Accept-Encoding",
    }
    return Response(gzip.compress(bytes(answer.body)), answer.status_code, headers)


def key_log(gateway: Gateway, asked: Asked) -> Response:
    """What was consumed and refunded by the user of an `sk-` key, newest first."""
    key = who(asked, gateway.keys)
    lines = [line for line in key.user.logs if line["token_name"] == key.name]
    return reply({"data": lines[::-1], "message": "", "success": True})


def logged_in(gateway: Gateway, asked: Asked) -> Json:
    """Return the user of a dashboard's token. Refuses `sk-` keys and none alike."""
    told = asked.header("authorization")
    users = {k.user.login: k.user for k in gateway.keys.values()}
    if told not in users:
        raise dashboard_error()
    return users[told]


def myself(gateway: Gateway, asked: Asked) -> Response:
    """A user, for the dashboard."""
    user = logged_in(gateway, asked)
    data = {"id": user.id, "username": user.name, "group": "default", "quota": user.quota}
    return reply({"data": data, "message": "", "success": True})


def login(gateway: Gateway, asked: Asked) -> Response:
    """Log nobody in: there are no passwords here, but the limiter is shared."""
    gateway.limiter.count(asked)
    return reply({"message": "Invalid username or password", "success": False})


def open_to_all(gateway: Gateway, asked: Asked) -> Response:
    """The program's state and its prices, for whoever asks; what is in them is nobody's row."""
    return reply({"data": {}, "message": "", "success": True})
