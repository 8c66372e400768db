"""What must not be read in the server's log: everything that opens or signs something.

A traceback repeats what it met: a client's key in a prompt, a receiver's secret, a password in an
address. Whoever writes one down has it pass here first. How a value is taken out is
`core.evidence.masking`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from traceback import format_exception
from urllib.parse import parse_qs, unquote, urlsplit

from bodydouble.core.evidence.masking import hidden
from bodydouble.core.money.ledger import Account
from bodydouble.core.webhooks import Webhook
from bodydouble.web.keys.registry import Registry
from bodydouble.web.settings import Settings

WORD = re.compile(r"[A-Za-z0-9_.:-]{12,512}")
UNTOLD = "what it says is left out, as what is secret in it cannot be read from the store"


def own_secrets(settings: Settings) -> tuple[str, ...]:
    """The server's own: the control plane's token, and what opens its store."""
    parts = urlsplit(settings.store)
    found = [settings.control_token or ""]
    if "//" in settings.store:
        # As Redis' client has it: before the host or, with a socket's path, as a parameter.
        raw = parts.netloc.rpartition("@")[0].partition(":")[2]
        found += [raw, unquote(raw), *parse_qs(parts.query).get("password", ())]
    return tuple(dict.fromkeys(filter(None, found)))


async def traceback_of(
    error: BaseException, registry: Registry, sandbox: str = "", also: Iterable[str] = ()
) -> str:
    """The traceback as it may be logged; ``sandbox`` is where it happened, ``also`` is hidden."""
    text = "".join(format_exception(error)).rstrip()
    away: tuple[type[Exception], ...] = (TimeoutError, *registry.store.failures)
    try:
        known = {*also, *own_secrets(registry.settings), *await _secrets_of(registry, sandbox)}
        for word in set(WORD.findall(text)):
            if await registry.is_key(word, sandbox):
                known.add(word)
    except away:
        return f"{type(error).__name__}: {UNTOLD}"
    masked: str = hidden(text, sorted(known, key=len, reverse=True))
    return masked


async def _secrets_of(registry: Registry, sandbox: str) -> set[str]:
    """What deliveries of a sandbox are signed with."""
    if not sandbox:
        return set()
    found = {key.callback_secret for key in await registry.store.keys(sandbox)}
    async with registry.store.transaction(sandbox) as tx:
        for account in await tx.list(Account):
            found |= {one.secret for one in await tx.list(Webhook, account.id)}
    return found
