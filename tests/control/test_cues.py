"""Every row of the table of cues does what it says, for every vendor it names."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bodydouble import providers
from bodydouble.core.reasons import Reason
from bodydouble.core.scenarios.cues import CueRow, detail_rows, page, read_cue, rows, vendors_of
from bodydouble.core.scenarios.directives import REFUSABLE, BadDirective
from bodydouble.core.scenarios.endings import Ending
from bodydouble_contracts.vendors.profile import present
from tests.control.session import ControlSession, control_session
from tests.vendors.asking import VENDORS, asking

PROVIDERS = [providers.load(name) for name in providers.names()]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "cues.md"


def executed() -> Iterator[tuple[CueRow, str]]:
    for row in rows():
        for vendor in vendors_of(row, PROVIDERS):
            yield row, vendor
    for provider in PROVIDERS:
        for row in detail_rows(provider):
            yield row, provider.name


def test_the_page_is_the_one_the_code_draws() -> None:
    assert PAGE.read_text("utf-8") == page(), "write docs/cues.md anew, from page()"


def test_the_table_has_a_row_for_every_outcome() -> None:
    words = " ".join(row.cue for row in rows())
    for outcome in (*Reason, *REFUSABLE, *Ending):
        assert f"={outcome}" in words


@pytest.mark.parametrize(("row", "vendor"), list(executed()), ids=lambda value: str(value)[:60])
async def test_a_cue_does_what_its_row_says(row: CueRow, vendor: str) -> None:
    async with control_session(quirks={}) as session:
        prompt = f"a fox [[bodydouble: {row.cue}]] in snow"
        answer = await session.submit(vendor, prompt, small=True)
        word, _, value = row.cue.split()[0].partition("=")
        if word == "refuse":
            assert answer.status_code >= 400, answer.text
            assert not await session.jobs()
            assert all(entry["kind"] == "top_up" for entry in await entries(session, vendor))
            return
        assert answer.status_code < 300, answer.text
        (job,) = await session.jobs()
        assert job["prompt"] == "a fox in snow"
        if word == "ending":
            await CHECKS[Ending(value)](session, vendor, job)
            return
        await session.done("PATCH", "/clock", {"until": "idle"})
        (job,) = await session.jobs()
        if word == "fail":
            reason, _, detail = value.partition(":")
            assert (job["state"], job["reason"]) == ("failed", reason)
            assert detail in ("", job["detail"])
        elif word == "stuck":
            ended = "running" if job["deadline_at"] is None else "canceled"
            assert (job["state"], job["ended_at"]) == (ended, job["deadline_at"])
        else:
            assert job["state"] == "succeeded"
        if "after=5s" in row.cue:
            assert took_us(job) == 5_000_000
        if "run=8s" in row.cue:
            assert (job["timeline"]["wait_us"], job["timeline"]["run_us"]) == (2_000_000, 8_000_000)
        assert "bodydouble" not in (await session.poll(job["id"], vendor)).text


def took_us(job: dict[str, Any]) -> int:
    return int(job["timeline"]["wait_us"]) + int(job["timeline"]["run_us"])


async def entries(session: ControlSession, vendor: str) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = (await session.done("GET", f"/accounts/{vendor}/main/entries"))[
        "entries"
    ]
    return kept


async def ended(session: ControlSession, vendor: str, job: dict[str, Any]) -> httpx.Response:
    """What the vendor answers to a look at the job once it is over."""
    await session.done("PATCH", "/clock", {"until": {"job": job["id"]}})
    answer = await session.poll(job["id"], vendor)
    assert answer.status_code == 200, answer.text
    (kept,) = await session.jobs()
    assert kept["state"] == "succeeded"
    return answer


async def no_url(session: ControlSession, vendor: str, job: dict[str, Any]) -> None:
    await ended(session, vendor, job)
    assert not present(asking(vendor).shown("result", await session.result(job["id"], vendor)))


async def unknown_status(session: ControlSession, vendor: str, job: dict[str, Any]) -> None:
    client = asking(vendor)
    await session.done("PATCH", "/clock", {"until": "next-event"})
    said = client.shown("state", await session.poll(job["id"], vendor))
    assert present(said)
    assert client.profile.word(said) is None
    after = client.shown("state", await ended(session, vendor, job))
    assert client.profile.word(after) == "succeeded"


async def progress_of(
    session: ControlSession, vendor: str, job: dict[str, Any], share: float
) -> int:
    run_us = job["timeline"]["run_us"]
    (now,) = await session.jobs()
    assert now["state"] == "running"
    await session.done("PATCH", "/clock", {"advance_s": run_us * share / 1_000_000})
    told = asking(vendor).shown("progress", await session.poll(job["id"], vendor))
    # Some vendors tell a share, others a percentage.
    return round(told * 100) if isinstance(told, float) else int(told)


async def stalls(session: ControlSession, vendor: str, job: dict[str, Any]) -> None:
    await session.done("PATCH", "/clock", {"until": "next-event"})
    first = await progress_of(session, vendor, job, 0.5)
    assert first == await progress_of(session, vendor, job, 0.4) == 40
    await ended(session, vendor, job)


async def goes_back(session: ControlSession, vendor: str, job: dict[str, Any]) -> None:
    await session.done("PATCH", "/clock", {"until": "next-event"})
    first = await progress_of(session, vendor, job, 0.5)
    assert first > await progress_of(session, vendor, job, 0.2)
    await ended(session, vendor, job)


async def ignores_cancel(session: ControlSession, vendor: str, job: dict[str, Any]) -> None:
    client = asking(vendor)
    how, path = client.cancel, client.cancel_path.format(job=job["id"])
    assert how is not None
    headers = client.headers(session.keys[vendor])
    answer = await session.client.request(how.method, path, json=how.body, headers=headers)
    assert answer.status_code in how.ok
    await ended(session, vendor, job)
    assert [entry["kind"] for entry in await entries(session, vendor)][-1] == "charge"


async def address(session: ControlSession, vendor: str, job: dict[str, Any]) -> str:
    await ended(session, vendor, job)
    found = asking(vendor).shown("result", await session.result(job["id"], vendor))
    assert present(found), "the reply has no address"
    return str(found)


async def link_html(session: ControlSession, vendor: str, job: dict[str, Any]) -> None:
    answer = await session.client.get(await address(session, vendor, job))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


async def link_truncated(session: ControlSession, vendor: str, job: dict[str, Any]) -> None:
    url = await address(session, vendor, job)
    answer = await session.client.get(url)
    assert answer.headers["content-type"] == "video/mp4"
    if "?" not in url:  # a signature is good for the one address it was given for
        whole = await session.client.get(url.replace(".mp4", ".jpg"))
        assert whole.status_code == 200
    assert box_lengths(answer.content) > len(answer.content)


def box_lengths(video: bytes) -> int:
    """How long a file's outermost boxes say it is."""
    at = 0
    while at + 8 <= len(video):
        at += int.from_bytes(video[at : at + 4], "big") or len(video)
    return at


