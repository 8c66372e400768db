"""A page in a browser uses every vendor from another port, and from another site none of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bodydouble.core.samples import Sample
from bodydouble.providers import load, names
from bodydouble.testing import Emulator
from bodydouble.testing.sandbox import Sandbox
from tests.hostile.targets import judged, target
from tests.web.browser import ELSEWHERE, browser, needed

pytestmark = [pytest.mark.browser, needed]
# Of vendors whose replies show where a film is.
SAMPLES = {
    name: sample
    for name in names()
    if (sample := load(name).sample) is not None and load(name).shows_links
}
# What keeps a site out is no vendor's: one shows it at every landing, the others at night.
FIRST_BY_DAY = [
    pytest.param(name, marks=[pytest.mark.nightly] * bool(place))
    for place, name in enumerate(SAMPLES)
]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as running:
        yield running


# The browser's driver has a loop of its own in this thread and has to go first.
@pytest.fixture(scope="module")
def page_of(emulator: Emulator) -> Iterator[Any]:
    with browser() as opened:
        yield opened


class Client:
    """A page's scripts with a sandbox's key for one vendor."""

    def __init__(self, page: Any, sandbox: Sandbox, name: str) -> None:
        self.page, self.sandbox = page, sandbox
        self.target = target(name)
        self.root = f"{sandbox.emulator.url}/{name}"
        self.key = sandbox.keys[name]

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        headers = {**self.target.carrying(key or self.key), **self.target.headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        sent = None if body is None else json.dumps(body)
        asked = [method, self.root + path, headers, sent]
        return self.page.evaluate("asked => ask(...asked)", asked)

    def made(self, sample: Sample) -> str:
        """A video's link, as a client without a browser gets it."""
        headers = {**self.target.carrying(self.key), **self.target.headers}
        vendor = self.sandbox.vendor(self.target.name).client(headers=headers)
        job = sample.job(vendor.post(self.root + sample.create, json=sample.body).json())
        self.sandbox.clock.advance(600)
        return sample.link(vendor.get(self.root + sample.shown(job)).json())


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_on_another_port_does_what_any_client_does(
    page_of: Any, emulator: Emulator, name: str
) -> None:
    sample = SAMPLES[name]
    with emulator.sandbox(quirks=judged(name)) as sandbox:
        client = Client(page_of("localhost"), sandbox, name)
        created = client.ask("POST", sample.create, sample.body)
        assert created.get("status", 0) // 100 == 2, created
        job = sample.job(json.loads(created["text"]))
        poll = sample.poll.format(job=job)
        assert client.ask("GET", poll)["status"] // 100 == 2
        refused = client.ask("POST", sample.create, {})
        assert 400 <= refused["status"] < 500
        assert refused["text"]
        assert client.ask("GET", poll, key="nobody's")["status"] >= 400
        assert client.ask("GET", "/no/such/path")["status"] == 404
        sandbox.faults.add("arrival", "status", status=500)
        assert client.ask("GET", poll)["status"] == 500
        sandbox.faults.clear()
        sandbox.clock.advance(600)
        done = client.ask("GET", sample.shown(job))
        link = sample.link(json.loads(done["text"]))
        for crossorigin in ("anonymous", ""):
            width, height, seconds = client.page.evaluate(
                "([url, how]) => play(url, how)", [link, crossorigin]
            )
            assert (width, height) == (sample.width, sample.height)
            assert seconds == pytest.approx(sample.seconds, abs=0.2)


@pytest.mark.parametrize("name", FIRST_BY_DAY)
def test_a_page_on_another_site_can_do_none_of_it(
    page_of: Any, emulator: Emulator, name: str
) -> None:
    sample = SAMPLES[name]
    with emulator.sandbox() as sandbox:
        client = Client(page_of(ELSEWHERE), sandbox, name)
        link = client.made(sample)
        before = len(sandbox.jobs.all())
        for method, path, body in (
            ("POST", sample.create, sample.body),
            ("GET", client.target.path, None),
            ("GET", "/no/such/path", None),
        ):
            assert "kept" in client.ask(method, path, body), path
        assert "kept" in client.page.evaluate("url => ask('GET', url, {})", link)
        assert client.page.evaluate("url => play(url, 'anonymous')", link) is None
        assert client.page.evaluate("url => play(url, '')", link) is None
        assert len(sandbox.jobs.all()) == before
