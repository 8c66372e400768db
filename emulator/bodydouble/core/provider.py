"""What a vendor is to the core: routes, replies, prices, data; and the account view it is given.

A provider never keeps a job, a balance or a clock: it reads a call, asks the account view, and
answers in its vendor's way. `testing.check_provider` is the conformance suite of this interface.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from re import Pattern
from typing import Any

from bodydouble.core.account_view import AccountView
from bodydouble.core.bodies import JSON_ONLY, Reads
from bodydouble.core.chance import Draw
from bodydouble.core.cors import CORS, Cors
from bodydouble.core.details import Detail, detail_of
from bodydouble.core.errors import Cause, Refusal
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import Decision, Window
from bodydouble.core.links import PLAIN_LINKS, LinkRules
from bodydouble.core.media.uploads import Upload
from bodydouble.core.money.amounts import Currency
from bodydouble.core.money.ledger import Account
from bodydouble.core.provider_kit import bearer_key, no_headers, no_windows, refund_everything
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

    ``cancels`` says that a client stops a job with it, whatever the vendor calls that. A parameter
    at the end of ``path`` that is written ``{name*}`` takes any number of segments, or none, and a
    verb may stand behind the last one: ``{name}:stop``, ``{name*}:stop``.
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


# The gates of a request in their usual order.
GATES = ("key", "headers", "scope", "rate", "idempotency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A vendor as data and plain functions, which keep nothing and are asked again each time.

    Quirks are handed over by full name, as the sandbox has them. What a field lacks a default for
    every vendor has; `core.provider_kit` holds what several of them write alike.
    """

    # Who it is -----------------------------------------------------------------------------------

    name: str
    """Its name here: lower case, digits and hyphens; the prefix of its mount and of its quirks."""
    title: str
    """Its name for people."""
    base_path: str
    """What an official client's base URL has behind the host: ``/v1``; may be empty."""
    base_aliases: tuple[str, ...] = ()
    """Other paths at which, in the place of ``base_path``, every operation answers: ``/v2``."""
    hosts: tuple[str, ...]
    """The host names of the real API, under which it is served at the root, too."""
    host_paths: Mapping[str, str] = field(default_factory=dict)
    """Of those that serve only a part of it: the path under which that part stands here."""
    client_env: tuple[tuple[str, str], ...] = ()
    """What official clients read from the environment, beside the usual two names: name and value,
    in which ``{key}``, ``{base_url}`` and ``{root}`` (without ``base_path``) are filled in, and
    ``{access_key}`` and ``{secret_key}`` of the key's pair."""
    standing: Callable[[], Standing] = Standing
    """How well known what is served is: see `providers.standing.standing_beside`."""
    client_rules: ClientRules = ClientRules()
    """What the vendor asks of its clients; they are held to it by the lint, never refused."""
    sample: Sample | None = None
    """A request that the demo plays."""

    # What it serves ------------------------------------------------------------------------------

    operations: tuple[Operation, ...]
    """Its routes. At least one is ``billed``."""
    models: Callable[[], Sequence[ModelRow]]
    """Its catalogue, for people."""
    states: Mapping[State, str]
    """Its word for each state of a job."""
    awaiting_slot_state: str = ""
    """Its word for a queued job that lacks nothing but a slot; empty: it has none for that."""
    refuse: Callable[[Refusal, Call], Reply]
    """The reply to a refusal of any cause: see `core.errors.every_cause`. It may not be refused."""
    details: tuple[Detail, ...] = ()
    """Its own kinds of failures and refusals; the first of a kind is meant where none is named."""
    finish: Callable[[Reply, Call, tuple[Decision, ...]], tuple[tuple[str, str], ...]] = no_headers
    """The headers every reply carries, given what the limits said; names in lower case."""
    request_id: Callable[[Draw, int], str] = lambda draw, now_us: ""
    """A request's id from chance and the instant (virtual, in µs); the empty text: it has none."""
    reads: Reads = JSON_ONLY
    """The kinds of body it reads: media types and content codings."""
    shows_progress: bool = False
    """Whether replies show how far a running job has come."""
    shows_links: bool = True
    """Whether replies show where a film is; else a route of the vendor's hands it over."""
    head: bool = True
    """Whether HEAD is answered as GET is, without the body; else it is a method like any other."""
    cors: Cors | None = CORS
    """What it says to web pages of other origins; None: none may call it."""
    quirks: tuple[Quirk, ...] = ()
    """Where its pages disagree, and numbers one may want to turn; a sandbox sets them by name."""

    # Who may ask, and how much -------------------------------------------------------------------

    credential: Callable[[Call], str] = bearer_key
    """Finds the secret in a call, or the name of a key, whose `Claim` it leaves on the call.
    Refused: NO_KEY, MALFORMED_KEY, UNKNOWN_KEY."""
    key_header: str = "authorization"
    """The header that carries the key, in lower case."""
    key_scheme: str = "Bearer"
    """What stands before the key in that header; the empty text: nothing."""
    key_shape: Pattern[str]
    """What a well-formed secret matches as a whole; one that nobody issued opens a sandbox."""
    mint_key: Callable[[Draw], str]
    """A fresh secret of that shape."""
    key_pair: Callable[[str], tuple[str, str]] | None = None
    """A name and the secret that proves it (`Claim`), which open the same account as the key they
    are derived from; None: it knows no such pairs."""
    test_key: Callable[[str], bool] = lambda secret: False
    """Whether a secret is a test key."""
    gates: tuple[str, ...] = GATES
    """The checks of a request, in order, the key first; one that is left out is not made."""
    required_headers: tuple[RequiredHeader, ...] = ()
    """Headers without which every request is refused (HEADER)."""
    windows: Callable[[Call, Key, Operation], tuple[Window, ...]] = no_windows
    """The rate limits that a request is counted against, fixed windows or rolling ones."""
    tightened: Callable[[tuple[Window, ...], Account], tuple[Window, ...]] | None = None
    """What becomes of those limits by what the account holds; None: nothing."""
    slots: Callable[[Mapping[str, Any], Submission], Slots | None] | None = None
    """The concurrency slots a submission is held to, by its group; None: it has no such limit."""
    idempotency_key: Callable[[Call], str | None] = lambda call: None
    """The key under which a request to an ``idempotent`` operation is remembered; None: none."""
    idempotency_lifetime_us: int = 0
    """How long it is remembered, in µs of virtual time."""

    # Jobs and money ------------------------------------------------------------------------------

    currency: Currency
    """What it charges in: prices and balances are integers of the smallest unit."""
    starting_balance: tuple[tuple[str, int], ...]
    """What a new account holds: buckets and amounts, in the order in which they are spent."""
    pace: Pace
    """How long its jobs usually wait and run, in seconds."""
    refunds: Callable[[Mapping[str, Any], Job, State], bool] = refund_everything
    """Whether a job that failed or was canceled gives its money back, given the state it was in."""
    refund_delay_us: Callable[[Mapping[str, Any], Job], int] | None = None
    """How long after a job's end, in µs of virtual time, its money goes back; None: at once."""
    links: LinkRules = PLAIN_LINKS
    """How long links to what a job made work, and whether each read signs them anew."""
    receives: Callable[[Upload, bytes, Mapping[str, str]], tuple[Upload, Reply]] | None = None
    """What becomes of bytes that come as they are, with such headers (names in lower case), to a
    place that was announced (`AccountView.open_upload`), and the reply to them; None: only forms
    are taken there. Refused: what the vendor does not take."""
    forgets_deleted: bool = False
    """Whether a deleted job is neither found nor listed any more."""
    webhooks: VendorWebhooks | None = None
    """What it tells to which addresses; None: it has no webhooks."""

    quirk_defaults: Mapping[str, Any] = field(init=False, repr=False)
    """Every quirk's default by full name; made here."""

    def key_headers(self, key: str) -> dict[str, str]:
        """The header that carries ``key``."""
        return {self.key_header: f"{self.key_scheme} {key}".lstrip()}

    def sample_headers(self) -> dict[str, str]:
        """The headers that every request must carry, with values that will do."""
        return {one.name: (one.values or ("1",))[0] for one in self.required_headers}

    def environment(self, key: str, root: str) -> dict[str, str]:
        """What a client reads from its environment to come here with ``key``.

        ``root`` is where the vendor is mounted, without its base path. ``<NAME>_API_KEY`` and
        ``<NAME>_BASE_URL`` are among them for every vendor.
        """
        stem, base_url = self.name.upper().replace("-", "_"), root + self.base_path
        usual = {f"{stem}_API_KEY": key, f"{stem}_BASE_URL": base_url}
        known = {"key": key, "base_url": base_url, "root": root}
        if self.key_pair is not None:
            known["access_key"], known["secret_key"] = self.key_pair(key)
        return usual | {name: value.format_map(known) for name, value in self.client_env}

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
