"""`serve --replay` answers from a cassette in its order, and says where it has nothing."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from bodydouble.web.app import Application
from bodydouble.web.replay.cassette import BadCassette, read_replay
from bodydouble.web.settings import Settings

HEAD = {"cassette": 2, "provider": "smartlyq", "source": "x", "recorded": "2026-08-01T00:00:00Z"}


def exchange(target: str, doc: Any, role: str = "main", body: str = "", status: int = 200) -> Any:
    method = "POST" if body else "GET"
    heads = [["Content-Type", "application/json"], ["Content-Length", "999"], ["X-Request-ID", "r"]]
    reply = {"status": status, "headers": heads, "body": json.dumps(doc)}
    request = {"method": method, "target": target, "role": role, "headers": [], "body": body}
    return {"step": "exchange", "request": request, "reply": reply, "began": 0, "ended": 1, "at_us": 0}  # noqa: E501  # fmt: skip


STEPS = [
    exchange("/v1/videos/generate", {"n": 1}, body='{"a": 1, "b": 2}', status=202),
    exchange("/v1/jobs/j1", {"state": "pending"}),
    exchange("/smartlyq/v1/jobs/j1", {"state": "done"}),
    exchange("/v1/jobs/j1", {"state": "hidden"}, role="other", status=404),
    exchange("/v1/jobs/j1", {"state": "who"}, role="nobody", status=401),
    {**exchange("/v1/me", {}), "reply": None, "lost": "reset"},
]


def cassette(folder: Path, steps: list[Any] = STEPS, end: int | None = None) -> Path:
    lines = [HEAD, *steps, {"end": len(steps) if end is None else end}]
    (folder / "c.jsonl").write_text("\n".join(json.dumps(line) for line in lines) + "\n")
    return folder / "c.jsonl"


async def ask(app: Application, *calls: tuple[str, str, str, str]) -> list[httpx.Response]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x:8750") as client:
        out = []
        for method, path, key, body in calls:
            heads = {"Authorization": f"Bearer {key}"} if key else {}
            out.append(await client.request(method, path, headers=heads, content=body))
        return out


async def test_the_same_request_gets_its_replies_in_order_and_the_last_for_ever(
    tmp_path: Path,
) -> None:
    app = Application(Settings(replay=cassette(tmp_path)))
    job = ("GET", "/smartlyq/v1/jobs/j1", "anything", "")
    got = await ask(app, job, job, job)
    assert [r.json()["state"] for r in got] == ["pending", "done", "done"]
    assert got[0].headers["x-request-id"] == "r"
    assert got[0].headers["x-bodydouble-replay"] == "recorded"


async def test_equal_json_is_the_same_request_and_other_json_the_nearest(tmp_path: Path) -> None:
    app = Application(Settings(replay=cassette(tmp_path)))
    path = "/smartlyq/v1/videos/generate"
    got = await ask(app, ("POST", path, "k", '{"b":2,"a":1}'), ("POST", path, "k", '{"c": 3}'))
    assert [(r.status_code, r.json()) for r in got] == [(202, {"n": 1})] * 2


async def test_keys_take_the_roles_in_order_of_appearance(tmp_path: Path) -> None:
    app = Application(Settings(replay=cassette(tmp_path)))
    job = "/smartlyq/v1/jobs/j1"
    got = await ask(app, ("GET", job, "one", ""), ("GET", job, "two", ""), ("GET", job, "", ""))
    assert [r.json()["state"] for r in got] == ["pending", "hidden", "who"]


async def test_what_was_not_recorded_says_so_and_other_vendors_are_simulated(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = Application(Settings(replay=cassette(tmp_path)))
    got = await ask(
        app,
        ("GET", "/smartlyq/v1/nothing", "k", ""),
        ("GET", "/smartlyq/v1/nothing", "k", ""),
        ("GET", "/smartlyq/v1/me", "k", ""),
        ("GET", "/uniall/v1/models", "", ""),
    )
    assert [r.status_code for r in got] == [404, 404, 502, 401]
    assert "the cassette holds no GET /v1/nothing" in got[0].text
    assert "x-bodydouble-replay" not in got[3].headers
    assert [one.getMessage() for one in caplog.records] == [
        "the cassette of smartlyq holds no GET /v1/nothing; "
        "so far 0 of its recordings were asked for"
    ]


@pytest.mark.parametrize("share", range(1, 20))
def test_a_cassette_cut_anywhere_is_said_in_one_sentence(tmp_path: Path, share: int) -> None:
    path = cassette(tmp_path)
    whole = path.read_bytes().rstrip(b"\n")
    path.write_bytes(whole[: len(whole) * share // 20])
    with pytest.raises(BadCassette) as caught:
        read_replay(path)
    assert "\n" not in str(caught.value)


def test_a_cassette_of_an_earlier_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = cassette(tmp_path)
    path.write_text(path.read_text().replace('"cassette": 2', '"cassette": 1', 1))
    with pytest.raises(BadCassette) as caught:
        read_replay(path)
    assert str(caught.value) == (
        f"{path} is a cassette of format 1, and this version reads format 2: record it again"
    )


def test_a_missing_or_foreign_file_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadCassette, match="cannot be read"):
        read_replay(tmp_path / "absent.jsonl")
    for text in ("", "[]", "{}", "nonsense", '"text"'):
        (tmp_path / "x.jsonl").write_text(text)
        with pytest.raises(BadCassette):
            read_replay(tmp_path / "x.jsonl")
    with pytest.raises(BadCassette, match="last line"):
        read_replay(cassette(tmp_path, end=3))


HOSTILE: dict[str, tuple[str, dict[str, Any]]] = {
    "a status that is none": ("reply", {"status": 99999}),
    "a status of no kind": ("reply", {"status": "ok"}),
    "an interim status": ("reply", {"status": 100}),
    "headers of no kind": ("reply", {"headers": {"a": "b"}}),
    "a header of one part": ("reply", {"headers": [["a"]]}),
    "a header that ends the head": ("reply", {"headers": [["a", "b\r\n\r\nx"]]}),
    "a name with a blank": ("reply", {"headers": [["a b", "c"]]}),
    "a value of no kind": ("reply", {"headers": [["a", 1]]}),
    "a body of no kind": ("reply", {"body": ["a"]}),
    "base64 that is none": ("reply", {"body": {"base64": "a"}}),
    "a body in another coding": ("reply", {"body": {"hex": "00"}}),
    "a target of no kind": ("request", {"target": 7}),
    "a method of no kind": ("request", {"method": None}),
    "a role of no kind": ("request", {"role": ["main"]}),
}


@pytest.mark.parametrize("part", HOSTILE)
def test_a_hostile_line_is_one_sentence_with_its_number(part: str, tmp_path: Path) -> None:
    where, change = HOSTILE[part]
    step = exchange("/v1/me", {})
    step = {**step, where: {**step[where], **change}}
    with pytest.raises(BadCassette, match=r"damaged in line 3") as caught:
        read_replay(cassette(tmp_path, [STEPS[0], step]))
    assert "\n" not in str(caught.value)


def test_what_is_no_file_and_what_is_too_deep_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadCassette, match=r"is no file|cannot be read"):
        read_replay(tmp_path)
    path = cassette(tmp_path)
    head, *rest = path.read_text().splitlines()
    path.write_text("\n".join([head, "[" * 200_000, *rest]))
    with pytest.raises(BadCassette, match="damaged in line 2"):
        read_replay(path)


def test_a_text_with_a_line_separator_is_one_line(tmp_path: Path) -> None:
    path = cassette(tmp_path, [exchange("/v1/me", {"name": "a"})])
    path.write_text(path.read_text().replace("name", "na\u2028me"), encoding="utf-8")
    assert read_replay(path).tapes
