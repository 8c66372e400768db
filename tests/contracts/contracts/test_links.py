"""Links of finished jobs, opened over sockets: what is a video, whom it accuses, what it leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bodydouble_contracts.cli.replay import told_of
from bodydouble_contracts.contracts.links import problem
from bodydouble_contracts.drivers.directed import play, scenarios
from bodydouble_contracts.drivers.links import play_links
from bodydouble_contracts.drivers.media_hosts import unreachable
from bodydouble_contracts.history.exchanges import Exchange, History, Mark, Reply
from bodydouble_contracts.judging.judge import Docket, judge
from bodydouble_contracts.mutants import Answer, Ask, Mutant
from bodydouble_contracts.mutants.matrix import own_mutants
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.recording.replay import Player, broken_by
from bodydouble_contracts.targets.http import Hosted, Url
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.vendors.profile import Profile

IDS = ("JOB-23", "JOB-24", "JOB-25", "JOB-26")
FTYP = b"\0\0\0\x10ftypmp42\0\0\0\0"
FILM = FTYP + b"\0\0\0\x0cmoov1234" + b"\0\0\0\x0cmdat1234"


def sabotaged(toy: InProcess, profile: Profile, mutant: type[Mutant] | str) -> InProcess:
    kind = next(m for m in own_mutants() if m.id == mutant) if isinstance(mutant, str) else mutant
    made = InProcess(toy.app, "sabotaged")
    made.fresh = lambda: kind(profile).wrap(toy.fresh() if toy.fresh else toy.app)
    return made


def only(target: InProcess, profile: Profile) -> History:
    (history,) = play_links(target, profile, 0)
    return history


def broken(history: History, profile: Profile) -> set[str]:
    docket = Docket(profile)
    docket.add(history)
    assert not docket.errors
    return set(docket.evidence)


def test_a_vendor_whose_links_give_what_they_promise_keeps_all_four(
    toy: InProcess, toy_profile: Profile
) -> None:
    found = {j.contract: j for j in judge([only(toy, toy_profile)], toy_profile)}
    assert {found[i].verdict for i in IDS} == {"held"}
    assert found["JOB-23"].count >= 10


@pytest.mark.parametrize("mutant", ["L33", "L35", "L37", "L38"])
def test_a_link_that_gives_no_video_breaks_that_contract_and_accuses_of_nothing_else(
    mutant: str, toy: InProcess, toy_profile: Profile
) -> None:
    history = only(sabotaged(toy, toy_profile, mutant), toy_profile)
    assert "JOB-23" in broken(history, toy_profile) <= set(IDS)


@pytest.mark.parametrize(
    ("status", "part", "body"),
    [
        (200, "", FILM),
        (200, "bytes=0-63", FILM),
        (206, "bytes=0-63", FTYP),
        (200, "", FTYP + b"\0\0\0\x08moov" + b"\0\0\0\0mdat and on to the end"),
        (200, "", FTYP + b"\0\0\0\x08moov" + b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x14four"),
        (200, "", b"\x1a\x45\xdf\xa3 a WebM"),
    ],
)
def test_a_whole_mp4_its_beginning_and_a_webm_are_videos(
    status: int, part: str, body: bytes
) -> None:
    assert problem(Reply(status, (), body), part) == ""


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"not found", "status 404"),
        (206, FILM, "status 206"),
        (302, b"", "status 302"),
        (200, b"", "no bytes at all"),
        (200, b"<!doctype html>", "that begin b'<!doctype"),
        (200, FILM[:-1], "breaks off after 39 bytes, within b'mdat'"),
        (200, FTYP, "without b'moov'"),
        (200, FTYP + b"\0\0\0\x08moov", "without b'mdat'"),
        (200, FTYP + b"\0\0\0\x03moov1234", "breaks off"),
    ],
)
def test_whatever_else_comes_is_named_for_what_it_is(status: int, body: bytes, said: str) -> None:
    assert said in problem(Reply(status, (), body), "")


def test_a_link_is_opened_without_any_key(toy: InProcess, toy_profile: Profile) -> None:
    asked: list[Ask] = []

    class Watching(Mutant):
        def response(self, req: Ask, resp: Answer) -> None:
            asked.append(req)

    only(sabotaged(toy, toy_profile, Watching), toy_profile)
    files = [a for a in asked if a.path.startswith("/files/")]
    assert len(files) >= 10
    assert not any("authorization" in a.headers for a in files)
    assert all("authorization" in a.headers for a in asked if a not in files)


def test_a_host_that_asks_to_come_back_later_is_not_accused(
    toy: InProcess, toy_profile: Profile
) -> None:
    class Busy(Mutant):
        def response(self, req: Ask, resp: Answer) -> Answer | None:
            late = Answer(503, {"retry-after": "5", "content-length": "0"})
            return late if req.path.startswith("/files/") else None

    assert not broken(only(sabotaged(toy, toy_profile, Busy), toy_profile), toy_profile)


def test_opened_links_are_no_calls_of_the_api(toy: InProcess, toy_profile: Profile) -> None:
    view = View(only(toy, toy_profile), toy_profile)
    assert view.fetches
    assert not any(c.x.request.path.startswith("/files/") for c in view.calls)


def test_a_link_to_another_host_is_left_with_its_reason_and_certifies_nothing(
    toy: InProcess, toy_profile: Profile
) -> None:
    class Elsewhere(Mutant):
        def response(self, req: Ask, resp: Answer) -> None:
            if self.does(req, "read"):
                self.write(req, resp, "result", "https://cdn.invalid/film.mp4")
                self.write(req, resp, "poster", "https://cdn.invalid/film.jpg")

    history = only(sabotaged(toy, toy_profile, Elsewhere), toy_profile)
    assert not View(history, toy_profile).fetches
    found = {j.contract: j for j in judge([history], toy_profile)}
    assert {found[i].verdict for i in IDS} == {"inconclusive"}
    assert "leads to cdn.invalid" in found["JOB-23"].reason


@pytest.mark.parametrize(
    ("base", "link", "said"),
    [
        ("http://127.0.0.1:1", "http://127.0.0.1:1/a.mp4", ""),
        ("http://127.0.0.1:1", "http://127.0.0.1:2/a.mp4", "leads to 127.0.0.1:2"),
        ("http://127.0.0.1:1", "https://127.0.0.1:1/a.mp4", "only 127.0.0.1:1"),
        ("http://127.0.0.1:1", "/a.mp4", "leads to nowhere"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1@evil.invalid/a.mp4", "evil.invalid"),
        ("http://127.0.0.1:1/api", "http://127.0.0.1:1/a.mp4", "a folder of"),
        ("module:app", "http://127.0.0.1:1/a.mp4", "over sockets only"),
    ],
)
def test_only_links_to_the_targets_own_origin_are_opened(
    base: str, link: str, said: str, toy_profile: Profile
) -> None:
    reason = unreachable(base, link, with_hosts(toy_profile))
    assert said in reason
    assert bool(reason) == bool(said)


def with_hosts(profile: Profile, *hosts: str) -> Profile:
    links = {**profile.section("links"), "hosts": list(hosts)}
    return replace(profile, extra={**profile.extra, "links": links})


@pytest.mark.parametrize(
    ("link", "opened"),
    [
        ("https://cdn.vendor.invalid/a.mp4", True),
        ("https://d1.cloud.invalid/a.mp4", True),
        ("http://cdn.vendor.invalid:8080/a.mp4", True),
        ("https://vendor.invalid/a.mp4", False),
        ("https://cdn.vendor.invalid.evil.invalid/a.mp4", False),
        ("https://cdn.vendor.invalid@evil.invalid/a.mp4", False),
        ("https://evil.invalid/cdn.vendor.invalid", False),
        ("ftp://cdn.vendor.invalid/a.mp4", False),
        ("https://cdn.vendor.invalid:x/a.mp4", False),
    ],
)
def test_links_to_listed_media_hosts_are_opened_too(
    link: str, opened: bool, toy_profile: Profile
) -> None:
    profile = with_hosts(toy_profile, "cdn.vendor.invalid", "*.cloud.invalid")
    assert (unreachable("http://127.0.0.1:1", link, profile) == "") is opened
    assert "over sockets" in unreachable("module:app", link, profile)


def test_the_ordinary_script_opens_links_where_the_target_is_a_url(
    toy: InProcess, toy_profile: Profile
) -> None:
    script = next(s for s in scenarios() if s.name == "to_the_end")
    inside = play(script, toy, toy_profile)
    assert not View(inside, toy_profile).fetches
    assert not any(isinstance(s, Mark) and s.name == "unopened" for s in inside.steps)
    with Hosted(toy.app) as hosted:
        url = Url(hosted.url)
        outside = play(script, url, toy_profile)
        url.close()
    assert len(View(outside, toy_profile).fetches) == 2
    assert not broken(outside, toy_profile)


def test_a_trace_is_replayed_over_sockets_with_the_new_sessions_link_and_without_in_process(
    toy: InProcess, toy_profile: Profile
) -> None:
    guilty = sabotaged(toy, toy_profile, "L33")
    history = only(guilty, toy_profile)
    assert guilty.fresh is not None
    with Hosted(guilty.fresh()) as hosted:
        url = Url(hosted.url)
        Player(url, toy_profile).play(history.steps[:1])
        again = Player(url, toy_profile).play(history.steps)
        url.close()
    assert broken(again, toy_profile) == broken(history, toy_profile)
    inside = Player(InProcess(guilty.fresh()), toy_profile).play(history.steps)
    assert not broken(inside, toy_profile)
    docket = broken_by(inside, toy_profile)
    assert any("serve the app" in line for line in told_of(docket, 1, "toy"))


def test_a_reply_lost_on_the_way_accuses_only_where_no_network_lay_between(
    toy: InProcess, toy_profile: Profile
) -> None:
    history = only(toy, toy_profile)
    lossy = tuple(
        replace(s, reply=None, lost="reset") if isinstance(s, Exchange) and s.intent else s
        for s in history.steps
        if not (isinstance(s, Exchange) and s.request.method == "HEAD")
    )
    assert "JOB-23" in broken(replace(history, steps=lossy), toy_profile)
    far = replace(history, steps=lossy, controlled=False)
    assert "JOB-23" not in broken(far, toy_profile)
