"""Cues: a directive written into the prompt, for clients that can send nothing else.

``a red fox [[bodydouble: fail=moderated after=5s]]`` makes this one job fail as moderated, five
seconds after it was accepted. The cue is taken out before the prompt is kept, echoed or drawn. One
that cannot be read is refused, because a test that directs nothing would pass for no reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bodydouble.core.details import Detail, detail_of
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.jobs import Submission
from bodydouble.core.provider import Provider
from bodydouble.core.reasons import Reason
from bodydouble.core.scenarios.directives import REFUSABLE, BadDirective, Directive, read_directive
from bodydouble.core.scenarios.endings import ABOUT, Ending

MARK = "[[bodydouble"
_CUE = re.compile(r"\s?\[\[bodydouble\s*:([^\[\]]{0,500})\]\]")
_WORD = re.compile(r"[a-z]{1,20}")


def cued(
    submission: Submission, details: tuple[Detail, ...] = ()
) -> tuple[Submission, Directive | None]:
    """The submission without its cue, and what the cue says. Refused: INVALID.

    ``details`` are those the vendor knows; a cue that names another is none.
    """
    if MARK not in submission.prompt:
        return submission, None
    try:
        directive = read_cue(submission.prompt)
        _check_detail(directive, details)
    except BadDirective as error:
        problem = FieldProblem("prompt", Flaw.FORMAT, submission.prompt, text=str(error))
        raise Refused(Cause.INVALID, f"prompt: {error}", fields=(problem,)) from None
    clean = replace(submission, prompt=stripped(submission.prompt), extra=_clean(submission.extra))
    return clean, directive


def read_cue(prompt: str) -> Directive:
    """The directive in a prompt that holds one. BadDirective says what is wrong with it."""
    found = _CUE.findall(prompt)
    if len(found) != 1 or prompt.count(MARK) != 1:
        raise BadDirective("", "write one cue, as [[bodydouble: fail=moderated after=5s]]")
    words: dict[str, Any] = {}
    for part in found[0].split():
        word, _, value = part.partition("=")
        if not _WORD.fullmatch(word) or word in words:
            raise BadDirective(word, f"the cue cannot be read at {part!r}")
        words[word] = value
    return read_directive(words)


def _check_detail(directive: Directive, details: tuple[Detail, ...]) -> None:
    of = directive.refuse or directive.reason
    if directive.detail and of is not None and detail_of(details, of, directive.detail) is None:
        kind = "refuse" if directive.refuse else "fail"
        raise BadDirective(kind, f"this vendor tells no {of} called {directive.detail!r}")


def stripped(text: str) -> str:
    """``text`` without cues."""
    return _CUE.sub("", text)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return stripped(value) if MARK in value else value
    if isinstance(value, dict):
        return {name: _clean(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_clean(part) for part in value)
    return value


@dataclass(frozen=True, slots=True)
class CueRow:
    """One line of the table of cues. ``needs`` is what a vendor must have for it to show."""

    cue: str
    outcome: str
    needs: str = ""


_REASONS = {
    Reason.PROVIDER_ERROR: "accepted, then fails at the provider",
    Reason.MODERATED: "accepted, then stopped by moderation",
    Reason.TIMEOUT: "accepted, then fails because the provider took too long",
    Reason.BAD_INPUT: "accepted, then fails because the source picture cannot be read",
}
_REFUSALS = {
    Cause.MODERATED: "the prompt is not allowed",
    Cause.FUNDS: "as if the wallet were too small",
    Cause.SPENDING_LIMIT: "as if the key had spent its limit",
    Cause.RATE: "too many requests",
    Cause.QUEUE_FULL: "too many jobs are waiting",
    Cause.UNAVAILABLE: "the vendor is down",
    Cause.INTERNAL: "the vendor breaks",
}
_NEEDS = {
    Ending.NO_URL: "links",
    Ending.LINK_HTML: "links",
    Ending.LINK_TRUNCATED: "links",
    Ending.LINK_ELSEWHERE: "links",
    Ending.LINK_EXPIRED: "links",
    Ending.STALLS: "progress",
    Ending.GOES_BACK: "progress",
    Ending.IGNORES_CANCEL: "cancel",
}


def rows() -> tuple[CueRow, ...]:
    """The table of cues: one row per outcome, drawn from the same enums the reader knows."""
    return (
        CueRow("finish", "succeeds, whatever the scenario says"),
        CueRow("finish after=5s", "succeeds five seconds after it was accepted"),
        CueRow("finish wait=2s run=8s", "waits two seconds, runs eight, succeeds"),
        *(CueRow(f"fail={reason} after=5s", text) for reason, text in _REASONS.items()),
        CueRow("stuck", "starts and never ends by itself; a deadline that it has still passes"),
        *(
            CueRow(f"refuse={cause}", f"turned down at once, without a charge: {_REFUSALS[cause]}")
            for cause in REFUSABLE
        ),
        *(
            CueRow(f"ending={ending} after=5s", ABOUT[ending], _NEEDS.get(ending, ""))
            for ending in Ending
        ),
    )


_PAGE = """# Cues: directing one job from inside its prompt

For clients that can send nothing but the vendor's own request. Write a cue anywhere in the prompt:

    a red fox in the snow [[bodydouble: fail=moderated after=5s]]

It directs the one job this submission makes, and outranks the scenario. Before the prompt is kept,
echoed or drawn the cue is taken out. One that cannot be read is refused as an invalid prompt,
because a test that directs nothing would pass for no reason. `"cues": false` at
`POST /_bodydouble/sandboxes` switches cues off: then they are words like any others.

| cue | what happens | for |
|---|---|---|
{rows}

`wait` is the time in the queue, `run` the time from start to end, `after` the time from acceptance
to the end; each is written as `500ms`, `5s`, `2m`, `1h30m`, 30 days at most. They go with every row
but `refuse`; `stuck` takes `wait` alone.

A vendor may tell more kinds of failure or refusal apart: `bodydouble providers NAME` lists them as
cues, such as `fail=moderated:output`. Where a cue asks for none, the first of its kind is meant.

Drawn from the code (`bodydouble.core.scenarios.cues.page`); each row is executed by a test
for every vendor it speaks of.
"""


def vendors_of(row: CueRow, providers: Iterable[Provider]) -> list[str]:
    """The vendors whose clients can see what a row promises."""
    return [
        provider.name
        for provider in providers
        if (row.needs != "progress" or provider.shows_progress)
        and (row.needs != "links" or provider.shows_links)
        and (row.needs != "cancel" or any(one.cancels for one in provider.operations))
    ]


def detail_rows(provider: Provider) -> tuple[CueRow, ...]:
    """One row for each detail that this vendor tells apart."""
    return tuple(
        CueRow(
            f"refuse={one.of}:{one.name}"
            if isinstance(one.of, Cause)
            else f"fail={one.of}:{one.name} after=5s",
            one.about,
        )
        for one in provider.details
    )


_FOR = {
    "": "every vendor",
    "progress": "vendors that show progress",
    "cancel": "vendors that can cancel",
    "links": "vendors that show links",
}


def page() -> str:
    """``docs/cues.md``, whole."""
    lines = [f"| `{row.cue}` | {row.outcome} | {_FOR[row.needs]} |" for row in rows()]
    return _PAGE.format(rows="\n".join(lines))
