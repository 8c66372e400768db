"""fal: its routes, keys, queue, limits and prices, put together.

What fal.ai/docs and its official clients of 2026-08 to 2026-11 say of video apps: the queue
(queue.fal.run), running at once (fal.run, here below `/run`), the account's credits and prices
(api.fal.ai) and the keys of webhooks (rest.fal.ai). Uploads, streams of models, realtime and the
rest of the platform are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bodydouble.core.clock import DAY_US
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.jobs import Job, Submission
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import Decision
from bodydouble.core.links import LinkRules
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.reasons import Reason
from bodydouble.core.scenarios.scenario import Pace
from bodydouble.core.slots import Slots
from bodydouble.core.wire import Call, Reply
from bodydouble.providers.fal import account, queue
from bodydouble.providers.fal.catalogue import MONEY, for_people
from bodydouble.providers.fal.details import DETAILS
from bodydouble.providers.fal.errors import refuse
from bodydouble.providers.fal.facts import CLIENT_RULES, QUIRKS
from bodydouble.providers.fal.replies import STATES
from bodydouble.providers.fal.sample import SAMPLE
from bodydouble.providers.fal.webhooks import WEBHOOKS, jwks
from bodydouble.providers.standing import standing_beside

KEY_SHAPE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9a-f]{32}")
# Apps of other owners there are none; a request is asked for under whatever app it is said to be.
_APP = "/fal-ai/{alias}/{path*}"
_REQUEST = "/{owner}/{alias}/requests/{id}"
_RUN = "/run"


def _credential(call: Call) -> str:
    """The secret of ``Authorization: Key …``. Refused: NO_KEY, MALFORMED_KEY."""
    value = call.named.get(b"authorization")
    if value is None:
        app = call.path.removeprefix(_RUN).strip("/").partition("/requests/")[0]
        raise Refused(Cause.NO_KEY, app=app[:200])
    scheme, _, secret = value.decode("latin-1").partition(" ")
    return secret.strip() if scheme.lower() == "key" else ""


def _finish(
    reply: Reply, call: Call, decisions: tuple[Decision, ...]
) -> tuple[tuple[str, str], ...]:
    # A reply about a request carries that request's id already.
    if reply.headers and reply.headers[0][0] == "x-fal-request-id":
        return ()
    return (("x-fal-request-id", call.request_id),)


def _slots(quirks: Mapping[str, Any], submission: Submission) -> Slots:
    return Slots(quirks["fal.concurrency"])


def _refunds(quirks: Mapping[str, Any], job: Job, state: State) -> bool:
    return job.reason is not Reason.MODERATED or quirks["fal.refused_input"] == "free"


PROVIDER = Provider(
    name="fal",
    title="fal",
    base_path="",
    hosts=("queue.fal.run", "fal.run", "api.fal.ai", "rest.fal.ai"),
    host_paths={"fal.run": _RUN},
    client_env=(("FAL_KEY", "{key}"),),
    currency=MONEY,
    starting_balance=(("credits", MONEY.parse("10")),),
    pace=Pace(wait_s=3, run_s=15, run_per_output_s=3),
    operations=(
        Operation("getKeys", "GET", "/.well-known/jwks.json", jwks, open=True),
        Operation("getBilling", "GET", "/v1/account/billing", account.billing),
        Operation("getPricing", "GET", "/v1/models/pricing", account.pricing),
        Operation("getStatus", "GET", f"{_REQUEST}/status", queue.status),
        Operation("streamStatus", "GET", f"{_REQUEST}/status/stream", queue.stream),
        Operation("cancelRequest", "PUT", f"{_REQUEST}/cancel", queue.cancel, cancels=True),
        Operation("getResult", "GET", _REQUEST, queue.fetch),
        Operation("run", "POST", _RUN + _APP, queue.run, billed=True),
        Operation("submitRequest", "POST", _APP, queue.submit, billed=True),
    ),
    states=STATES,
    refuse=refuse,
    details=DETAILS,
    finish=_finish,
    request_id=lambda draw, now_us: draw.uuid4(),
    credential=_credential,
    key_scheme="Key",
    key_shape=KEY_SHAPE,
    mint_key=lambda draw: f"{draw.uuid4()}:{draw.text(32)}",
    slots=_slots,
    refunds=_refunds,
    # Kept for seven days at least, and gone from then on.
    links=LinkRules(lifetime_us=7 * DAY_US, expired_status=404),
    webhooks=WEBHOOKS,
    quirks=QUIRKS,
    standing=standing_beside(__file__),
    client_rules=CLIENT_RULES,
    sample=SAMPLE,
    models=for_people,
)
