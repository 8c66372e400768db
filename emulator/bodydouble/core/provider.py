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
    """A vendor as data and plain functions.

    ``refuse`` says a refusal; ``finish`` gives the headers every reply carries; ``credential``
    finds the secret in a call (Refused: NO_KEY, MALFORMED_KEY); ``windows`` names the rate limits
    that apply; ``refunds`` tells whether a job that failed or was canceled gives the money back,
    given the state that struck it in; ``gates`` is the order in which requests are checked.
    """

    name: str
    title: str
    base_path: str
    hosts: tuple[str, ...]
    currency: Currency
    starting_balance: tuple[tuple[str, int], ...]
    pace: Pace
    operations: tuple[Operation, ...]
    states: Mapping[State, str]
    refuse: Callable[[Refusal, Call], Reply]
    finish: Callable[[Reply, Call, tuple[Decision, ...]], tuple[tuple[str, str], ...]]
    credential: Callable[[Call], str]
    key_shape: Pattern[str]
    mint_key: Callable[[Draw], str]
    request_id: Callable[[Draw, int], str]
    windows: Callable[[Call, Key, Operation], tuple[Window, ...]]
    refunds: Callable[[Mapping[str, Any], Job, State], bool]
    quirks: tuple[Quirk, ...]
    models: Callable[[], Sequence[ModelRow]]
    idempotency_key: Callable[[Call], str | None] = lambda call: None
    idempotency_lifetime_us: int = 0
    links: LinkRules = PLAIN_LINKS
    test_key: Callable[[str], bool] = lambda secret: False
    gates: tuple[str, ...] = GATES
    required_headers: tuple[RequiredHeader, ...] = ()
    slots: Callable[[Mapping[str, Any], Submission], Slots | None] | None = None
    awaiting_slot_state: str = ""
    details: tuple[Detail, ...] = ()
    reads: Reads = JSON_ONLY
    forgets_deleted: bool = False
    cors: bool = False
    shows_progress: bool = False
    webhooks: VendorWebhooks | None = None
    client_rules: ClientRules = ClientRules()
    standing: Callable[[], Standing] = Standing
    sample: Sample | None = None
    quirk_defaults: Mapping[str, Any] = field(init=False, repr=False)

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
