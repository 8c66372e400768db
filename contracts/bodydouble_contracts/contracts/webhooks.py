"""HOK: what arrives at the receiver's end, judged from the bytes that arrived."""

from __future__ import annotations

import hmac
import itertools
import json
from collections import defaultdict
from typing import Any

from bodydouble_contracts.contracts.contract import OF_THE_VENDOR, contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.history.exchanges import Delivery
from bodydouble_contracts.history.pointers import MISSING, get
from bodydouble_contracts.reading.signatures import code, parts
from bodydouble_contracts.reading.view import View

SOURCE = OF_THE_VENDOR
NEEDS = ("webhooks",)
Json = Any


def arrived(view: View) -> list[tuple[int, Delivery, Json]]:
    """Return deliveries with their place and their JSON (MISSING where it is none)."""
    out = []
    for index, delivery in view.deliveries:
        try:
            doc = json.loads(delivery.body)
        except ValueError:
            doc = MISSING
        out.append((index, delivery, doc))
    return out


def rule(view: View) -> dict[str, Any]:
    """Return the profile's section on webhooks."""
    return view.profile.section("webhooks")


def signature(view: View, delivery: Delivery) -> dict[str, str] | None:
    """Return the parts of a delivery's signature, or None where it has another form."""
    return parts(rule(view).get("signature", {}), delivery.header)


@contract("HOK-01", "signature", source=SOURCE, needs=NEEDS, census=1)
def hok_01(view: View, tally: Tally) -> None:
    """Every delivery is signed over its exact bytes.

    Recomputed with the secret handed out when the webhook was made.
    """
    spec = rule(view).get("signature", {})
    for index, delivery, _ in arrived(view):
        if not delivery.secret or not spec:
            continue
        told = signature(view, delivery)
        if not tally.check(
            told, f"a header like {spec['pattern']}", delivery.header(spec["header"]), index
        ):
            continue
        if told:
            right = code(spec, delivery.secret, told, delivery.body)
            same = hmac.compare_digest(right.encode(), told["mac"].encode())
            tally.check(same, "our signature", told["mac"], index)


@contract("HOK-02", "timestamp-fresh", source=SOURCE, needs=NEEDS, census=1)
def hok_02(view: View, tally: Tally) -> None:
    """The time in a signature is the time of sending.

    Within the tolerance that the vendor's own receiver uses.
    """
    slack = rule(view).get("tolerance_s", 300)
    for index, delivery, _ in arrived(view):
        told = signature(view, delivery)
        if told and told.get("t", "").isdecimal():
            late = abs(int(told["t"]) - delivery.at_us / 1e6)
            tally.check(late <= slack, f"within {slack} s", f"{late:.0f} s off", index)


def event_id(view: View, doc: Json) -> str:
    """Return the id of the event a delivery carries."""
    return str(get(doc, rule(view).get("id", "/id")))


def by_event(view: View) -> dict[tuple[str, str, str], list[tuple[int, Delivery, Json]]]:
    """Return deliveries grouped by inbox, event and job."""
    out: dict[tuple[str, str, str], list[tuple[int, Delivery, Json]]] = defaultdict(list)
    spec = rule(view)
    for index, delivery, doc in arrived(view):
        job = get(doc, spec.get("job", "/data/job_id"))
        if job is not MISSING:
            out[delivery.inbox, str(get(doc, spec.get("event", "/event"))), str(job)].append(
                (index, delivery, doc)
            )
    return out


@contract(
    "HOK-03", "same-id-on-retry", source=SOURCE, tier="E", kind="schedule", needs=NEEDS, census=1
)
def hok_03(view: View, tally: Tally) -> None:
    """A repeated delivery carries the same event id and the same bytes.

    Only deliveries after one that was not answered with 2xx.
    """
    for group in by_event(view).values():
        for (i, a, da), (j, b, db) in itertools.pairwise(group):
            if a.answered >= 300:
                same = event_id(view, da) == event_id(view, db) and a.body == b.body
                tally.check(same, event_id(view, da), event_id(view, db), i, j)


@contract("HOK-04", "retried", source=SOURCE, tier="E", kind="schedule", needs=NEEDS, census=1)
def hok_04(view: View, tally: Tally) -> None:
    """A delivery that was not accepted is repeated after the documented waits.

    Waits may be off by a quarter; what is not yet due is not judged.
    """
    waits = rule(view).get("retry_s", [])
    end_us = max([c.x.at_us for c in view.calls], default=0)
    for group in by_event(view).values():
        for number, (index, delivery, _) in enumerate(group):
            if delivery.answered < 300 or number >= len(waits):
                continue
            wait_us = waits[number] * 1_000_000
            after = group[number + 1] if number + 1 < len(group) else None
            if after is None:
                if delivery.at_us + wait_us * 1.25 < end_us:
                    tally.check(False, f"a retry after about {waits[number]} s", "none", index)
                continue
            took = after[1].at_us - delivery.at_us
            fine = 0.75 * wait_us <= took <= max(1.25 * wait_us, wait_us + 2_000_000)
            tally.check(fine, f"about {waits[number]} s", f"{took / 1e6:.0f} s", index, after[0])


@contract("HOK-05", "every-end-announced", source=SOURCE, needs=NEEDS, census=1)
def hok_05(view: View, tally: Tally) -> None:
    """Every end that the vendor announces reaches every subscriber.

    Jobs seen final before the driver marked all deliveries as settled.
    """
    events = rule(view).get("events", {})
    got = {(inbox, event, job) for inbox, event, job in by_event(view)}
    for index, mark in view.marks:
        if mark.name != "settled":
            continue
        for job, looks in view.sightings.items():
            before = [s for s in looks if s.call.index < index and s.final]
            accepted = looks[0].call.index > int(mark.data.get("since", 0))
            if (
                not before
                or not accepted
                or looks[0].call.account != mark.data.get("account", "main")
            ):
                continue
            for event, word in events.items():
                if word == before[-1].word and event in mark.data.get("events", list(events)):
                    for inbox in mark.data.get("inboxes", []):
                        there = (inbox, event, job) in got
                        tally.check(there, f"{event} for {job}", "nothing", before[-1].call, index)


@contract("HOK-06", "true-when-sent", source=SOURCE, needs=NEEDS, census=1)
def hok_06(view: View, tally: Tally) -> None:
    """What a delivery says of a job is what the job itself says.

    Event, state in the body where it has one, and the next look at the job agree.
    """
    spec = rule(view)
    for index, _, doc in arrived(view):
        event = get(doc, spec.get("event", "/event"))
        word = spec.get("events", {}).get(event)
        if word is None:
            continue
        if "state" in spec:
            told = view.profile.word(get(doc, spec["state"]))
            tally.check(told == word, word, told, index)
        looks = view.sightings.get(str(get(doc, spec.get("job", "/data/job_id"))), [])
        tally.check(looks, "a job of ours", get(doc, spec.get("job", "/data/job_id")), index)
        later = [s for s in looks if s.call.index > index and s.via in ("read", "list")]
        if later:
            tally.check(later[0].word == word, word, later[0].word, index, later[0].call)