async def link_elsewhere(session: ControlSession, vendor: str, job: dict[str, Any]) -> None:
    url = await address(session, vendor, job)
    assert url.startswith("http://127.0.0.1/"), "the API itself was reached as localhost"


async def link_expired(session: ControlSession, vendor: str, job: dict[str, Any]) -> None:
    answer = await session.client.get(await address(session, vendor, job))
    assert answer.status_code == providers.load(vendor).links.expired_status


CHECKS = {
    Ending.NO_URL: no_url,
    Ending.UNKNOWN_STATUS: unknown_status,
    Ending.STALLS: stalls,
    Ending.GOES_BACK: goes_back,
    Ending.IGNORES_CANCEL: ignores_cancel,
    Ending.LINK_HTML: link_html,
    Ending.LINK_TRUNCATED: link_truncated,
    Ending.LINK_ELSEWHERE: link_elsewhere,
    Ending.LINK_EXPIRED: link_expired,
}


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_malformed_cue_is_refused_and_nothing_is_charged(vendor: str) -> None:
    async with control_session() as session:
        answer = await session.submit(vendor, "a fox [[bodydouble: fail=modrated]]")
        assert 400 <= answer.status_code < 500, answer.text
        assert not await session.jobs()


@pytest.mark.parametrize(
    "cue",
    [
        *(
            "",
            "fail",
            "fail=nothing",
            "after=5",
            "after=-1s",
            "jump=1",
            "fail=moderated fail=timeout",
        ),
        *("fail=moderated finish", "stuck after=5s", "refuse=funds after=1s", "run=1s after=2s"),
        *("finish=yes", "ending=", "after=40d", "5s"),
    ],
)
def test_a_cue_that_directs_nothing_is_told_so(cue: str) -> None:
    with pytest.raises(BadDirective):
        read_cue(f"a fox [[bodydouble: {cue}]]")


def test_two_cues_or_half_a_cue_are_no_cue() -> None:
    for prompt in (
        "[[bodydouble: stuck]] [[bodydouble: stuck]]",
        "a [[bodydouble: stuck",
        "[[bodydouble]]",
    ):
        with pytest.raises(BadDirective):
            read_cue(prompt)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_rate_refused_on_cue_tells_counters_that_agree_and_no_word_of_the_cue(
    vendor: str,
) -> None:
    async with control_session() as session:
        said = await session.submit(vendor, "x [[bodydouble: refuse=rate]]")
        assert said.status_code == 429
        assert "cue" not in said.text.lower()
        (row,) = (await session.done("GET", "/requests"))["requests"][:1]
        for decision in row["decisions"]:
            assert (decision["allowed"], decision["remaining"]) == (False, 0)
        if "x-ratelimit-remaining" in said.headers:
            assert said.headers["x-ratelimit-remaining"] == "0"
            now_s = parsedate_to_datetime(said.headers["date"]).timestamp()
            left_s = int(said.headers["x-ratelimit-reset"]) - now_s
            assert abs(left_s - int(said.headers["retry-after"])) <= 1


@pytest.mark.parametrize("cause", REFUSABLE)
@pytest.mark.parametrize("vendor", VENDORS)
async def test_no_refusal_says_that_it_came_of_a_cue(vendor: str, cause: str) -> None:
    async with control_session() as session:
        cue = f"x [[bodydouble: refuse={cause}]]"
        said = await session.submit(vendor, cue)
        assert said.status_code >= 400
        assert "cue" not in said.text.lower()


async def test_switched_off_a_cue_is_words() -> None:
    async with control_session(cues=False) as session:
        prompt = "a fox [[bodydouble: fail=moderated]]"
        assert (await session.submit(prompt=prompt)).status_code == 202
        (job,) = await session.jobs()
        assert job["prompt"] == prompt
        assert job["timeline"]["outcome"] == "succeed"


async def test_a_cue_outranks_the_scenario() -> None:
    async with control_session(scenario="moderated") as session:
        assert (await session.submit(prompt="a fox [[bodydouble: finish]]")).status_code == 202
        assert (await session.jobs())[0]["timeline"]["outcome"] == "succeed"
