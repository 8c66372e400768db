"""Webhooks: which events go where, what is sent, what became of it, and when it is tried again.

A delivery keeps its bytes from the first attempt to the last; only the signature is made anew.
The schedule decides when, the provider in what words (`VendorWebhooks`), a family of signatures how
it is proved (`Signature`, of which `core.signatures` has several); sending is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from bodydouble.core.chance import Draw
from bodydouble.core.clock import DAY_US, SECOND_US
from bodydouble.core.jobs import Job
from bodydouble.core.keys import Key
from bodydouble.core.money.ledger import Account

ACTIVE_WEBHOOKS_MAX = 10
WEBHOOKS_PER_ACCOUNT_MAX = 100
DELIVERIES_PER_SANDBOX_MAX = 10_000
DELIVERIES_BYTES_MAX = 64 * 1024 * 1024
DELIVERIES_KEPT_US = 90 * DAY_US
ATTEMPTS_KEPT = 20
ANSWER_KEPT_CHARACTERS = 500
RETRY_AFTER_MAX_S = 3600

Headers = tuple[tuple[str, str], ...]


class WebhookStatus(StrEnum):
    """Whether anything is sent. Failing comes of too many failures in a row, not of the owner."""

    ACTIVE = "active"
    PAUSED = "paused"
    FAILING = "failing"


class DeliveryStatus(StrEnum):
    """What became of a delivery so far."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD_LETTER = "dead_letter"


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address and the events it wants. ``failures`` counts attempts that failed in a row.

    ``group`` is the account, or ``callbacks:`` and the account for the address of a single job,
    whose id is then ``job:`` and the job's; ``links`` is where the sandbox's media is served. One
    that a foreign web page made is sent to public machines only. ``name`` is its owner's,
    ``changed_at_us`` when its owner last changed it. A secret that was replaced may be signed with
    until ``old_until_us``, too.
    """

    id: str
    group: str
    order: int
    url: str
    secret: str
    events: tuple[str, ...]
    created_at_us: int
    status: WebhookStatus = WebhookStatus.ACTIVE
    failures: int = 0
    last_triggered_at_us: int | None = None
    links: str = ""
    public_only: bool = False
    name: str = ""
    changed_at_us: int | None = None
    old_secret: str = ""
    old_until_us: int = 0

    def secrets(self, at_us: int) -> tuple[str, ...]:
        """What an attempt at ``at_us`` is signed with, the newest first."""
        old = (self.old_secret,) if self.old_secret and at_us < self.old_until_us else ()
        return (self.secret, *old)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: when (virtual), the receiver's first 500 characters, or why there are none.

    ``forged`` is a try that was badly signed on purpose.
    """

    at_us: int
    code: int | None = None
    answer: str = ""
    error: str = ""
    forged: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the receiver took it: any 2xx."""
        return self.code is not None and 200 <= self.code < 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook. ``attempt`` counts tries since it was made or replayed.

    ``next_at_us`` is when it is due, None while nothing is planned; a schedule row for any other
    instant is out of date.
    """

    id: str
    group: str
    order: int
    webhook: str
    event: str
    event_id: str
    body: bytes
    created_at_us: int
    job: str = ""
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempt: int = 0
    attempts: tuple[Attempt, ...] = ()
    next_at_us: int | None = None
    delivered_at_us: int | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery whose attempt is due or in flight; it stays until the outcome is written.

    ``order`` is the instant it was due, ``id`` the delivery's, zero padded. Who sends it claims it
    for a while of real time, so that a crash or a second process loses nothing.
    """

    id: str
    order: int
    delivery: str
    lane: str
    claimed_real_us: int = 0
    group: str = ""


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """Something that happened in an account, for the provider to name and describe.

    A job that moved, a balance that was ``balance_before``, or a key that was revoked.
    """

    at_us: int
    account: Account
    quirks: Mapping[str, Any] = field(default_factory=dict)
    job: Job | None = None
    balance_before: int | None = None
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """How a vendor's client registers an address: a POST to ``path``, below the base path.

    ``body`` is what is posted for an address and its events, ``secret`` finds the signing secret in
    the answer; ``events`` are what a program that waits for videos asks for.
    """

    path: str
    body: Callable[[str, Sequence[str]], Mapping[str, Any]]
    secret: Callable[[Any], str]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """How a vendor's deliveries prove whose they are; `core.signatures` makes the known ones.

    ``headers`` go with an attempt at an instant and prove it. ``verify`` tells from a secret,
    headers (names in lower case) and bytes whether a request is the vendor's; None: nothing tells.
    """

    headers: Callable[[Webhook, Delivery, int], Headers] = lambda webhook, delivery, at_us: ()
    verify: Callable[[str, Mapping[str, str], bytes], bool] | None = None


UNSIGNED = Signature()


@dataclass(frozen=True, slots=True)
class VendorWebhooks:
    """A vendor's webhooks as data and plain functions.

    ``names`` gives what the vendor calls an account event, ``body`` its bytes for one webhook,
    ``headers`` what goes with an attempt at an instant beside its ``signature``; ``waits_us`` are
    the pauses between attempts, so that there is one attempt more than waits. After
    ``failures_max`` failures in a row a webhook is failing (None: never). ``once`` are events that
    are sent once, whatever the receiver answers. ``registration`` is None
    where addresses go with keys and have no API of their own; ``callbacks`` says that a submission
    may name one, ``own_alone`` that then no other is told of its job.
    """

    events: tuple[str, ...]
    names: Callable[[AccountEvent], Sequence[str]]
    event_id: Callable[[Draw], str]
    body: Callable[[AccountEvent, str, str, Webhook], bytes]
    headers: Callable[[Webhook, Delivery, int], Headers]
    waits_us: Callable[[Mapping[str, Any]], tuple[int, ...]]
    failures_max: int | None = None
    once: frozenset[str] = frozenset()
    signature: Signature = UNSIGNED
    registration: Registration | None = None
    callbacks: bool = False
    own_alone: bool = False

    def signed_headers(self, webhook: Webhook, delivery: Delivery, at_us: int) -> Headers:
        """Everything that goes with an attempt at ``at_us``, the proof last."""
        return (
            *self.headers(webhook, delivery, at_us),
            *self.signature.headers(webhook, delivery, at_us),
        )


def subscribed(webhook: Webhook, event: str) -> bool:
    """Whether ``webhook`` gets ``event`` now."""
    return webhook.status is WebhookStatus.ACTIVE and event in webhook.events


def delivery_after(delivery: Delivery, attempt: Attempt, wait_us: int | None) -> Delivery:
    """The delivery after ``attempt``; ``wait_us`` is the pause if it failed, None if last."""
    after = replace(
        delivery,
        attempt=delivery.attempt + 1,
        attempts=(*delivery.attempts, attempt)[-ATTEMPTS_KEPT:],
        next_at_us=None,
    )
    if attempt.accepted:
        return replace(after, status=DeliveryStatus.DELIVERED, delivered_at_us=attempt.at_us)
    if wait_us is None:
        return replace(after, status=DeliveryStatus.DEAD_LETTER)
    return replace(after, next_at_us=attempt.at_us + wait_us)


def pause_us(
    delivery: Delivery, attempt: Attempt, waits_us: tuple[int, ...], retry_after_s: int | None
) -> int | None:
    """How long until the next attempt if this one fails; None after the last.

    A receiver's 429 may ask for another pause than the plan's, up to an hour.
    """
    if delivery.attempt >= len(waits_us):
        return None
    if attempt.code == 429 and retry_after_s is not None:
        return max(1, min(retry_after_s, RETRY_AFTER_MAX_S)) * SECOND_US
    return waits_us[delivery.attempt]


def webhook_after(webhook: Webhook, attempt: Attempt, failures_max: int | None) -> Webhook:
    """The webhook after ``attempt``: a success resets its count, too many failures stop it."""
    failures = 0 if attempt.accepted else webhook.failures + 1
    status = webhook.status
    if failures_max is not None and failures >= failures_max and status is WebhookStatus.ACTIVE:
        status = WebhookStatus.FAILING
    return replace(webhook, failures=failures, status=status, last_triggered_at_us=attempt.at_us)
