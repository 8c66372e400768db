"""Client lint: what the emulator forgave and the real vendor would not have.

Each rule is a function from the history to findings, with an id to waive it by; a vendor's own
numbers and pages come from its provider. All times are the sandbox's. Nothing is refused here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from bodydouble.core.clock import SECOND_US
from bodydouble.core.evidence.history import ClientHistory, answered, lost, polls, showed_end
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.wire import Call

# A poll may come a little early: clients add jitter, and no page means its interval to the second.
EARLY = 0.9
POLLS_WITHOUT_END = 200
NAMED_MAX = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that would have hurt; ``requests`` are serials of the request log."""

    rule: str
    provider: str
    problem: str
    requests: tuple[str, ...] = ()
    job: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """``basis`` says why it is a rule where the vendor has no page of its own about it."""

    id: str
    about: str
    basis: str
    check: Callable[[ClientHistory], Iterable[Finding]]


def lint(history: ClientHistory, waived: Iterable[str] = ()) -> list[Finding]:
    """Everything found, rule by rule, but for the rules that are waived."""
    spared = frozenset(waived)
    return [
        finding for id, rule in RULES.items() if id not in spared for finding in rule.check(history)
    ]


def source_of(finding: Finding, providers: Mapping[str, Provider]) -> str:
    """The vendor's page behind a finding, or why it is a rule all the same."""
    pages = providers[finding.provider].client_rules.pages
    return pages.get(finding.rule) or RULES[finding.rule].basis


# The rules -------------------------------------------------------------------------------------


def poll_too_fast(history: ClientHistory) -> Iterator[Finding]:
    """Polls of an unfinished job closer together than the vendor asks; twice is a habit."""
    for (provider, _, _, job), reads in polls(history).items():
        asked_s = history.providers[provider].client_rules.poll_s
        if asked_s is None:
            continue
        least_us = int(asked_s * EARLY * SECOND_US)
        hasty = [
            (before, after)
            for before, after in pairwise(reads)
            if after.at_us - before.at_us < least_us
            and answered(before)
            and not showed_end(before, history.jobs.get(job))
        ]
        if len(hasty) < 2:
            continue
        least = min(after.at_us - before.at_us for before, after in hasty)
        problem = (
            f"job {job} was polled again after {_seconds(least)}; the vendor asks for {asked_s:g} s"
        )
        if history.frozen and not least:
            problem += " (the clock stands still: let the client sleep with clock.sleep)"
        yield Finding("poll-too-fast", provider, problem, _ids(after for _, after in hasty), job)


def ignored_retry_after(history: ClientHistory) -> Iterator[Finding]:
    """A request repeated before the instant its refusal named."""
    waiting: dict[tuple[str, str], tuple[Exchange, int]] = {}
    for one in history.exchanges:
        slot = (one.key, one.operation)
        before = waiting.pop(slot, None)
        if before is not None and one.at_us < before[1]:
            early = before[1] - one.at_us
            problem = (
                f"{one.method} {one.path} came {_seconds(early)} before its Retry-After was over"
            )
            yield Finding("ignored-retry-after", one.provider, problem, (before[0].id, one.id))
        wait_s = _retry_after_s(one)
        if wait_s is not None:
            waiting[slot] = (one, one.at_us + wait_s * SECOND_US)


def _retry_after_s(one: Exchange) -> int | None:
    if one.status not in (429, 503):
        return None
    for name, value in one.response_headers:
        if name.lower() == "retry-after" and value.isascii() and value.isdecimal():
            return int(value[:9])
    return None


def create_without_key(history: ClientHistory) -> Iterator[Finding]:
    """A create whose answer was lost, sent again with nothing to tell it from a second order."""
    unsure: dict[tuple[str, str, bytes], Exchange] = {}
    for one in history.exchanges:
        operation = history.operation(one)
        if operation is None or not operation.billed:
            continue
        slot = (one.account, one.operation, one.request_body)
        before = unsure.pop(slot, None)
        if before is not None and not (_keyed(history, before) and _keyed(history, one)):
            yield Finding(
                "create-without-idempotency-key",
                one.provider,
                f"{one.method} {one.path} came again as its answer was lost: {_advice(operation)}",
                (before.id, one.id),
                one.job,
            )
        if lost(one):
            unsure[slot] = one


def _advice(operation: Operation) -> str:
    if operation.idempotent:
        return "send an idempotency key, and the same one again"
    return (
        "this vendor knows no idempotency keys, so look for the first job before ordering another"
    )


