"""What a vendor is to the core: routes, replies, prices, data; and the account view it is given.

A provider never keeps a job, a balance or a clock: it reads a call, asks the account view, and
answers in its vendor's way. `testing.check_provider` is the conformance suite of this interface.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from re import Pattern
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.bodies import JSON_ONLY, Reads
from bodydouble.core.chance import Draw
from bodydouble.core.details import Detail, detail_of
from bodydouble.core.errors import Cause, Refusal
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import Decision, Window
from bodydouble.core.links import PLAIN_LINKS, LinkRules
from bodydouble.core.money.amounts import Currency
from bodydouble.core.reasons import Reason
from bodydouble.core.samples import Sample
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.slots import Slot, Slots
from bodydouble.core.standing import Standing
from bodydouble.core.webhooks import VendorWebhooks
from bodydouble.core.wire import Call, Reply

Handler = Callable[[Call, AccountView], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One route. ``open`` needs no key, ``idempotent`` honours repeats, ``billed`` charges.

    ``cancels`` says that a client stops a job with it, whatever the vendor calls that.
    """

    name: str
    method: str
    path: str
    handle: Handler
    scope: str = ""
    open: bool = False
    idempotent: bool = False
    billed: bool = False
    cancels: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Quirk:
    """A point on which public documents disagree, or a number one may want to turn.

    ``choices`` is empty where any value of the default's type will do. What it is about and who
    says so is in the vendor's `Standing`, under the same short name.
    """

    name: str
    default: Any
    choices: tuple[Any, ...] = ()

    @property
    def short(self) -> str:
        """The name without the vendor's."""
        return self.name.partition(".")[2]


def quirks(vendor: str, **values: Any) -> tuple[Quirk, ...]:
    """A vendor's quirks: a tuple is choices, the default first; anything else is a default."""
    return tuple(
        Quirk(f"{vendor}.{name}", value[0], value)
        if isinstance(value, tuple)
        else Quirk(f"{vendor}.{name}", value)
        for name, value in values.items()
    )


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of a vendor's catalogue, for people: what it takes and what it costs."""

    model: str
    makes: str
    takes: str
    price: str
    known: bool


@dataclass(frozen=True, slots=True)
class ClientRules:
    """What a vendor asks of its clients. ``pages`` are its pages by rule of `core.evidence.lint`.

    ``poll_s`` is the shortest documented pause between two polls of a job, None where no page says;
    ``deadline_s`` is when a client should have given a job up.
    """

    poll_s: float | None = None
    deadline_s: float = 1800.0
    pages: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RequiredHeader:
    """A header that every request must carry: ``name`` in lower case, ``values`` it may have.

    Without ``values`` any will do that is not empty.
    """

    name: str
    values: tuple[str, ...] = ()


GATES = ("key", "headers", "scope", "rate", "idempotency")


