"""The renderer's process may crash, hang or never start: the server says so and goes on."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest

from bodydouble.web.media import renderer as module
from bodydouble.web.media.process import RendererBusy, RenderError
from bodydouble.web.media.renderer import Renderer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A worker that dies as often as the order says, counting in a file, and then answers.
MORTAL = """
import json, pathlib, sys
for line in sys.stdin:
    order = json.loads(line)
    lives = pathlib.Path(order["out"])
    died = int(lives.read_text()) if lives.exists() else 0
    if died < order["deaths"]:
        lives.write_text(str(died + 1))
        sys.exit("out of oil")
    print(json.dumps({"id": order["id"], "ok": True}), flush=True)
"""
SILENT = "import sys; sys.stdin.read()"
REFUSING = """
import json, sys
for line in sys.stdin:
    print(json.dumps({"id": 1, "ok": False, "error": "no paint"}), flush=True)
"""


@pytest.fixture
def made() -> Iterator[list[Renderer]]:
    """Renderers to close at the end."""
    renderers: list[Renderer] = []
    yield renderers
    for one in renderers:
        one.close()


def start(made: list[Renderer], script: str, **options: Any) -> Renderer:
    """A renderer whose process runs ``script``."""
    made.append(Renderer((sys.executable, "-c", script), **options))
    return made[-1]


def order(one: Renderer, **wire: Any) -> Future[None]:
    """An order for nothing in particular."""
    return one.submit(wire, work_mp=1)


def test_nothing_is_started_before_the_first_order(made: list[Renderer]) -> None:
    """A server that nobody asks for media has no second process."""
    assert start(made, SILENT).pids == []


def test_one_crash_is_tried_again(made: list[Renderer], tmp_path: Path) -> None:
    """The client never learns of it."""
    one = start(made, MORTAL)
    assert order(one, out=str(tmp_path / "lives"), deaths=1).result(30) is None
    assert len(one.pids) == 1


def test_a_second_crash_is_an_error_that_says_how_it_ended(
    made: list[Renderer], tmp_path: Path
) -> None:
    """And the next order is served."""
    one = start(made, MORTAL)
    with pytest.raises(RenderError, match=r"status 1, twice\. out of oil"):
        order(one, out=str(tmp_path / "lives"), deaths=2).result(30)
    assert order(one, out=str(tmp_path / "others"), deaths=0).result(30) is None


def test_an_order_that_takes_too_long_is_given_up(
    made: list[Renderer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process is ended, because nothing else would stop it; a larger film may take longer."""
    monkeypatch.setattr(module, "LIMIT_FLOOR_S", 0.01)
    monkeypatch.setattr(module, "LIMIT_PER_MP_S", 0)
    one = start(made, SILENT)
    with pytest.raises(RenderError, match="longer than 0 s"):
        order(one).result(30)
    assert one.pids == []


def test_what_went_wrong_in_the_process_is_told(made: list[Renderer]) -> None:
    """In its own words."""
    with pytest.raises(RenderError, match="no paint"):
        order(start(made, REFUSING)).result(30)


def test_a_process_that_cannot_start_is_an_error(made: list[Renderer]) -> None:
    """Not a hang."""
    made.append(Renderer(("/no/such/python",)))
    with pytest.raises(RenderError, match="cannot run"):
        order(made[-1]).result(30)


def test_the_queue_is_bounded(made: list[Renderer], monkeypatch: pytest.MonkeyPatch) -> None:
    """More is refused at once, and what waits when the server goes; a dropped one leaves room."""
    monkeypatch.setattr(module, "QUEUE_MAX", 2)
    one = start(made, SILENT)
    accepted = [order(one) for _ in range(2)]
    with pytest.raises(RendererBusy):
        accepted.extend(order(one) for _ in range(3))
    one.drop(accepted.pop())
    accepted.append(order(one))
    one.close()
    for done in accepted:
        with pytest.raises(RendererBusy):
            done.result(30)
    with pytest.raises(RendererBusy, match="closed"):
        order(one)


def test_an_idle_process_is_ended_and_comes_back(made: list[Renderer], tmp_path: Path) -> None:
    """Memory is given back between bursts."""
    others = set(threading.enumerate())
    one = start(made, MORTAL, idle_s=0.01)
    wire: dict[str, Any] = {"out": str(tmp_path / "lives"), "deaths": 0}
    order(one, **wire).result(30)
    for thread in set(threading.enumerate()) - others:
        thread.join(30)
    assert one.pids == []
    assert order(one, **wire).result(30) is None
