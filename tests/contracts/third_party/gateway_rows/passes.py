"""Section 7 of the sheet: the poller, and gateways behind gateways."""

from __future__ import annotations

from httpx import Client

from tests.contracts.third_party.gateway import Gateway
from tests.contracts.third_party.gateway import channels as kinds
from tests.contracts.third_party.gateway.channels import Channel
from tests.contracts.third_party.gateway.internet import Incoming, Outgoing
from tests.contracts.third_party.gateway.tasks import PASS_S
from tests.contracts.third_party.gateway_rows.caller import RICH, SORA, START, Caller, InPlace
from tests.contracts.third_party.gateway_rows.sheet import row

LONG = 60
DAY_S = 24 * 3600


def starts(c: Caller) -> list[float]:
    """When the passes began, in seconds since the first that could."""
    c.get("/v1/models")
    return [at - START for at in c.gateway.poller.starts]


@row("7.1")
def pass_starts(c: Caller) -> None:
    slow = [c.task() for _ in range(45)]
    c.answering("kling.example", {"code": 0, "data": {"task_status": "processing"}})
    c.wait(59)
    assert starts(c) == [15]
    c.wait(16)
    assert starts(c) == [15, 75], "45 tasks with a second each: a minute"
    for task in slow[1:]:
        c.gateway.tasks[task].status = "FAILURE"
    c.wait(120)
    assert starts(c)[2:4] == [135, 165], "one task: half a minute"


@row("7.2")
def no_pause(c: Caller) -> None:
    c.gateway.catalogue.channels[0].pauses = False
    c.answering("kling.example", {"code": 0, "data": {"task_status": "processing"}})
    for _ in range(45):
        c.task()
    c.wait(60)
    assert starts(c) == [15, 30, 45, 60]


@row("7.3")
def unknown_state(c: Caller) -> None:
    for body, told in (
        ({"id": "v", "status": "unknown"}, "upstream returned unrecognized message"),
        ({"id": "v"}, "upstream returned unrecognized message"),
        ({"id": "v", "error": {"message": "no"}}, "upstream returned error"),
    ):
        c.answering("sora.example", body)
        before = c.key.left
        task = c.task(SORA)
        c.wait(LONG)
        shown = c.poll(task)
        assert (shown["status"], shown["fail_reason"]) == ("FAILURE", told)
        assert (shown["quota"], c.key.left) == (0, before)


@row("7.4")
def says_unknown(c: Caller) -> None:
    c.answering("sora.example", {"id": "v", "status": "unknown"})
    task = c.task(SORA)
    c.wait(DAY_S)
    assert c.video(task) == {"id": task, "status": "unknown"}


class Behind:
    """Another gateway, spoken to as a provider; its clock is its own."""

    def __init__(self, at: float) -> None:
        self.clock = at
        self.gateway = Gateway({"main": ("carol", RICH)})
        self.gateway.now = lambda: self.clock
        self.client = Client(transport=InPlace(self.gateway))

    def __call__(self, asked: Outgoing, at: float) -> Incoming:
        """Answer the gateway in front."""
        told = self.client.request(
            asked.method, asked.url, headers=dict(asked.headers), content=asked.body
        )
        return Incoming(told.status_code, told.content, dict(told.headers))


def in_front(c: Caller, kind: int) -> Behind:
    """Put another gateway behind a channel of the caller's."""
    behind = Behind(c.clock)
    c.hosts["behind.example"] = behind
    models = {"loop": "kling-v2-5-turbo"}
    made = Channel(20, kind, "https://behind.example", models, secret="sk-main")
    c.gateway.catalogue.channels.append(made)
    c.gateway.catalogue.prices["loop"] = 0.5
    return behind


@row("7.5")
def behind_as_sora(c: Caller) -> None:
    behind = in_front(c, kinds.SORA)
    lost = c.task("loop")
    c.wait(PASS_S)
    assert c.poll(lost)["status"] == "FAILURE", "it said unknown: its first pass was still to come"
    behind.clock = c.clock
    behind.gateway.catalogue.channels[0].pauses = False
    kept = c.task("loop")
    for _ in range(8):
        c.wait(PASS_S)
        behind.clock = c.clock
        c.poll(kept)
    assert c.poll(kept)["status"] == "SUCCESS", "each time its pass came before ours"


@row("7.6")
def behind_as_kling(c: Caller) -> None:
    behind = in_front(c, kinds.KLING)
    before = c.key.left
    task = c.task("loop")
    assert c.sent.path.startswith("/kling/v1/videos/")
    behind.clock = c.clock + LONG
    c.wait(100)
    assert (c.poll(task)["status"], c.poll(task)["progress"]) == ("NOT_START", "0%")
    c.wait(DAY_S)
    assert c.poll(task)["status"] == "FAILURE"
    assert c.key.left == before
