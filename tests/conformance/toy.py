"""Toyco, a small vendor that conforms: JSON and forms, a required header, and its golden exchanges.

It stands in no entry point. What the suite finds wrong is planted elsewhere, in copies of it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bodydouble.conformance import Example, check_provider
from bodydouble.core.account_view import AccountView
from bodydouble.core.bodies import Reads
from bodydouble.core.details import Detail
from bodydouble.core.errors import Cause, Refusal, Refused
from bodydouble.core.forms import MULTIPART, URLENCODED
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import FixedWindow, window
from bodydouble.core.money.amounts import Currency
from bodydouble.core.provider import ModelRow, Operation, Provider, RequiredHeader, quirks
from bodydouble.core.reasons import Reason
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.slots import Slots
from bodydouble.core.standing import Known, Level, Standing
from bodydouble.core.wire import Call, Reply

STATES = {
    State.QUEUED: "waiting",
    State.RUNNING: "working",
    State.SUCCEEDED: "done",
    State.FAILED: "broken",
    State.CANCELED: "stopped",
}
STATUSES = {Cause.UNAVAILABLE: 503, Cause.INTERNAL: 500, Cause.METHOD: 405, Cause.NO_KEY: 401}
WORDS = {"prompt": "bad_words", "picture": "bad_picture"}
DETAILS = (
    Detail(Reason.MODERATED, "prompt", "bad_words", "the words"),
    Detail(Reason.MODERATED, "picture", "bad_picture", "the result"),
    Detail(Cause.MODERATED, "prompt", "bad_words", "the words, at once"),
)
VERSION = {"Toyco-Version": "1"}


async def create(call: Call, view: AccountView) -> Reply:
    """Makes a job of a prompt."""
    fields = call.fields()
    prompt, file = fields.get("prompt"), fields.get("file")
    if not isinstance(prompt, str) or not prompt.isprintable() or not prompt:
        raise Refused(Cause.INVALID, "prompt")
    id = f"job_{(await view.job_draw()).text(8)}"
    extra = {"file": getattr(file, "filename", None), "style": str(fields.get("style", ""))}
    job = Submission("create", "toyco-1", prompt, 25, {"job": id}, 640, 360, 24, 1000, extra=extra)
    return said(await view.submit(job), 201)


async def read(call: Call, view: AccountView) -> Reply:
    """A job as it is now."""
    job = await view.job(call.params["id"])
    if job is None:
        raise Refused(Cause.NOT_FOUND)
    return said(job, 200)


def said(job: Job, status: int) -> Reply:
    """The one reply Toyco has."""
    asked = job.submission
    body = {"id": job.id, "state": TOYCO.state_word(job), "prompt": asked.prompt, **asked.extra}
    if job.detail:
        body["why"] = WORDS[job.detail]
    return Reply(status, body, (("toyco-cost", str(asked.price)),))


def refuse(refusal: Refusal, call: Call) -> Reply:
    """The cause is its own text."""
    status = refusal.data.get("status", STATUSES.get(refusal.cause, 400))
    return Reply(status, {"error": WORDS.get(refusal.detail, refusal.cause.value)})


def windows(call: Call, key: Key, operation: Operation) -> tuple[FixedWindow, ...]:
    """Thirty requests a minute."""
    return (window("requests", 30, key.id),)


TOYCO = Provider(
    name="toyco",
    title="Toyco",
    base_path="/v1",
    hosts=("api.toyco.example",),
    currency=Currency("USD", 100, 2),
    starting_balance=(("main", 1_000),),
    pace=Pace(3, 30),
    operations=(
        Operation("create", "POST", "/v1/jobs", create, billed=True),
        Operation("read", "GET", "/v1/jobs/{id}", read),
    ),
    states=STATES,
    refuse=refuse,
    finish=lambda reply, call, decisions: (("toyco-request", call.request_id),),
    key_shape=re.compile(r"toyco_[0-9a-f]{32}"),
    mint_key=lambda draw: f"toyco_{draw.text(32)}",
    request_id=lambda draw, now_us: draw.text(16),
    windows=windows,
    required_headers=(RequiredHeader("toyco-version", ("1",)),),
    slots=lambda quirks, submission: Slots(2, from_acceptance=True),
    awaiting_slot_state="in line",
    details=DETAILS,
    quirks=quirks("toyco", mood=("fair", "foul")),
    standing=lambda: Standing({"mood": Known("how it answers", Level.PAGE, "its front page")}),
    models=lambda: [ModelRow("toyco-1", "video", "prompt", "0.25 USD", known=True)],
    reads=Reads(("application/json", "", MULTIPART, URLENCODED)),
)

PNG = {"name": "a.png", "type": "image/png", "base64": "iVBORw0KGgo="}
BODY = {"id": "job_0", "state": "waiting", "prompt": "a boat", "file": None, "style": "7"}


def exchange(name: str, request: dict[str, Any], status: int, body: Any) -> dict[str, Any]:
    """A golden exchange of Toyco."""
    source = {"page": "https://docs.toyco.example", "section": "Jobs", "date": "undated"}
    told = {"name": name, "vendor": "toyco", "title": f"{name.title()}.", "source": source}
    request = {"headers": VERSION, **request}
    response = {"status": status, "headers": {"Toyco-Request": "*"}, "body": body}
    return {
        **told,
        "status": "served",
        "request": request,
        "response": response,
        "volatile": ["$.id"],
    }


POST = {"method": "POST", "path": "/v1/jobs"}
CREATE = exchange("create", {**POST, "body": {"prompt": "a boat", "style": 7}}, 201, BODY)
MADE = {"do": "request", "request": CREATE["request"], "save": {"job": "$.id"}}
FIELDS = {"prompt": "a boat", "style": 7}
GOLDEN: dict[str, dict[str, Any]] = {
    "create": CREATE,
    "form": exchange("form", {**POST, "form": FIELDS}, 201, BODY),
    "upload": exchange(
        "upload",
        {**POST, "multipart": {"fields": FIELDS, "file": PNG}},
        201,
        {**BODY, "file": "a.png"},
    ),
    "read": {
        **exchange("read", {"method": "GET", "path": "/v1/jobs/{job}"}, 200, BODY),
        "setup": [{"do": "balance", "value": "1.00"}, MADE],
    },
    "no-version": exchange("no-version", {**POST, "headers": {}}, 400, {"error": "header"}),
}


def written(folder: Path, **files: Any) -> Path:
    """``folder`` with Toyco's golden exchanges, some of them replaced; None leaves one out."""
    for name, content in {**GOLDEN, **files}.items():
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / f"{name}.json").write_text(text)
    return folder


def complaint(provider: Provider, folder: Path, *examples: Example, **files: Any) -> str:
    """What the suite says of it, with some of Toyco's golden exchanges replaced."""
    with pytest.raises(AssertionError) as caught:
        check_provider(provider, *examples, exchanges=written(folder, **files))
    return str(caught.value)
