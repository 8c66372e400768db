"""Methods and headers as HTTP has them: HEAD, Allow, one of each, and one time of day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from bodydouble.core.errors import Cause, Refused
from bodydouble.core.wire import Call
from bodydouble.providers import load, names
from bodydouble.testing import Emulator
from tests.hostile.targets import TARGETS, Session, judged, target

# Of vendors whose replies show where a film is.
SAMPLES = {
    name: sample
    for name in names()
    if (sample := load(name).sample) is not None and load(name).shows_links
}
THEN = "2031-05-06T07:08:09Z"
THEN_AS_HTTP = "Tue, 06 May 2031 07:08:09 GMT"
MANY = {"set-cookie", "vary", "allow", "via", "warning", "www-authenticate"}


@pytest.fixture(params=TARGETS, ids=lambda target: target.name)
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    opened = Session(request.param)
    yield opened
    opened.close()


def test_head_is_what_the_vendors_stack_makes_of_it(session: Session) -> None:
    for operation in session.operations("GET"):
        if "{" in operation.path:
            continue
        get, head = session.ask("GET", operation.path), session.ask("HEAD", operation.path)
        assert head.content == b""
        if session.target.provider.head:
            assert head.status_code == get.status_code
            assert head.headers["content-type"] == get.headers["content-type"]
        else:
            wrong = session.target.provider.refuse(
                Refused(Cause.METHOD, path="/", method="HEAD", allowed=("GET",)).refusal,
                Call("HEAD", operation.path),
            )
            assert head.status_code == wrong.status


def test_head_of_a_path_without_get_is_any_wrong_method(session: Session) -> None:
    posts = {one.path for one in session.operations("POST")}
    gets = {one.path for one in session.operations("GET")}
    alone = sorted(path for path in {*posts, session.target.path} - gets if "{" not in path)
    if not alone:
        pytest.skip("every path that is written to is read as well")
    path = alone[0]
    assert session.ask("HEAD", path).status_code == session.ask("PATCH", path).status_code


def test_a_wrong_method_names_those_that_are_right(session: Session) -> None:
    operations = session.operations("GET", "POST", "PUT", "PATCH", "DELETE")
    for path in {one.path for one in operations if "{" not in one.path}:
        taken = {one.method for one in operations if one.path == path}
        if session.target.provider.head and "GET" in taken:
            taken.add("HEAD")
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - taken:
            answer = session.ask(method, path)
            assert answer.status_code in (404, 405)
            if answer.status_code == 405:
                assert set(answer.headers["allow"].split(", ")) == taken, (method, path)
    session.plane("POST", "/faults", {"point": "arrival", "kind": "status", "status": 405})
    assert "GET" in session.ask("GET", session.me).headers["allow"]


@pytest.mark.parametrize(
    "path", ["/", "/_bodydouble/health", "/cdn/a/b/c.mp4", "/uploads/a/b", "/{}/docs"]
)
def test_what_is_no_vendors_names_them_too(path: str) -> None:
    session = Session(TARGETS[0])
    answer = session.send("DELETE", "http://127.0.0.1" + path.format(TARGETS[0].name))
    assert answer.status_code == 405
    assert answer.headers["allow"]
    session.close()


def test_json_is_json_however_it_is_written_and_nothing_like_it_is() -> None:
    for given, told in (
        (b"Application/JSON", "application/json"),
        (b"application/json ; charset=UTF-8", "application/json"),
        (b"application/jsonlines", "application/jsonlines"),
        (b"application/json, text/plain", "application/json, text/plain"),
        (b"", ""),
    ):
        assert Call("POST", "/", headers=((b"content-type", given),)).media_type == told


# Over a socket, as a client has them --------------------------------------------------------------


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as running:
        yield running


def answers(emulator: Emulator, name: str, sandbox: Any) -> Iterator[tuple[str, httpx.Response]]:
    """Answers of every kind, the last of them the files; all but ``none`` are of the sandbox."""
    asked, sample = target(name), SAMPLES[name]
    headers = {**asked.carrying(sandbox.keys[name]), **asked.headers}
    with httpx.Client(base_url=f"{emulator.url}/{name}", headers=headers) as client:
        sandbox.clock.to("2031-05-06T06:58:09Z")  # links may live for a day
        made = client.post(sample.create, json=sample.body)
        yield "create", made
        sandbox.clock.to(THEN)
        sandbox.clock.freeze()
        done = client.get(sample.shown(sample.job(made.json())))
        yield "poll", done
        wallet = sample.wallet or sample.poll.format(job=sample.job(made.json()))
        yield "head", client.head(wallet)
        yield "refusal", client.post(sample.create, json={})
        yield "path", client.get("/no/such/path")
        yield "method", client.patch(sample.create)
        yield "page", client.get(wallet, headers={"origin": "http://localhost"})
        yield "none", client.get(wallet, headers={**dict.fromkeys(asked.key(), "x")})
        yield "none", client.options(wallet, headers={"origin": "http://localhost"})
        yield "none", client.get(f"{emulator.url}/{name}/openapi.json")
        yield "none", client.get(f"{emulator.url}/_bodydouble/health")
        yield "none", client.get(emulator.url)
        sandbox.faults.add("arrival", "status", status=503)
        yield "fault", client.get(wallet)
        sandbox.faults.clear()
        link = sample.link(done.json())
        film = httpx.get(link, timeout=60)
        yield "film", film
        yield "range", httpx.get(link, headers={"range": "bytes=0-9"})
        yield "beyond", httpx.get(link, headers={"range": "bytes=999999999-"})
        yield "known", httpx.get(link, headers={"if-none-match": film.headers["etag"]})
        yield "nothing", httpx.get(link.replace("/video", "/other").replace(".mp4", ".gif"))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_answer_has_one_date_and_it_is_the_sandboxs(emulator: Emulator, name: str) -> None:
    with emulator.sandbox(quirks=judged(name)) as sandbox:
        for kind, answer in answers(emulator, name, sandbox):
            told = [one for one, _ in answer.headers.multi_items()]
            twice = {one for one in told if told.count(one) > 1} - MANY
            assert not twice, (kind, twice)
            date = answer.headers["date"]
            if kind == "none":
                real = abs(parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
                assert real < 3600, kind
            elif kind != "create":
                assert date == THEN_AS_HTTP, (kind, answer.status_code)
            if kind == "film":
                assert "gzip" in answer.request.headers["accept-encoding"]
                assert "content-encoding" not in answer.headers
                changed = parsedate_to_datetime(answer.headers["last-modified"])
                assert changed <= parsedate_to_datetime(THEN_AS_HTTP)
                assert changed.timestamp() == pytest.approx(_ended(sandbox), abs=1)


def _ended(sandbox: Any) -> float:
    (job,) = sandbox.jobs.all()
    return datetime.fromisoformat(job["ended_at"].replace("Z", "+00:00")).timestamp()


def test_the_window_ends_in_the_time_that_the_date_tells(emulator: Emulator) -> None:
    seen = []
    for name, sample in SAMPLES.items():
        if not sample.wallet:
            continue
        with emulator.sandbox() as sandbox:
            sandbox.clock.to(THEN)
            asked = target(name)
            headers = {**asked.carrying(sandbox.keys[name]), **asked.headers}
            answer = httpx.get(f"{emulator.url}/{name}{sample.wallet}", headers=headers)
            reset = answer.headers.get("x-ratelimit-reset")
            if reset is not None:
                begun = parsedate_to_datetime(answer.headers["date"]).timestamp()
                seen.append(int(reset) - begun)
    assert seen
    assert all(0 <= span <= 86_400 for span in seen), seen
