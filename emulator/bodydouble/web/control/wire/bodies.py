"""What may be sent to the control plane, field by field; every bound stands here.

Strict JSON: an unknown field is an error, because a misspelt one would silently do nothing.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bodydouble.core.clock import RATE_MAX
from bodydouble.core.details import NAME as DETAIL
from bodydouble.core.reasons import Reason
from bodydouble.web.control.wire.problems import Wrong, invalid
from bodydouble.web.keys.starting_values import AMOUNT

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

Name = Annotated[str, StringConstraints(pattern=NAME)]
Amount = Annotated[str, StringConstraints(pattern=AMOUNT)]
Text = Annotated[str, StringConstraints(max_length=200)]
# A reason, and behind a colon the vendor's own detail of it.
Failure = Annotated[str, StringConstraints(pattern=f"^({'|'.join(Reason)})(:{DETAIL.pattern})?$")]
Seconds = Annotated[float, Field(ge=0, le=10**9)]
Rate = Annotated[float, Field(ge=0, le=RATE_MAX)]


class Body(BaseModel):
    """A JSON object whose fields are all known."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=()
    )


class NewSandbox(Body):
    """`POST /sandboxes`; every field has the server's own setting as its default."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    start: Annotated[str, StringConstraints(max_length=40)] | None = None
    rate: Rate | None = None
    speed: Annotated[float, Field(gt=0, le=RATE_MAX)] | None = None
    scenario: Name | None = None
    parameters: Annotated[dict[str, Any], Field(max_length=20)] | None = None
    balance: Text | Annotated[dict[str, Text], Field(max_length=100)] | None = None
    quirks: Annotated[dict[str, Any], Field(max_length=200)] | None = None
    label: Text = ""
    hints: bool | None = None
    cues: bool = True
    media: Literal["full", "tiny", "bundled"] | None = None


class NewKey(Body):
    """`POST /sandboxes/{id}/keys`."""

    provider: Name
    account: Name = "main"
    scopes: Annotated[list[Text], Field(max_length=100)] | None = None
    balance: Amount | None = None
    revoked: bool = False
    expired: bool = False
    rate_limit: Annotated[int, Field(ge=1, le=10**9)] | None = None
    spending_limit: Amount | None = None
    callback_url: Annotated[str, StringConstraints(max_length=2000)] | None = None
    callback_secret: Text | None = None


class UntilJob(Body):
    """The end of one job."""

    job: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ClockChange(Body):
    """`PATCH /sandboxes/{id}/clock`: exactly one of these."""

    advance_s: Seconds | None = None
    advance: Annotated[str, StringConstraints(max_length=40)] | None = None
    to: Annotated[str, StringConstraints(max_length=40)] | None = None
    until: Literal["next-event", "idle"] | UntilJob | None = None
    rate: Rate | None = None


class NewScenario(Body):
    """`PUT /sandboxes/{id}/scenario`: a named one, with parameters and rules of its own, or a new
    name for a ``base`` with those.
    """

    name: Name
    about: Annotated[str, Field(max_length=500)] | None = None
    base: Name | None = None
    parameters: Annotated[dict[str, Any], Field(max_length=20)] | None = None
    rules: Annotated[list[dict[str, Any]], Field(max_length=1000)] | None = None


class JobChange(Body):
    """`PATCH /sandboxes/{id}/jobs/{job}`: exactly one of these."""

    finish: Literal[True] | None = None
    fail: Failure | None = None
    stall: Literal[True] | None = None
    cancel: Literal[True] | None = None


class TopUp(Body):
    """`POST …/accounts/{account}/top-ups`; ``bucket`` defaults to the account's last."""

    amount: Amount
    bucket: Text = ""


class Balance(Body):
    """`PUT …/accounts/{account}/balance`."""

    amount: Amount


def one_of(body: Body) -> str:
    """The single field that was given; Problem 422 where it is none or several."""
    given = sorted(body.model_fields_set)
    if len(given) != 1 or getattr(body, given[0]) is None:
        names = ", ".join(type(body).model_fields)
        raise invalid(Wrong("body", f"give exactly one of {names}, not {len(given)}"))
    return given[0]
