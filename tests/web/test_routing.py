"""Routes by dictionary: verbs behind parameters, parameters with slashes, several base paths."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.core.account_view import AccountView
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.provider import Operation
from bodydouble.core.wire import Call, Reply
from bodydouble.web.pipeline.routing import Routes


async def seen(call: Call, view: AccountView) -> Reply:
    return Reply(200)


def operation(name: str, method: str, path: str) -> Operation:
    return Operation(name, method, path, seen)


ROUTES = Routes(
    (
        operation("list", "GET", "/v1beta/files"),
        operation("read", "GET", "/v1beta/files/{id}"),
        operation("drop", "DELETE", "/v1beta/files/{id}"),
        operation("download", "GET", "/v1beta/files/{id*}:download"),
        operation("ping", "POST", "/v1beta/hooks/{id}:ping"),
        operation("start", "POST", "/v1beta/models/{model}:start"),
        operation("model", "GET", "/v1beta/models/{model}"),
        operation("poll", "GET", "/v1beta/models/{model}/operations/{id}"),
        operation("upload", "POST", "/upload/v1beta/files"),
        operation("keys", "GET", "/.well-known/keys"),
    ),
    base="/v1beta",
    aliases=("/v1",),
)


def found(method: str, path: str) -> tuple[str, dict[str, str]]:
    operation, params = ROUTES.find(method, path)
    return operation.name, params


def refused(method: str, path: str) -> tuple[Cause, Any]:
    with pytest.raises(Refused) as caught:
        ROUTES.find(method, path)
    return caught.value.refusal.cause, caught.value.refusal.data.get("allowed")


def test_a_verb_behind_a_parameter_is_no_part_of_it() -> None:
    assert found("GET", "/v1beta/files/abc:download") == ("download", {"id": "abc"})
    assert found("POST", "/v1beta/hooks/one:ping") == ("ping", {"id": "one"})
    assert found("POST", "/v1beta/models/m-3.1:start") == ("start", {"model": "m-3.1"})


def test_what_has_no_verb_is_found_as_before() -> None:
    assert found("GET", "/v1beta/files/abc") == ("read", {"id": "abc"})
    assert found("GET", "/v1beta/models/m") == ("model", {"model": "m"})
    assert found("GET", "/v1beta/models/m/operations/o") == ("poll", {"model": "m", "id": "o"})


def test_a_colon_with_another_verb_is_part_of_the_parameter() -> None:
    assert found("GET", "/v1beta/files/abc:other") == ("read", {"id": "abc:other"})
    assert found("GET", "/v1beta/files/abc:ping") == ("read", {"id": "abc:ping"})


def test_a_parameter_with_slashes_may_stand_before_a_verb() -> None:
    odd = "http://127.0.0.1:8750/x/v1beta/files/abc"
    assert found("GET", f"/v1beta/files/{odd}:download") == ("download", {"id": odd})
    assert refused("GET", f"/v1beta/files/{odd}") == (Cause.NO_ROUTE, None)


def test_every_verb_is_found_where_only_another_method_is_known() -> None:
    assert refused("GET", "/v1beta/hooks/one:ping") == (Cause.METHOD, ("POST",))
    assert ROUTES.allowed("/v1beta/files/abc") == ("DELETE", "GET")
    assert ROUTES.allowed("/v1beta/files/abc:download") == ("GET",)


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/files", "list"),
        ("GET", "/files/abc", "read"),
        ("GET", "/files/abc:download", "download"),
        ("GET", "/models/m/operations/o", "poll"),
    ],
)
def test_operations_answer_at_every_base_path(method: str, path: str, name: str) -> None:
    assert found(method, f"/v1{path}")[0] == found(method, f"/v1beta{path}")[0] == name
    assert refused(method, path)[0] is Cause.NO_ROUTE


def test_a_base_path_may_stand_within_a_path_or_not_at_all() -> None:
    assert found("POST", "/upload/v1/files")[0] == "upload"
    assert found("GET", "/.well-known/keys")[0] == "keys"
    assert refused("GET", "/v1/.well-known/keys")[0] is Cause.NO_ROUTE
