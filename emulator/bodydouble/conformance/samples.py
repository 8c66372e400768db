"""One full record of every kind the core keeps: every optional part filled, every byte value used.

Data for the store suite; the numbers mean nothing, but are large, negative or odd on purpose.
"""

from __future__ import annotations

from bodydouble.core.clock import Clock
from bodydouble.core.errors import Cause
from bodydouble.core.evidence.reports import HandedIn
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.idempotency import Remembered
from bodydouble.core.jobs import Alias, Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import Event, State
from bodydouble.core.limits import WindowCount
from bodydouble.core.media.plan import Picture
from bodydouble.core.media.uploads import Upload, blob
from bodydouble.core.money.ledger import Account, Entry, EntryKind
from bodydouble.core.reasons import Reason
from bodydouble.core.sandboxes import Counter, Sandbox, Snapshot
from bodydouble.core.scenarios.directives import Directive
from bodydouble.core.scenarios.endings import Ending
from bodydouble.core.scenarios.faults import ArmedFault, Fault, Kind, Latency, Point, Spread
from bodydouble.core.scenarios.matching import Match
from bodydouble.core.scenarios.rules import Rule
from bodydouble.core.scenarios.scenario import Scenario, Script
from bodydouble.core.schedule import DueKind, Line, due
from bodydouble.core.slots import Slot
from bodydouble.core.store import Record
from bodydouble.core.timeline import Timeline
from bodydouble.core.webhooks import (
    Attempt,
    Delivery,
    DeliveryStatus,
    Outgoing,
    Webhook,
    WebhookStatus,
)

ALL_BYTES = bytes(range(256))
# Later than any clock of ours and above 2**53, where a float no longer tells neighbours apart.
LATE_US = 253_402_300_799_999_999
TEXT = 'naïve "prompt" \\ 漢字 🎬\n\x00\x7f'


def job(id: str, group: str, order: int) -> Job:
    """A failed job with both frames, a seed and vendor values."""
    submission = Submission(
        operation="image_to_video",
        model="some-model",
        prompt=TEXT,
        price=10**15,
        names={"job": id, "video": f"video of {id}"},
        width=1280,
        height=720,
        fps=24,
        duration_ms=10_000,
        audio=True,
        seed=2**31 - 1,
        first_frame=Picture("blob", "0" * 32),
        last_frame=Picture("remote", "https://example.com/a.png?b=c"),
        extra={"style": None, "n": 1, "list": [1, 0.1, True], "nested": {"ä": "ö"}},
    )
    return Job(
        id=id,
        group=group,
        order=order,
        provider="some-provider",
        submission=submission,
        timeline=Timeline(1, LATE_US, Event.FAIL, Reason.MODERATED, detail="output"),
        state=State.FAILED,
        accepted_at_us=LATE_US - 3,
        updated_at_us=LATE_US,
        started_at_us=LATE_US - 1,
        ended_at_us=LATE_US,
        reason=Reason.MODERATED,
        refunded=True,
        deleted_at_us=LATE_US,
        seed=2**63 - 1,
        slot=Slot.AWAITED,
        slot_group=TEXT,
        detail="output",
    )


def exchange(order: int) -> Exchange:
    """A refused request with binary bodies and two decisions."""
    return Exchange(
        id=str(order),
        order=order,
        at_us=LATE_US,
        provider="some-provider",
        operation="generate",
        account="some-provider/main",
        key="k" * 32,
        key_hint="sqk_live…",
        method="POST",
        path="/v1/ä",
        query="a=b&c",
        request_headers=((b"x-bytes", ALL_BYTES), (b"x-bytes", b"")),
        request_body=ALL_BYTES,
        status=429,
        response_headers=(("retry-after", "1"), ("x", "é")),
        response_body=ALL_BYTES[::-1],
        request_id="req_1",
        job="job_1",
        cost=-1,
        decisions=(("requests", False, 60, 0, LATE_US, 1),) * 2,
        notes=("rate", TEXT),
        took_us=1,
        test=True,
    )


def delivery(order: int) -> Delivery:
    """A delivery that failed twice, once with an answer."""
    return Delivery(
        id=str(order),
        group="p/main",
        order=order,
        webhook="w",
        event="job.completed",
        event_id="evt_1",
        body=ALL_BYTES,
        created_at_us=LATE_US,
        job="job_1",
        status=DeliveryStatus.DEAD_LETTER,
        attempt=2,
        attempts=(Attempt(1, 500, TEXT), Attempt(LATE_US, None, "", "no route")),
        next_at_us=LATE_US,
        delivered_at_us=LATE_US,
    )


FAULT = Fault(
    Point.ARRIVAL, Kind.STATUS, 503, Cause.UNAVAILABLE, 1, Latency(0.1, Spread.NORMAL, 1e-9), 0.5
)
MATCH = Match("p", "generate", "some-*", TEXT, "p/main", "k" * 32)


def script() -> Script:
    """A scenario with a rule that directs and one that injects a fault."""
    directive = Directive(
        Cause.MODERATED, Event.FAIL, Reason.TIMEOUT, True, Ending.NO_URL, 1, LATE_US, 3
    )
    rules = (Rule(MATCH, (1, 3), 2, 1 / 3, directive), Rule(fault=FAULT))
    weights = ((Reason.MODERATED, 3), (Reason.TIMEOUT, 1))
    return Script(
        "d", Scenario("mine", TEXT, 0.1, 3.0, 1 / 3, 0.5, weights, True, None, rules, "d")
    )


def records() -> list[Record]:
    """One record of every kind, or two where they differ in kind of content."""
    postings = (("monthly", -1), ("purchased", -(10**15)), ("vendor", 10**15 + 1))
    use = (("", 1, 2), (TEXT, 0, 10**15))
    clock = Clock(LATE_US, 1, 0.1)
    failing = (("job.completed", "job.failed"), 1, WebhookStatus.FAILING, 3, LATE_US, "https://c")
    return [
        Sandbox("s", 2**32 - 1, clock, 1, 1e-3, "flaky", {"": "0.1"}, {"a.b": [1, False]}, TEXT),
        Counter("requests", 2**60),
        Snapshot("n1", 1, TEXT, LATE_US, 1),
        Account("p/main", "p", "u-u-i-d", 1, LATE_US, (("a", 0), ("b", 10**15)), 1, 2, use),
        Entry("charge:j", "p/main", 1, EntryKind.CHARGE, postings, "j", LATE_US, 0),
        job("job_1", "p/main", 1),
        Alias("video_1", "job_1", "video"),
        due(7, LATE_US, DueKind.END, "job_1"),
        Line("job_1", "p/main", 3),
        WindowCount("requests:k", LATE_US, 60, instants=(1, LATE_US)),
        Remembered("p/main:k", "f" * 32, LATE_US, 202, (("a", "b"),), ALL_BYTES, "job_1"),
        exchange(1),
        HandedIn("r", ALL_BYTES),
        blob(ALL_BYTES * 4096, 5),
        Upload("u", "p/main", 1, "k" * 32, "png", 1, LATE_US, "0" * 32, form={"key": TEXT}),
        Webhook("w", "p/main", 1, "https://example.com/ä", "whsec_…", *failing),
        delivery(2),
        script(),
        ArmedFault("f", 3, FAULT, MATCH, 2, 0.1, 1),
        Outgoing("2", LATE_US, "d", "w", 1),
    ]


def key(name: str, sandbox: str) -> Key:
    """A key with every right spelled out."""
    return Key(
        name, sandbox, "p", "p/main", "sqk_…", ("a:read", "b"), True, LATE_US, 10**15, 60, True
    )
