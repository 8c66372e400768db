"""A provider says what every field of it is for, and a short one has defaults that work."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields, replace

import pytest

from bodydouble.core import provider_kit as kit
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.keys import Key
from bodydouble.core.lifecycle import State
from bodydouble.core.limits import window
from bodydouble.core.provider import Operation, Provider
from bodydouble.core.wire import Call, Reply
from tests.sandbox.toy import TOY, create

KEY = Key("k" * 32, "s", "toy", "toy/main", "toy-…")
CREATE = Operation("create", "POST", "/v1/tasks", create)


def documented() -> dict[str, str]:
    """What stands below each field of `Provider`."""
    body = ast.parse(inspect.getsource(Provider)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for one, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            found[one.target.id] = str(below.value.value) if text else ""  # type: ignore[attr-defined]
    return found


def test_every_field_says_what_it_is_for() -> None:
    told = documented()
    assert set(told) == {field.name for field in fields(Provider)}
    assert not [name for name, text in told.items() if len(text) < 20 or not text.endswith(".")]


def test_the_environment_of_a_client_has_two_names_and_the_vendors_own() -> None:
    own = replace(TOY, client_env=(("TOY_SECRET", "{key}"), ("TOY_HOST", "{root}/x")))
    assert own.environment("s3cret", "http://127.0.0.1:1/toy") == {
        "TOY_API_KEY": "s3cret",
        "TOY_BASE_URL": "http://127.0.0.1:1/toy/v1",
        "TOY_SECRET": "s3cret",
        "TOY_HOST": "http://127.0.0.1:1/toy/x",
    }


def test_what_is_left_out_has_a_default() -> None:
    call = Call("GET", "/")
    assert TOY.finish(Reply(200), call, ()) == ()
    assert TOY.windows(call, KEY, CREATE) == ()
    with pytest.raises(Refused) as refused:
        TOY.credential(call)
    assert refused.value.refusal.cause is Cause.NO_KEY
    carried = Call("GET", "/", headers=((b"authorization", b"Bearer toy-1"),))
    assert TOY.credential(carried) == "toy-1"


def test_a_request_id_goes_into_the_header_that_is_named() -> None:
    call = Call("GET", "/")
    call.request_id = "req_1"
    assert kit.request_id_header("x-id")(Reply(200), call, ()) == (("x-id", "req_1"),)


def test_a_limit_for_each_key_is_the_keys_own_or_a_quirk() -> None:
    call = Call("POST", "/v1/tasks")
    limits = kit.limit_per_key("toy.rpm", ("create",), name="creates")
    call.quirks = {"toy.rpm": 7}
    assert limits(call, KEY, CREATE) == (window("creates", 7, KEY.id),)
    assert limits(call, replace(KEY, rate_limit=2), CREATE)[0].limit == 2
    assert limits(call, KEY, replace(CREATE, name="read")) == ()
    call.quirks = {"toy.rpm": 0}
    assert limits(call, KEY, CREATE) == ()
    call.quirks = {"toy.rpm": 7}
    assert len(kit.limit_per_key("toy.rpm")(call, KEY, replace(CREATE, name="read"))) == 1


def test_refunds_may_go_by_state_and_by_detail() -> None:
    from bodydouble.conformance.samples import job

    rule = kit.refunds(canceled=(State.QUEUED,), kept=("input",))
    failed = replace(job("j", "toy/main", 1), state=State.FAILED, detail="output")
    assert rule({}, failed, State.RUNNING)
    assert not rule({}, replace(failed, detail="input"), State.RUNNING)
    canceled = replace(failed, state=State.CANCELED)
    assert rule({}, canceled, State.QUEUED)
    assert not rule({}, canceled, State.RUNNING)
    assert not kit.refunds(failed=False)({}, failed, State.RUNNING)
    assert kit.refund_everything({}, canceled, State.RUNNING)
