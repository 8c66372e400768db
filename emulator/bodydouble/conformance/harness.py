"""A harness for one provider: its pipeline on a memory store, called one by one, time frozen.

It notices when a call was answered only because something crashed, which the pipeline otherwise
turns into the vendor's own 500, and says where in the provider that was.
"""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast

from bodydouble.conformance.exchanges import Example, constant_headers, shown
from bodydouble.core.account_view import AccountView
from bodydouble.core.chance import Draw
from bodydouble.core.errors import Cause, Refusal, Refused
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key
from bodydouble.core.money.ledger import Account
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.wire import Call, Reply
from bodydouble.data import PROVIDERS
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.stores.memory import MemoryStore
from bodydouble.web.app import Application
from bodydouble.web.settings import Settings

PLENTY = 10**9
_OURS = "bodydouble.providers"
_PARAMETER = re.compile(r"\{[^}]*\}")


def application(provider: Provider, crashes: list[Exception], **settings: Any) -> Application:
    """A server of this provider alone, time frozen; what crashes in it is kept in ``crashes``."""
    before = sys.exception()

    def refuse(refusal: Refusal, call: Call) -> Reply:
        error = sys.exception() if refusal.cause is Cause.INTERNAL else None
        if isinstance(error, Exception) and not isinstance(error, Refused) and error is not before:
            crashes.append(error)
        return provider.refuse(refusal, call)

    watched = replace(provider, refuse=refuse)
    return Application(
        Settings(frozen=True, seed=1, **settings), MemoryStore(), {provider.name: watched}
    )


def module_of(provider: Provider) -> str:
    """The module that an entry point names for the provider, else the one its refusals are in."""
    for point in entry_points(group=PROVIDERS, name=provider.name):
        return point.module
    return getattr(provider.refuse, "__module__", "")


def file_of(provider: Provider) -> str:
    """The provider's file, for people."""
    file = getattr(sys.modules.get(module_of(provider)), "__file__", None)
    return shown(Path(file)) if file else f"the provider {provider.name!r}"


def placed(error: BaseException, provider: Provider) -> str:
    """What went wrong, and the last place in the provider's own package that led there."""
    module = module_of(provider)
    home = _OURS if module.startswith(_OURS) else module.partition(".")[0]
    steps = list(traceback.walk_tb(error.__traceback__))
    own = [one for one in steps if f"{one[0].f_globals['__name__']}.".startswith(f"{home}.")]
    text = f"{type(error).__name__}: {error}"
    if not (own or steps):
        return text
    frame, line = (own or steps)[-1]
    return f"{text} ({shown(Path(frame.f_code.co_filename))}:{line})"


class ProviderHarness:
    """One sandbox of one provider; every harness starts with the same empty one.

    ``examples`` say which headers every call carries, and how much the wallet holds unless a
    ``balance`` is given. ``entered`` names the operations whose handlers were reached.
    """

    def __init__(
        self,
        provider: Provider,
        quirks: Mapping[str, Any] | None = None,
        *,
        examples: Sequence[Example] = (),
        balance: str = "",
    ) -> None:
        self.crashes: list[Exception] = []
        self.entered: set[str] = set()
        self.balance = balance or max((one.balance for one in examples), key=_amount, default="")
        operations = tuple(self._entering(one) for one in provider.operations)
        self.provider = replace(provider, operations=operations)
        self.app = application(
            self.provider,
            self.crashes,
            quirks=quirks or {},
            balances={"": self.balance} if self.balance else {},
        )
        name, scheme = credential_place(provider, secret := provider.mint_key(Draw(1, "key")))
        self.headers = {
            name: f"{scheme}{secret}",
            "host": "test",
            **provider.sample_headers(),
            **dict(constant_headers(examples)),
        }

    def _entering(self, operation: Operation) -> Operation:
        def handle(call: Call, view: AccountView) -> Awaitable[Reply]:
            self.entered.add(operation.name)
            return operation.handle(call, view)

        return replace(operation, handle=handle)

    async def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """The finished reply. AssertionError if only a crash was behind it."""
        given = {"content-type": "application/json", **self.headers, **(headers or {})}
        call = Call(
            method,
            path,
            query=query.encode(),
            headers=tuple((name.encode(), value.encode()) for name, value in given.items()),
            body=body,
            origin="http://test",
        )
        try:
            reply = await self.app.pipeline(self.provider.name).answer(call)
        except Exception as error:
            self.crashes.append(error)
        for crash in self.crashes:
            raise AssertionError(
                f"{method} {path:.80} with {headers or {}} and the body {body[:80]!r} crashed: "
                f"{placed(crash, self.provider)}"
            )
        return reply

    async def submit(self, example: Example) -> Reply:
        """Sends an example."""
        headers = {"content-type": example.kind} | {n.lower(): v for n, v in example.headers}
        method, path = example.method, example.path
        return await self.call(method, path, example.content, query=example.query, headers=headers)

    async def open(self, act: Callable[[OpenSandbox], Any]) -> Any:
        """What ``act`` makes of the sandbox, held open."""
        (id,) = await self.app.store.sandboxes()
        async with self.app.store.transaction(id) as tx:
            record = await tx.get(Sandbox, id)
            assert record is not None, "a sandbox has no record of itself"
            return await act(OpenSandbox(tx, record, self.app.providers, 0))

    async def jobs(self) -> list[Job]:
        """Every job there is, in the order they were accepted."""
        return cast(list[Job], await self.open(_jobs))

    async def account(self) -> Account | None:
        """The account behind the harness's key."""
        name = f"{self.provider.name}/main"
        return cast(Account | None, await self.open(lambda sandbox: sandbox.tx.get(Account, name)))


def _amount(balance: str) -> Decimal:
    return Decimal(balance or 0)


async def _jobs(sandbox: OpenSandbox) -> list[Job]:
    found: list[Job] = []
    for name in sandbox.providers:
        found += await sandbox.tx.list(Job, f"{name}/main")
    return found


def unlimited(provider: Provider) -> Provider:
    """The provider with windows that nobody fills, and no slots to wait for."""

    def windows(call: Call, key: Key, operation: Operation) -> Any:
        return tuple(replace(one, limit=PLENTY) for one in provider.windows(call, key, operation))

    return replace(provider, windows=windows, slots=lambda *given: None)


def filled_path(path: str, value: str) -> str:
    """The path of a route with ``value`` at every parameter."""
    return _PARAMETER.sub(lambda found: value, path)


def credential_place(provider: Provider, secret: str) -> tuple[str, str]:
    """The header in which ``provider`` looks for a key, and what stands before the key there."""
    own = (provider.key_header, provider.key_headers("k")[provider.key_header][:-1])
    for name, scheme in (own, ("x-api-key", ""), ("authorization", "")):
        headers = ((name.encode(), f"{scheme}{secret}".encode()),)
        try:
            if provider.credential(Call("GET", "/", headers=headers)) == secret:
                return name, scheme
        except Refused:
            continue
    raise AssertionError(
        f"the key is found neither in {provider.key_header} nor in Authorization nor in X-API-Key"
    )
