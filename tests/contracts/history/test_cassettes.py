"""Cassettes: whole, masked, as described, and honest about being cut."""

import io
import json
from pathlib import Path

import jsonschema_rs
import pytest

from bodydouble_contracts.data import fixtures_dir
from bodydouble_contracts.history.cassettes import (
    CassetteError,
    header_of,
    read_cassette,
    write_cassette,
)
from bodydouble_contracts.history.exchanges import History, Reply, Request
from bodydouble_contracts.history.har import write_har
from bodydouble_contracts.history.masking import Masker
from bodydouble_contracts.judging.judge import judge
from bodydouble_contracts.live.run import run_live
from bodydouble_contracts.live.tiers import make_plan
from tests.contracts.history.test_exchanges import sample
from tests.contracts.live.toy_vendor import Vendor, guarded, profile


def recorded(folder: Path) -> tuple[Path, History, Vendor]:
    vendor = Vendor()
    guard = guarded(vendor, folder, 2000)
    plan = make_plan(profile(), "2", pace_ms=0, poll_ms=1000)
    out = run_live(guard, plan, dict(vendor.keys), lambda text: None)
    guard.journal.close()
    masker = Masker()
    for role, key in vendor.keys.items():
        masker.learn(key, role)
    path = folder / "live.jsonl"
    write_cassette(path, out.history, header_of(out.history, cost="2.40"), masker)
    return path, out.history, vendor


def test_every_line_is_as_the_schema_describes(tmp_path: Path) -> None:
    path, _, _ = recorded(tmp_path)
    write_cassette(tmp_path / "all.jsonl", sample(), header_of(sample()), Masker())
    schema = json.loads((fixtures_dir() / "cassette.schema.json").read_text())
    check = jsonschema_rs.validator_for(schema)
    lines = path.read_text().splitlines() + (tmp_path / "all.jsonl").read_text().splitlines()
    assert len(lines) > 80
    assert [line[:200] for line in lines if not check.is_valid(json.loads(line))] == []


@pytest.mark.parametrize(
    "name",
    [
        *("Authorization", "Proxy-Authorization", "Cookie", "api-key", "X-Api-Key", "X-Key"),
        *("x-goog-api-key", "X-Auth-Token", "x-access-token", "X-Bodydouble-Token"),
    ],
)
def test_no_header_of_a_request_that_carries_a_credential_is_stored(name: str) -> None:
    asked = Request("GET", "/", "a", ((name, "short"), ("accept", "*/*")), b"")
    assert Masker().request(asked).headers == (("accept", "*/*"),)


def test_a_reply_that_counts_tokens_keeps_its_headers() -> None:
    told = Reply(200, (("x-ratelimit-remaining-tokens", "9"), ("set-cookie", "a=b")), b"")
    assert Masker().reply(told).headers == (("x-ratelimit-remaining-tokens", "9"),)


def test_a_cassette_comes_back_as_the_history_it_was(tmp_path: Path) -> None:
    path, history, _ = recorded(tmp_path)
    header, found = read_cassette(path)
    assert header.cost == "2.40"
    assert len(found.steps) == len(history.steps)
    assert [j.verdict for j in judge([found], profile(), tier="2")] == [
        j.verdict for j in judge([history], profile(), tier="2")
    ]


def test_no_cassette_holds_a_key(tmp_path: Path) -> None:
    path, _, vendor = recorded(tmp_path)
    text = path.read_text()
    assert not [k for k in vendor.keys.values() if k in text]
    assert "Token " not in text


def test_a_cassette_cut_anywhere_is_said_in_one_sentence(tmp_path: Path) -> None:
    path, _, _ = recorded(tmp_path)
    whole = path.read_bytes()
    for share in range(1, 40):
        path.write_bytes(whole[: len(whole) * share // 40])
        with pytest.raises(CassetteError) as caught:
            read_cassette(path)
        assert "\n" not in str(caught.value)
    path.write_bytes(b"\n".join(whole.splitlines()[:-1]))
    with pytest.raises(CassetteError, match="last line is missing"):
        read_cassette(path)


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"cassette": 2}', "\x00", "17"])
def test_what_is_no_cassette_is_said_in_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.jsonl").write_text(text)
    with pytest.raises(CassetteError, match="does not begin like a cassette"):
        read_cassette(tmp_path / "c.jsonl")


def test_a_cassette_of_an_earlier_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path, _, _ = recorded(tmp_path)
    path.write_text(path.read_text().replace('"cassette":2', '"cassette":1', 1))
    with pytest.raises(CassetteError) as caught:
        read_cassette(path)
    assert str(caught.value) == (
        f"{path} is a cassette of format 1, and this version reads format 2: record it again"
    )


def test_a_har_holds_every_exchange(tmp_path: Path) -> None:
    path, history, _ = recorded(tmp_path)
    out = io.StringIO()
    write_har(read_cassette(path)[1], out)
    log = json.loads(out.getvalue())["log"]
    assert len(log["entries"]) == len(history.exchanges)
    assert {e["response"]["status"] for e in log["entries"]} >= {200, 201, 401, 422}
    posted = [
        e["request"]["postData"]["text"] for e in log["entries"] if "postData" in e["request"]
    ]
    assert {x.request.body.decode() for x in history.exchanges if x.request.body} == set(posted)


def test_a_secret_is_masked_in_every_spelling() -> None:
    masker = Masker()
    masker.learn('se"cret/+key', "main")
    texts = [
        b'{"a": "se\\"cret/+key"}',
        b"?key=se%22cret%2F%2Bkey",
        b"c2UiY3JldC8ra2V5",
        b'{"webhook": {"secret": "whsec_other"}}',
    ]
    assert not [t for t in texts if t == masker.body(t)]
    assert b"whsec_other" not in masker.body(texts[3])
