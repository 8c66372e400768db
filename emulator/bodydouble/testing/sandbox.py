"""One sandbox as a test holds it: its vendors, its clock, its faults and its requests.

It blocks; `async_sandbox` has the one that is awaited. It forgets the sandbox when its block ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from bodydouble.client import ControlError, Resources
from bodydouble.testing.controls import Accounts, Clock, Faults, Jobs
from bodydouble.testing.inbox import Inbox
from bodydouble.testing.request_log import Requests, transcript
from bodydouble.testing.spending import Spend, spend_of
from bodydouble.testing.vendor import Server, Vendor

if TYPE_CHECKING:
    import httpx

    from bodydouble.client import Control
    from bodydouble.web.app import Application

AnswerT = TypeVar("AnswerT")


class Handle(Generic[AnswerT]):
    """What both kinds of handle share; ``created`` is the answer that made the sandbox."""

    def __init__(
        self, control: Resources[AnswerT], app: Application, created: dict[str, Any]
    ) -> None:
        self.control = control
        self._app = app
        self.id: str = created["id"]
        self.seed: int = created["seed"]
        self.keys: dict[str, str] = created["keys"]
        self.clock = Clock(control, self.id)
        self.faults = Faults(control, self.id)
        self.jobs = Jobs(control, self.id)
        self.accounts = Accounts(control, self.id)

    def vendor(self, name: str) -> Vendor:
        """A vendor by name. KeyError if none is called so."""
        raise TypeError("use Sandbox or AsyncSandbox")

    def __getattr__(self, name: str) -> Vendor:
        """Every vendor that is served here, by name: ``bodydouble.NAME`` is ``vendor("NAME")``.

        A dash in a vendor's name is an underscore. AttributeError if none is called so.
        """
        known = {key.replace("-", "_"): key for key in self.__dict__.get("keys", ())}
        if name not in known:
            raise AttributeError(f"no vendor is called {name!r}: there are {', '.join(known)}")
        return self.vendor(known[name])

    @property
    def env(self) -> dict[str, str]:
        """Every vendor's environment variables: see `Vendor.env`."""
        vendors = [self.vendor(name) for name in self.keys]
        return {name: value for vendor in vendors for name, value in vendor.env.items()}

    @property
    def receivers(self) -> dict[str, httpx.AsyncBaseTransport]:
        """Programs of this process that receive webhooks by the name of a host."""
        return self._app.scheduler.dispatcher.transport.receivers

    def set_scenario(self, name: str, **fields: Any) -> AnswerT:
        """Puts a scenario in force for the jobs accepted from now on."""
        return self.control.set_scenario(self.id, name, **fields)

    def save(self, name: str = "") -> AnswerT:
        """Keeps everything as it is now; the answer's ``id`` is what `restore` takes."""
        return self.control.save_snapshot(self.id, name=name)

    def restore(self, snapshot: str) -> AnswerT:
        """Makes everything what it was then, keys apart."""
        return self.control.restore_snapshot(self.id, snapshot)

    def add_key(self, vendor: str, **fields: Any) -> AnswerT:
        """One more key; fields are ``account``, ``scopes``, ``spending_limit``, ``revoked``, …"""
        return self.control.add_key(self.id, provider=vendor, **fields)


def complain(found: list[dict[str, Any]]) -> None:
    """AssertionError that names each finding, its rule and its page; nothing without any."""
    __tracebackhide__ = True
    if found:
        lines = [f"{one['rule']}: {one['problem']} [{one['source']}]" for one in found]
        raise AssertionError("client lint\n  " + "\n  ".join(lines))


class SandboxServer(Server, Protocol):
    """What a `Sandbox` needs of its `Emulator`."""

    @property
    def app(self) -> Application: ...
    @property
    def control(self) -> Control: ...
    @property
    def url(self) -> str: ...
    @property
    def transport(self) -> httpx.BaseTransport: ...

    def self_opened(self) -> frozenset[str]: ...


class Sandbox(Handle[Any]):
    """A sandbox of an `Emulator`; what the fixture ``bodydouble`` gives."""

    def __init__(self, emulator: SandboxServer, created: dict[str, Any]) -> None:
        super().__init__(emulator.control, emulator.app, created)
        self.emulator = emulator
        self.requests = Requests(emulator.control, self.id)
        self._known = emulator.self_opened()
        self._forks: list[Sandbox] = []
        self._before = Spend()

    @cached_property
    def webhooks(self) -> Inbox:
        """An inbox for this sandbox's webhooks."""
        return Inbox(self)

    def vendor(self, name: str) -> Vendor:
        """See `Handle.vendor`."""
        server = self.emulator
        return Vendor(server.app.providers[name], self.keys[name], server, lambda: server.url)

    @property
    def spend(self) -> Spend:
        """What this sandbox would have cost, by vendor; a fork's begins when it was forked."""
        return spend_of(self.control.receipt(self.id)["vendors"]).since(self._before)

    @property
    def spend_in_all(self) -> Spend:
        """The same with all its forks."""
        total = self.spend
        for fork in self._forks:
            for bill in fork.spend_in_all.values():
                total.add(bill)
        return total

    @property
    def forked(self) -> bool:
        """Whether there are forks of it."""
        return bool(self._forks)

    @property
    def orphans(self) -> list[dict[str, Any]]:
        """Jobs that were charged and neither fetched after their end nor cancelled."""
        left: list[dict[str, Any]] = self.control.receipt(self.id)["orphans"]
        return left

    def findings(self, *, waive: Iterable[str] = ()) -> list[dict[str, Any]]:
        """What the real vendor would not have forgiven, here or under a key nobody issued."""
        ids = [self.id, *self._self_opened()]
        query = {"waive": ",".join(waive)}
        return [finding for id in ids for finding in self.control.lint(id, **query)]

    def lint(self, *, waive: Iterable[str] = ()) -> None:
        """That the client behaved; AssertionError names each finding, its rule and its page.

        ``waive`` names rules that are let off.
        """
        __tracebackhide__ = True
        complain(self.findings(waive=waive))

    def _self_opened(self) -> list[str]:
        return sorted(self.emulator.self_opened() - self._known)

    def forget_self_opened(self) -> None:
        """Forgets what keys that nobody issued have opened since this sandbox was made."""
        for id in self._self_opened():
            self.control.delete_sandbox(id)

    def transcript(self) -> str:
        """Requests, jobs and ledger, for people."""
        return transcript(self.control, self.id, self.seed)

    def fork(self, **fields: Any) -> Sandbox:
        """A copy with keys of its own, which goes its own way from here and ends with this one."""
        fork = Sandbox(self.emulator, self.control.fork(self.id, **fields))
        fork._before = spend_of(self.control.receipt(fork.id)["vendors"])
        self._forks.append(fork)
        return fork

    def close(self) -> None:
        """Forgets the sandbox and its forks; doing so twice is fine."""
        if "webhooks" in self.__dict__:
            self.webhooks.close()
        for fork in self._forks:
            fork.close()
        try:
            self.control.delete_sandbox(self.id)
        except ControlError as error:
            if error.status != 404:
                raise

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