@dataclass(frozen=True, slots=True)
class Provider:
    """A vendor as data and plain functions. Every field without a default must be given."""

    name: str
    """The vendor as prefix, entry point and attribute: lower case, words joined by ``-``."""
    title: str
    """The vendor as people write it."""
    base_path: str
    """What the vendor's client expects behind the host, as ``/v1``; empty if nothing."""
    hosts: tuple[str, ...]
    """The vendor's own host names, by which it is found at the root."""
    currency: Currency
    """The unit of its wallet and prices."""
    starting_balance: tuple[tuple[str, int], ...]
    """Buckets in the order they are spent, each with its amount in the smallest unit."""
    pace: Pace
    """How long its jobs usually wait and run, in seconds."""
    operations: tuple[Operation, ...]
    """Its routes; at least one is ``billed``."""
    states: Mapping[State, str]
    """The vendor's word for each state of the core."""
    refuse: Callable[[Refusal, Call], Reply]
    """The reply that says a refusal; it must know every one of `causes`."""
    finish: Callable[[Reply, Call, tuple[Decision, ...]], tuple[tuple[str, str], ...]]
    """The headers that every reply carries, given what the rate limits decided."""
    credential: Callable[[Call], str]
    """The secret in a call. Refused: NO_KEY, MALFORMED_KEY."""
    key_shape: Pattern[str]
    """What a well-formed key looks like."""
    mint_key: Callable[[Draw], str]
    """A new key, from the draw alone."""
    request_id: Callable[[Draw, int], str]
    """The id of a request, from the draw and the instant in µs; empty if it has none."""
    windows: Callable[[Call, Key, Operation], tuple[Window, ...]]
    """The rate limits that apply to a call, given its key and operation."""
    refunds: Callable[[Mapping[str, Any], Job, State], bool]
    """Whether a job that failed or was canceled gives the money back.

    Given are the sandbox's quirks, the job as it ended (``reason`` and ``detail`` say why; a cancel
    has none) and the state that struck it in.
    """
    quirks: tuple[Quirk, ...]
    """Points on which documents disagree, or numbers one may turn; see `quirks()`."""
    models: Callable[[], Sequence[ModelRow]]
    """The catalogue for people."""
    idempotency_key: Callable[[Call], str | None] = lambda call: None
    """The key by which a call is repeated, or None."""
    idempotency_lifetime_us: int = 0
    """How long a repeated key gives the first answer, in µs."""
    links: LinkRules = PLAIN_LINKS
    """How long links to results work, and whether each read signs them anew."""
    test_key: Callable[[str], bool] = lambda secret: False
    """Whether a secret is of the kind that charges nothing."""
    gates: tuple[str, ...] = GATES
    """The gates a request passes, in order, of `GATES`; ``key`` comes first."""
    required_headers: tuple[RequiredHeader, ...] = ()
    """Headers without which every request is refused (cause HEADER)."""
    slots: Callable[[Mapping[str, Any], Submission], Slots | None] | None = None
    """Concurrency slots of a submission's group, given the quirks; None where none limit it."""
    awaiting_slot_state: str = ""
    """The vendor's word for a job that waits for a slot; empty: the word for QUEUED."""
    details: tuple[Detail, ...] = ()
    """Kinds of failure and refusal that the vendor tells apart within one reason or cause."""
    reads: Reads = JSON_ONLY
    """Media types and content codings of bodies that it reads."""
    forgets_deleted: bool = False
    """Whether a deleted job can no longer be found by its owner."""
    cors: bool = False
    """Whether browsers on other origins may read its replies."""
    shows_progress: bool = False
    """Whether its replies tell how far a job is."""
    webhooks: VendorWebhooks | None = None
    """Its webhooks: events, bodies, signatures, retries; None if it has none."""
    client_rules: ClientRules = ClientRules()
    """What it asks of its clients, with the pages that say so."""
    standing: Callable[[], Standing] = Standing
    """How well all this is known; read when somebody asks. See `providers.standing`."""
    sample: Sample | None = None
    """The job that a demonstration orders; None: the demo leaves the vendor out."""
    quirk_defaults: Mapping[str, Any] = field(init=False, repr=False)

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes that can come up, each of which ``refuse`` must have a reply for."""
        return tuple(c for c in Cause if c is not Cause.HEADER or self.required_headers)

    def state_word(self, job: Job) -> str:
        """What the vendor calls the state a job is in."""
        if job.slot is Slot.AWAITED and self.awaiting_slot_state:
            return self.awaiting_slot_state
        return self.states[job.state]

    def detail_name(self, of: Reason | Cause, asked: str = "") -> str:
        """The detail that is meant: the one asked for if the vendor knows it, else the first."""
        if not self.details:
            return ""
        found = detail_of(self.details, of, asked) or detail_of(self.details, of)
        return found.name if found is not None else ""

    def __post_init__(self) -> None:
        """Collects the quirks' defaults once: every request of every sandbox starts from them."""
        defaults = {quirk.name: quirk.default for quirk in self.quirks}
        object.__setattr__(self, "quirk_defaults", defaults)


def bearer(call: Call) -> str | None:
    """The secret of an ``Authorization: Bearer …`` header; None if there is no such header."""
    value = call.named.get(b"authorization")
    return None if value is None else _bearer_secret(value)


# A client sends the same header every time.
@lru_cache(maxsize=4096)
def _bearer_secret(value: bytes) -> str:
    scheme, _, secret = value.decode("latin-1").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""
