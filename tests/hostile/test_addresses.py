"""Ids that are nobody's, queries that mean nothing, hosts and headers that lie: no crash."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.hostile.targets import NOBODYS_ID, TARGETS, Session, Target

STRANGE_IDS = [
    "x",
    "..",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "a%00b",
    "%ff%fe",
    "%F0%9F%92%A9",
    "é",
    "-1",
    "0",
    "99999999999999999999999999",
    "1e5",
    "' OR 1=1--",
    "${jndi:ldap:x}",
    "null",
    "undefined",
    "x" * 5_000,
    "a b",
    "a;b=c",
    "*",
    "{id}",
]


def with_id(path: str, id: str) -> str:
    """An operation's path with ``id`` in the place of its last parameter, if it has any."""
    head, brace, rest = path.rpartition("{")
    return head + id + rest.partition("}")[2] if brace else path


@pytest.mark.parametrize("id", STRANGE_IDS, ids=[id[:20] for id in STRANGE_IDS])
def test_a_strange_id_is_nothings_name(session: Session, id: str) -> None:
    before = session.kept()
    for operation in session.operations("GET", "POST", "PUT", "DELETE"):
        if "{" not in operation.path:
            continue
        body: Any = {} if operation.method in ("POST", "PUT") else None
        answer = session.ask(operation.method, with_id(operation.path, id), json=body)
        # Clients take two dots for the address above, which may be a list.
        above = id == ".." and operation.method == "GET"
        silent = above or operation.name in session.target.silent
        if not silent or answer.status_code != 200:
            session.refusal(answer, before)
        assert above or len(answer.content) < 5_000
        assert session.kept() == before


def test_a_job_of_another_key_is_as_unknown_as_one_that_never_was(session: Session) -> None:
    job = session.order()
    theirs, before = session.kept("theirs"), session.kept()
    for operation in session.operations("GET", "POST", "PUT", "DELETE"):
        if "{" not in operation.path:
            continue
        body: Any = {} if operation.method in ("POST", "PUT") else None
        answers = [
            session.ask(operation.method, with_id(operation.path, id), json=body, whose="theirs")
            for id in (job, NOBODYS_ID)
        ]
        foreign, unknown = [(one.status_code, without_ids(one, job, NOBODYS_ID)) for one in answers]
        assert foreign == unknown, operation.path
    assert (session.kept("theirs"), session.kept()) == (theirs, before)


def without_ids(answer: Any, *ids: str) -> Any:
    """The body but for what differs from request to request."""
    text = answer.text
    for id in ids:
        text = text.replace(id, "…")
    text = re.sub(r'"request_id":"[^"]+"', '"request_id":"…"', text)
    # Request ids stand in headers, too.
    for value in answer.headers.values():
        text = text.replace(value, "…") if len(value) > 8 else text
    return text


@pytest.mark.parametrize(
    "query",
    [
        "&" * 5_000,
        "=" * 5_000,
        "&".join(f"a{number}=1" for number in range(2_000)),
        "page=-1&per_page=0",
        "page=1e9&per_page=abc",
        "page=99999999999999999999999&per_page=99999999999999999999",
        "limit=-1&offset=-1",
        "limit=NaN&offset=%00",
        "status=%ff%fe",
        "status[]=1&status[a][b]=2",
        "period=forever&from=yesterday&to=%F0%9F%92%A9",
        "from=99999-01-01&to=0000-00-00",
        "prompt=%ED%A0%80",
        "x=" + "y" * 50_000,
        "?%%%",
    ],
    ids=lambda query: query[:24],
)
def test_an_odd_query_string_is_refused_or_ignored(session: Session, query: str) -> None:
    before = session.kept()
    for operation in session.operations("GET"):
        path = with_id(operation.path, NOBODYS_ID)
        answer = session.ask("GET", f"{path}?{query}")
        if answer.status_code != 200:
            session.refusal(answer, before)
    assert session.kept() == before


def test_of_a_repeated_key_the_first_is_believed(session: Session) -> None:
    mine, theirs = session.target.key(), session.target.key("theirs")
    twice = [*mine.items(), *theirs.items(), *session.target.headers.items()]
    address = f"/{session.target.name}{session.target.path}"
    before = session.kept("theirs")
    assert session.send("POST", address, json=session.target.order, headers=twice).status_code < 300
    assert session.kept("theirs") == before


def test_a_key_repeated_badly_is_a_bad_key(session: Session) -> None:
    before = session.kept()
    address = f"/{session.target.name}{session.target.path}"
    for value in (
        "",
        "Bearer",
        "Bearer ",
        "Basic eA==",
        "Bearer  a  b",
        "Bearer \x7f",
        "\t",
        "x" * 60_000,
    ):
        headers = {**session.target.headers, **dict.fromkeys(session.target.key(), value)}
        answer = session.send("POST", address, json=session.target.order, headers=headers)
        session.refusal(answer, before, own=session.target.bad_key)
        assert answer.status_code in session.target.bad_key
    assert session.kept() == before


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.test",
        "evil.test:99999",
        "[::1",
        "a" * 5_000,
        "127.0.0.1@evil.test",
        "{own}.evil.test",
        "x/../../y",
        'a"b<script>',
        "%00",
    ],
    ids=lambda host: host[:20] or "none",
)
def test_a_weird_host_is_no_crash(session: Session, host: str) -> None:
    host = host.format(own=session.target.provider.hosts[0])
    answer = session.ask("GET", session.me, headers={"host": host})
    assert answer.status_code == 200
    lost = session.send("GET", "/v1/nothing", headers={**session.target.key(), "host": host})
    assert lost.status_code == 404


@pytest.mark.parametrize(
    "method", ["PATCH", "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "x", "HEAD"]
)
def test_a_method_nobody_takes_is_refused(session: Session, method: str) -> None:
    before = session.kept()
    answer = session.ask(method, session.target.path)
    reads = {one.path for one in session.target.provider.operations if one.method == "GET"}
    # Who lists what was ordered at the same address answers HEAD there.
    listed = method == "HEAD" and session.target.path in reads
    assert answer.status_code in ((200,) if listed else (404, 405))
    if method != "HEAD":
        session.refusal(answer, before)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@pytest.mark.parametrize(
    "path",
    ["", "/", "//", "/v1", "/v1//me", "/v1/me/", "/V1/ME", "/%2e%2e/cdn", "/\\"],
)
def test_an_address_beside_the_map_is_the_vendors_404(target: Target, path: str) -> None:
    session = Session(target)
    before = session.kept()
    answer = session.ask("GET", path)
    if path:
        session.refusal(answer, before)
    assert answer.status_code == 404
    session.close()


def test_the_rule_of_this_folder_convicts_what_it_is_about() -> None:
    first, second = TARGETS[:2]
    session, stranger = Session(first), Session(second)
    before = session.kept()
    accepted = session.ask("POST", first.path, json=first.order)
    refused = session.ask("POST", first.path, json={})
    with pytest.raises(AssertionError, match=str(accepted.status_code)):
        session.refusal(accepted, before)
    with pytest.raises(AssertionError, match="left something behind"):
        session.refusal(refused, before)
    session.refusal(refused, session.kept())
    with pytest.raises(AssertionError, match="no golden refusal looks like"):
        stranger.refusal(refused, stranger.kept())
    stranger.close()
    session.close()
