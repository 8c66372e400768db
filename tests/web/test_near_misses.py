"""A path that is almost right gets the vendor's refusal, and its sender is told what was meant."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.hostile.targets import TARGETS, Session


@pytest.fixture(params=TARGETS, ids=lambda target: target.name)
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    opened = Session(request.param)
    yield opened
    opened.close()


def hint(answer: httpx.Response) -> str:
    told: str = answer.headers.get("x-bodydouble-hint", "")
    return told


def slips(path: str, base: str, name: str) -> list[str]:
    """Ways to miss ``path``, which begins with ``base``."""
    rest = path.removeprefix(base)
    missed = [f"{base}/{rest}", f"{path}/", f"//{path}", f"{base}{base}{rest}", rest]
    missed += [f"{rest}/", f"/{name}{path}", path.upper(), f"/x{path}", f"{base}/v9{rest}"]
    return [one for one in missed if one != path]


def asked_with_hints(session: Session, method: str, path: str, made: dict[str, str]) -> Any:
    headers = {**session.target.carrying(made[session.target.name]), **session.target.headers}
    return session.send(method, f"/{session.target.name}{path}", headers=headers)


def hinting(session: Session) -> dict[str, str]:
    """The keys of a sandbox that says why."""
    sandboxes = "http://127.0.0.1/_bodydouble/sandboxes"
    keys: dict[str, str] = session.send("POST", sandboxes, json={"hints": True}).json()["keys"]
    return keys


def test_what_was_meant_is_named_where_hints_are_on(session: Session) -> None:
    provider, keys, count = session.target.provider, hinting(session), 0
    known = {operation.path for operation in session.operations("GET")}
    prefix = provider.base_path or "/" + session.me.split("/")[1]
    unknown = asked_with_hints(session, "GET", "/no/such/path/at/all", keys)
    assert hint(unknown).startswith(f"{provider.name} has no /no/such")
    for operation in session.operations("GET"):
        if "{" in operation.path or not operation.path.startswith(f"{prefix}/"):
            continue
        for slip in slips(operation.path, prefix, provider.name):
            answer = asked_with_hints(session, "GET", slip, keys)
            if answer.status_code < 400 or answer.status_code != unknown.status_code:
                continue  # a route of its own, a job's that has this name, or one that leads there
            named = hint(answer).partition("the nearest is GET ")[2]
            # Some routes are there with a base path and without.
            assert named in known, (slip, hint(answer))
            assert operation.path.endswith(named), (slip, hint(answer))
            count += 1
    assert count > 5


def test_a_vendors_path_with_an_id_is_found_as_well(session: Session) -> None:
    provider, keys = session.target.provider, hinting(session)
    paths = [one.path for one in session.operations("GET") if one.path.endswith("}")]
    path = re.sub("{[^}]*}", "abc", paths[0])
    answer = asked_with_hints(session, "GET", f"{path}/", keys)
    if answer.status_code == 404:
        assert f"the nearest is GET {path}" in hint(answer)
    if paths[0].startswith("/{"):
        return  # whatever it begins with may be meant
    base = provider.base_path or "/" + path.split("/")[1]
    answer = asked_with_hints(session, "GET", path.replace(base, base + base, 1), keys)
    assert f"the nearest is GET {path}" in hint(answer)


def test_a_wrong_method_is_told_the_right_ones(session: Session) -> None:
    keys = hinting(session)
    path = session.target.path
    assert f"{path} takes " in hint(asked_with_hints(session, "PATCH", path, keys))
    assert "POST" in hint(asked_with_hints(session, "PATCH", path, keys))


def test_without_hints_the_answer_is_the_vendors_and_the_console_says_it_once(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"{session.me}//"
    with caplog.at_level(logging.INFO, "bodydouble"):
        for _ in range(2):
            answer = session.ask("GET", path)
            assert hint(answer) == ""
            assert answer.status_code in (404, 400, 403)
        # A key is not needed to have missed.
        session.send("GET", f"/{session.target.name}{path}")
    told = [one.getMessage() for one in caplog.records]
    assert len(told) == 1, told
    assert f"the nearest is GET {session.me}" in told[0]


@pytest.mark.parametrize(
    "path", ["/" + "a/" * 5_000, "/%0d%0aX-Evil:%201", "/%00", "/é", "/%7f", "//////", "/?x=%0a"]
)
def test_strange_paths_are_said_safely(session: Session, path: str) -> None:
    keys = hinting(session)
    answer = asked_with_hints(session, "GET", path, keys)
    assert 400 <= answer.status_code < 500
    assert "x-evil" not in answer.headers
    assert hint(answer).isprintable()
    assert hint(answer).isascii()


def test_the_console_does_not_grow_without_end(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "bodydouble"):
        for number in range(150):
            session.ask("GET", f"/nowhere/{number}")
    assert len(caplog.records) <= 100