def _keyed(history: ClientHistory, one: Exchange) -> bool:
    provider = history.providers[one.provider]
    call = Call(one.method, one.path, headers=one.request_headers)
    call.quirks = {**provider.quirk_defaults, **history.quirks.get(one.provider, {})}
    return provider.idempotency_key(call) is not None


def polling_finished(history: ClientHistory) -> Iterator[Finding]:
    """Polls that go on after the end was shown; reading it once more is nobody's harm."""
    for (provider, _, _, job), reads in polls(history).items():
        ends = [
            number for number, one in enumerate(reads) if showed_end(one, history.jobs.get(job))
        ]
        late = reads[ends[0] + 1 :] if ends else []
        if len(late) >= 2:
            problem = f"job {job} was polled {len(late)} times after its end was shown"
            yield Finding("polling-finished-job", provider, problem, _ids(late), job)


def no_deadline(history: ClientHistory) -> Iterator[Finding]:
    """A job that does not end, and a client that does not give up."""
    for (provider, _, _, id), reads in polls(history).items():
        job = history.jobs.get(id)
        open_ended = [one for one in reads if not showed_end(one, job)]
        if job is None or len(open_ended) < 3:
            continue
        patience_s = history.providers[provider].client_rules.deadline_s
        lasted_us = open_ended[-1].at_us - job.accepted_at_us
        if lasted_us > patience_s * SECOND_US:
            problem = f"job {id} was still polled {_seconds(lasted_us)} after it was accepted"
        elif len(open_ended) > POLLS_WITHOUT_END:
            problem = f"job {id} was polled {len(open_ended)} times and never given up"
        else:
            continue
        yield Finding("no-deadline", provider, problem, _ids(open_ended[-3:]), id)


def never_verified(history: ClientHistory) -> Iterator[Finding]:
    """A receiver that takes what is badly signed. It shows only where something was."""
    for delivery in history.deliveries:
        if any(attempt.forged and attempt.accepted for attempt in delivery.attempts):
            provider = delivery.group.partition("/")[0]
            problem = f"delivery {delivery.id} ({delivery.event}) was badly signed and accepted"
            yield Finding("never-verified-signature", provider, problem, job=delivery.job)


def live_looking_key(history: ClientHistory) -> Iterator[Finding]:
    """A key that could be somebody's real one: no sandbox issued it, and it is no test key."""
    if history.issued:
        return
    seen: dict[tuple[str, str], list[Exchange]] = {}
    for one in history.exchanges:
        if not one.test:
            seen.setdefault((one.provider, one.key_hint), []).append(one)
    for (provider, hint), uses in seen.items():
        problem = (
            f"the key {hint} was sent {len(uses)} times, and no sandbox issued it: is it real?"
        )
        yield Finding("live-looking-key", provider, problem, _ids(uses))


def _ids(many: Iterable[Exchange]) -> tuple[str, ...]:
    return tuple([one.id for one in many][:NAMED_MAX])


def _seconds(span_us: int) -> str:
    return f"{span_us / SECOND_US:.1f} s"


_OURS = "no page of the vendor: "

RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in (
        Rule(
            "poll-too-fast",
            "a job is polled more often than the vendor documents",
            _OURS + "only vendors with a documented interval are held to it",
            poll_too_fast,
        ),
        Rule(
            "ignored-retry-after",
            "a refused request comes again before its Retry-After is over",
            _OURS + "RFC 9110, section 10.2.3",
            ignored_retry_after,
        ),
        Rule(
            "create-without-idempotency-key",
            "a create whose answer was lost is repeated without an idempotency key",
            _OURS + "without a key the vendor makes and charges a second job",
            create_without_key,
        ),
        Rule(
            "polling-finished-job",
            "a job is polled on after its end was shown",
            _OURS + "a final state never changes, so each poll is a request for nothing",
            polling_finished,
        ),
        Rule(
            "no-deadline",
            "a job that does not end is polled without giving up",
            _OURS + "half an hour is a guess; no documented job takes nearly as long",
            no_deadline,
        ),
        Rule(
            "never-verified-signature",
            "a webhook receiver accepts what is badly signed",
            _OURS + "whoever knows the address could announce anything",
            never_verified,
        ),
        Rule(
            "live-looking-key",
            "a key is sent that no sandbox issued and that could be real",
            _OURS + "a real key in a test's environment is one mistake from a real bill",
            live_looking_key,
        ),
    )
}
