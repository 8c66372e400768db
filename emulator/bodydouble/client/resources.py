"""The control plane's resources as methods: one request per call, once for both clients.

How a request is sent, and whether its answer is awaited, is for the subclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeAlias, TypeVar
from urllib.parse import quote

_PAGE = 1_000

AnswerT = TypeVar("AnswerT")
Body: TypeAlias = Mapping[str, Any] | None


class Resources(Generic[AnswerT]):
    """Every resource of the control plane; how a request is sent is the subclass's.

    ``id`` is a sandbox's. Keyword arguments are the fields of the request's body, or of its query
    where something is only read. A list is the rows themselves, at most a thousand of them.
    """

    def ask(
        self, method: str, path: str, body: Body = None, query: Body = None, *, pick: str = ""
    ) -> AnswerT:
        """Sends one request under ``/_bodydouble``; its answer, or that answer's field ``pick``.

        ControlError where the answer is no 2xx. An empty answer is None.
        """
        raise TypeError("use Control or AsyncControl")

    def get(self, path: str, **query: Any) -> AnswerT:
        """What is at ``path``."""
        return self.ask("GET", path, query=query)

    def post(self, path: str, json: Body = None) -> AnswerT:
        """Adds to what is at ``path``."""
        return self.ask("POST", path, {} if json is None else json)

    def put(self, path: str, json: Body = None) -> AnswerT:
        """Replaces what is at ``path``."""
        return self.ask("PUT", path, {} if json is None else json)

    def patch(self, path: str, json: Body = None) -> AnswerT:
        """Changes what is at ``path``."""
        return self.ask("PATCH", path, {} if json is None else json)

    def delete(self, path: str) -> AnswerT:
        """Removes what is at ``path``."""
        return self.ask("DELETE", path)

    # The server --------------------------------------------------------------------------------

    def health(self) -> AnswerT:
        """``{status, version, sandboxes, sandboxes_max}``; an error while the store is away."""
        return self.get("/health")

    def live(self) -> AnswerT:
        """``{status}``: the process answers."""
        return self.get("/live")

    def ready(self) -> AnswerT:
        """``{status}``: the store answers, too; an error while it does not."""
        return self.get("/ready")

    def metrics(self) -> AnswerT:
        """What Prometheus reads, as text; an error unless the server was started with them."""
        return self.get("/metrics")

    def document(self) -> AnswerT:
        """The control plane's own OpenAPI document."""
        return self.get("/openapi.json")

    def providers(self) -> AnswerT:
        """Every vendor: where it is mounted, its operations, words, quirks and assumptions."""
        return self.ask("GET", "/providers", pick="providers")

    def report(self) -> AnswerT:
        """The judge's report that was handed in last."""
        return self.get("/report")

    def put_report(self, document: Mapping[str, Any]) -> AnswerT:
        """Hands in a report of the judge, to be read on the page."""
        return self.put("/report", document)

    # Sandboxes ---------------------------------------------------------------------------------

    def sandboxes(self, **page: int) -> AnswerT:
        """The sandboxes, without their keys."""
        return self._rows("/sandboxes", "sandboxes", page)

    def create_sandbox(self, **fields: Any) -> AnswerT:
        """A fresh sandbox; ``keys`` holds one secret per vendor, given here only."""
        return self.post("/sandboxes", fields)

    def sandbox(self, id: str) -> AnswerT:
        """One sandbox."""
        return self.get(_at(id))

    def delete_sandbox(self, id: str) -> AnswerT:
        """Forgets a sandbox whole."""
        return self.delete(_at(id))

    def fork(self, id: str, **fields: Any) -> AnswerT:
        """A copy that goes its own way from here, with keys of its own."""
        return self.post(_at(id, "forks"), fields)

    def keys(self, id: str, **page: int) -> AnswerT:
        """The keys that were made in it, masked, with their rights."""
        return self._rows(_at(id, "keys"), "keys", page)

    def add_key(self, id: str, **fields: Any) -> AnswerT:
        """One more key: ``provider``, and the account and rights it is to have."""
        return self.post(_at(id, "keys"), fields)

    def changes(self, id: str) -> AnswerT:
        """A mark for each topic (``jobs``, ``wallet``, …): another mark, another state."""
        return self.ask("GET", _at(id, "changes"), pick="changes")

    # Time and scenario -------------------------------------------------------------------------

    def clock(self, id: str) -> AnswerT:
        """``{now, now_us, rate}``."""
        return self.get(_at(id, "clock"))

    def move_clock(self, id: str, **change: Any) -> AnswerT:
        """One of ``advance_s``, ``advance``, ``to``, ``until``, ``rate``."""
        return self.patch(_at(id, "clock"), change)

    def schedule(self, id: str, **page: int) -> AnswerT:
        """What will happen by itself, soonest first: ``{at, kind, target}``."""
        return self._rows(_at(id, "schedule"), "due", page)

    def scenario(self, id: str) -> AnswerT:
        """The scenario in force."""
        return self.get(_at(id, "scenario"))

    def set_scenario(self, id: str, name: str, **fields: Any) -> AnswerT:
        """Puts a scenario in force; ``parameters`` and ``rules`` may go with it."""
        return self.put(_at(id, "scenario"), {"name": name, **fields})

    # Jobs and money ----------------------------------------------------------------------------

    def jobs(self, id: str, **filters: Any) -> AnswerT:
        """Jobs, newest first; filters are ``provider`` and ``state``."""
        return self._rows(_at(id, "jobs"), "jobs", filters)

    def job(self, id: str, job: str) -> AnswerT:
        """One job by any of its ids."""
        return self.get(_at(id, "jobs", job))

    def change_job(self, id: str, job: str, **change: Any) -> AnswerT:
        """One of ``finish=True``, ``fail="moderated"``, ``stall=True``, ``cancel=True``."""
        return self.patch(_at(id, "jobs", job), change)

    def accounts(self, id: str, **page: int) -> AnswerT:
        """The accounts that were used."""
        return self._rows(_at(id, "accounts"), "accounts", page)

    def account(self, id: str, account: str) -> AnswerT:
        """One account, ``vendor/name``."""
        return self.get(_at(id, "accounts", account))

    def entries(self, id: str, account: str, **page: Any) -> AnswerT:
        """One account's ledger, oldest first; with ``job``, what of it is of that job."""
        return self._rows(_at(id, "accounts", account, "entries"), "entries", page)

    def top_up(self, id: str, account: str, amount: str, **fields: Any) -> AnswerT:
        """Puts money in; the account as it then is."""
        return self.post(_at(id, "accounts", account, "top-ups"), {"amount": amount, **fields})

    def set_balance(self, id: str, account: str, amount: str) -> AnswerT:
        """Makes the balance ``amount``."""
        return self.put(_at(id, "accounts", account, "balance"), {"amount": amount})

    # Trouble -----------------------------------------------------------------------------------

    def faults(self, id: str, **page: int) -> AnswerT:
        """The faults, with how often they were injected."""
        return self._rows(_at(id, "faults"), "faults", page)

    def add_fault(self, id: str, **fields: Any) -> AnswerT:
        """Arms a fault: ``point``, ``kind`` and what that kind needs, ``times``, ``match``."""
        return self.post(_at(id, "faults"), fields)

    def fault(self, id: str, fault: str) -> AnswerT:
        """One fault."""
        return self.get(_at(id, "faults", fault))

    def remove_fault(self, id: str, fault: str) -> AnswerT:
        """Removes one fault."""
        return self.delete(_at(id, "faults", fault))

    def clear_faults(self, id: str) -> AnswerT:
        """Removes every fault."""
        return self.delete(_at(id, "faults"))

    # Requests and deliveries ------------------------------------------------------------------

    def requests(self, id: str, **filters: Any) -> AnswerT:
        """The request log, with the decision each request met."""
        return self._rows(_at(id, "requests"), "requests", filters)

    def request(self, id: str, request: str) -> AnswerT:
        """One exchange by its serial."""
        return self.get(_at(id, "requests", request))

    def verify(self, id: str, **wanted: Any) -> AnswerT:
        """Whether something was called as often as it should have been: ``{ok, matched, …}``."""
        return self.post(_at(id, "requests/verify"), wanted)

    def har(self, id: str, **filters: Any) -> AnswerT:
        """The request log as HTTP Archive 1.2."""
        return self.get(_at(id, "requests.har"), **filters)

    def curl(self, id: str, request: str) -> AnswerT:
        """One exchange's request as a command for a shell."""
        return self.ask("GET", _at(id, "requests", request, "curl"), pick="curl")

    def request_test(self, id: str, request: str) -> AnswerT:
        """One exchange's request as a pytest test."""
        return self.ask("GET", _at(id, "requests", request, "test"), pick="test")

    def request_rule(self, id: str, request: str) -> AnswerT:
        """A ``fault`` and a ``rule`` that end the next such request the same way."""
        return self.get(_at(id, "requests", request, "rule"))

    def webhooks(self, id: str, **page: int) -> AnswerT:
        """Where events are sent: subscriptions, and addresses that jobs and keys brought."""
        return self._rows(_at(id, "webhooks"), "webhooks", page)

    def deliveries(self, id: str, **filters: Any) -> AnswerT:
        """Webhook deliveries with their attempts and outcomes."""
        return self._rows(_at(id, "deliveries"), "deliveries", filters)

    def delivery(self, id: str, delivery: str) -> AnswerT:
        """One delivery."""
        return self.get(_at(id, "deliveries", delivery))

    def retry_delivery(self, id: str, delivery: str) -> AnswerT:
        """Sends a delivery again, now."""
        return self.post(_at(id, "deliveries", delivery, "retry"))

    def lint(self, id: str, **query: Any) -> AnswerT:
        """What the real vendor would not have forgiven: the findings."""
        return self.ask("GET", _at(id, "lint"), query=query, pick="findings")

    def receipt(self, id: str) -> AnswerT:
        """What the sandbox's jobs cost by vendor, and which of them nobody fetched."""
        return self.get(_at(id, "receipt"))

    # Copies ------------------------------------------------------------------------------------

    def snapshots(self, id: str, **page: int) -> AnswerT:
        """The saved states."""
        return self._rows(_at(id, "snapshots"), "snapshots", page)

    def save_snapshot(self, id: str, **fields: Any) -> AnswerT:
        """Saves the sandbox as it is."""
        return self.post(_at(id, "snapshots"), fields)

    def differences(self, id: str, snapshot: str, **query: str) -> AnswerT:
        """What a snapshot and another (``to``), or now, differ in: ``{differences, …}``."""
        return self.get(_at(id, "snapshots", snapshot, "differences"), **query)

    def restore_snapshot(self, id: str, snapshot: str) -> AnswerT:
        """Makes the sandbox what it was when the snapshot was saved."""
        return self.put(_at(id, "snapshots", snapshot, "restore"))

    def delete_snapshot(self, id: str, snapshot: str) -> AnswerT:
        """Forgets a snapshot."""
        return self.delete(_at(id, "snapshots", snapshot))

    def export(self, id: str, **query: str) -> AnswerT:
        """Everything the sandbox holds, as one document; its secrets with ``secrets="kept"``."""
        return self.get(_at(id, "export"), **query)

    def import_sandbox(self, document: Mapping[str, Any]) -> AnswerT:
        """A new sandbox that is what was exported."""
        return self.post("/sandboxes/import", document)

    def _rows(self, path: str, pick: str, query: Mapping[str, Any]) -> AnswerT:
        return self.ask("GET", path, query={"limit": _PAGE, **query}, pick=pick)


def _at(id: str, *rest: str) -> str:
    return "/sandboxes/" + "/".join(quote(part, safe="/:~") for part in (id, *rest))
