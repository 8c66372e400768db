"""Users and their `sk-` keys, and the check of a key that stands before most routes.

Money is integer quota, 500,000 to the USD, held twice: by the user and by the key. It refuses to
know what a key is used for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.contracts.third_party.gateway.replies import Asked, Json, Refused, gate_error

NEVER = -1


@dataclass
class User:
    """Somebody with an account. `login` is the token of the dashboard, which is no `sk-` key."""

    id: int
    name: str
    quota: int
    admin: bool = False
    banned: bool = False
    language: str = ""
    logs: list[Json] = field(default_factory=list)

    @property
    def login(self) -> str:
        """The token of the dashboard."""
        return f"dashboard-{self.name}"


@dataclass
class Key:
    """One key, without its `sk-`. `left` goes below zero where the key is `unlimited`; `models`
    and `addresses` are limits where they are not None; `expires` is in seconds, or never."""

    name: str
    user: User
    left: int
    used: int = 0
    unlimited: bool = False
    enabled: bool = True
    expires: float = NEVER
    models: frozenset[str] | None = None
    addresses: frozenset[str] | None = None

    def expired(self, at: float) -> bool:
        """Whether its time is over."""
        return self.expires != NEVER and self.expires < at

    def alive(self, at: float) -> bool:
        """Whether the gate takes it: an exhausted key is no key there."""
        return self.enabled and not self.expired(at) and (self.unlimited or self.left > 0)


def opened(keys: Mapping[str, tuple[str, int]]) -> dict[str, Key]:
    """Return keys from `{name: (user, quota)}`; each quota is the key's and the user's own."""
    users: dict[str, User] = {}
    made = {}
    for name, (user, quota) in keys.items():
        owner = users.setdefault(user, User(len(users) + 1, user, quota))
        made[name] = Key(name, owner, quota)
    return made


def given(asked: Asked) -> str:
    """Return what a request shows as its key, without scheme and `sk-`, with its suffix.

    Only `Bearer ` and `bearer ` are cut off. The query and Google's header are read for one model
    and for Google's list, and not for the list at `/v1/models`.
    """
    text = asked.header("authorization")
    if asked.path.startswith(("/v1/models/", "/v1beta/models")):
        text = asked.request.query_params.get("key") or asked.header("x-goog-api-key") or text
    for scheme in ("Bearer ", "bearer "):
        if text.startswith(scheme):
            text = text.removeprefix(scheme)
            break
    return text.strip().removeprefix("sk-")


def who(asked: Asked, keys: Mapping[str, Key]) -> Key:
    """Return the key of a request. Refuses in this order: a key that is none, an address it is
    not for, a user who is banned, a channel that only an administrator may name."""
    name, _, asked.pin = given(asked).partition("-")
    key = keys.get(name)
    if key is None or not key.alive(asked.at):
        raise gate_error(asked, 401, "Invalid token")
    asked.language = key.user.language
    if key.addresses is not None and asked.address not in key.addresses:
        raise gate_error(asked, 403, "您的 IP 不在令牌允许访问的列表中", "access_denied")
    if key.user.banned:
        raise gate_error(asked, 403, "User has been banned")
    if asked.pin and not key.user.admin:
        raise gate_error(asked, 403, "普通用户不支持指定渠道")
    return key


def may_use(asked: Asked, key: Key, model: str) -> Refused | None:
    """Return the refusal of a key that is limited to other models; no model is another, too."""
    if key.models is None or model in key.models:
        return None
    return gate_error(asked, 403, f"This token has no access to model {model}")
