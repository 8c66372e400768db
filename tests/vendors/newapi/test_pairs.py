"""Every observed pair of the real new-api, asked of each vendor that speaks its wire.

The data was written from the observations by somebody who had not read the code.
"""

from __future__ import annotations

import gzip
import http.client
import json
import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema_rs import Draft202012Validator, meta

from bodydouble.testing import Emulator, Sandbox
from tests.vendors.newapi.pairs import FIXTURES, PAIRS, Reply, Values, body, differences

# The model behind each kind of channel, and what a call costs that names nothing but a prompt.
CHANNELS = {
    ("infinityblue", "kling"): ("kling-v2-5-turbo", Decimal("0.35")),
    ("infinityblue", "veo"): ("veo_3_1", Decimal("3.20")),
    ("uniall", "kling"): ("kling-v3-std-silent", Decimal("0.42")),
}
VENDORS = sorted({vendor for vendor, _ in CHANNELS})
# Kinds of channel that no vendor has a model of: their pairs wait for one.
UNSERVED = {"sora", "doubao"}
# Where a vendor's own page names what the real program has not.
NOT_FOR = {("uniall", "create-plural")}
LIMITS = {"limited": "1000", "thin": "0.002", "spent": "0"}
WALLETS = {"broke": "0", "poor": "0.002"}
PASS_S = 60

BY_ID = {pair["id"]: pair for pair in PAIRS}


def channel(pair: dict[str, Any]) -> str:
    """The kind of channel that a pair is about."""
    return str(pair.get("setup", {}).get("channel", "kling"))


CASES = [
    (vendor, pair["id"])
    for vendor in VENDORS
    for pair in PAIRS
    if (vendor, channel(pair)) in CHANNELS and (vendor, pair["id"]) not in NOT_FOR
]


@pytest.fixture(scope="module")
def emulators() -> Iterator[dict[str, Emulator]]:
    running = {
        vendor: Emulator(
            seed=1,
            only=vendor,
            strict_keys=True,
            quirks={f"{vendor}.wire": "newapi"},
            balances={"": "100"},
        )
        for vendor in VENDORS
    }
    yield running
    for emulator in running.values():
        emulator.close()


class Scene:
    """One sandbox as a pair's setup wants it, and the request sent to it over a socket."""

    def __init__(self, emulator: Emulator, sandbox: Sandbox, vendor: str, pair: Any) -> None:
        self.url = emulator.url
        self.sandbox = sandbox
        self.vendor = vendor
        self.setup: dict[str, Any] = pair.get("setup", {})
        model, price = CHANNELS[vendor, channel(pair)]
        cents = price * 100
        quota = int(price * 500_000)
        self.rich = sandbox.keys[vendor]
        self.key = self._key(self.setup.get("key", "rich"))
        self.values = Values(
            {
                "model": model,
                "task": "",
                "key": self.key,
                "bare": self.key.removeprefix("sk-"),
                "quota": quota,
                "-quota": -quota,
                "cost": f"{price:.6f}",
                "cents": int(cents) if cents == int(cents) else float(cents),
            }
        )
        if "job" in self.setup:
            self._make(self.setup["job"])
        if "tried" in self.setup:
            self._trouble(self.setup["tried"])
            tried = self.send(self._create())
            assert tried.status == self.setup["tried"]
        if (role := self.setup.get("key")) in WALLETS:
            sandbox.accounts.set_balance(vendor, WALLETS[role])

    def _key(self, role: str) -> str:
        fields: dict[str, Any] = {
            "unlimited": {"scopes": ["unlimited"]},
            "disabled": {"revoked": True},
            "expired": {"expired": True},
            "other-model": {"scopes": ["model:another"]},
            **{name: {"spending_limit": limit} for name, limit in LIMITS.items()},
        }
        if role in fields:
            return str(self.sandbox.add_key(self.vendor, **fields[role])["key"])
        return {"none": "", "unknown": "sk-" + "u" * 48}.get(role, self.rich)

    def _create(self) -> dict[str, Any]:
        members = {"model": "{model}", "prompt": "a boat", **self.setup.get("with", {})}
        how = "multipart" if self.setup.get("form") else "json"
        return {"method": "POST", "path": "/v1/video/generations", how: members}

    def _make(self, state: str) -> None:
        role, key = self.setup.get("key", "rich"), self.rich
        if role in ("limited", "unlimited"):
            key = self.key
        if state == "foreign":
            key = self.sandbox.add_key(self.vendor, account="other", balance="100")["key"]
        made = self.send({**self._create(), "authorization": f"Bearer {key}"})
        assert made.status == 200, f"no task: {made.body!r}"
        self.values.named["task"] = task = json.loads(made.body)["id"]
        if state == "running":
            self.sandbox.jobs.stall(task)
        if state.startswith("failed"):
            self.sandbox.jobs.fail(task)
        if state in ("running", "done", "failed"):
            self.sandbox.clock.advance(PASS_S)
        if "look" in self.setup:
            self.send({"method": "GET", "path": self.setup["look"]})

    def _trouble(self, status: int) -> None:
        self.sandbox.faults.add("arrival", "status", status=status, times=1)

    def play(self, request: dict[str, Any]) -> Reply:
        """The reply to the pair's request."""
        for _ in range(self.setup.get("again", 0)):
            self.send(request)
        if "upstream" in self.setup:
            self._trouble(self.setup["upstream"])
        return self.send(request)

    def send(self, request: dict[str, Any]) -> Reply:
        """One request over a socket, each header as it stands."""
        request = self.values.fill(request)
        content, kind = body(request)
        headers: dict[str, Any] = {}
        if kind is not None:
            headers["Content-Type"] = kind
        if request.get("gzip"):
            content = gzip.compress(content)
            headers["Content-Encoding"] = "gzip"
        if content or request["method"] in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = str(len(content))
        usual = f"Bearer {self.key}" if self.key else None
        headers["Authorization"] = request.get("authorization", usual)
        headers |= request.get("headers", {})
        where = urlsplit(self.url)
        assert where.hostname is not None
        line = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
        try:
            line.putrequest(request["method"], request["path"], skip_accept_encoding=True)
            for name, value in headers.items():
                if value is not None:
                    line.putheader(name, value)
            line.endheaders()
            try:
                line.send(content)
            except (BrokenPipeError, ConnectionResetError):
                assert "bytes" in request, "only what is too big may be refused unread"
            got = line.getresponse()
            told = {name.lower(): value for name, value in got.getheaders()}
            return Reply(got.status, told, got.read())
        finally:
            line.close()


@pytest.mark.parametrize(("vendor", "id"), CASES, ids="/".join)
def test_a_request_is_answered_as_observed(
    emulators: dict[str, Emulator], vendor: str, id: str
) -> None:
    pair = BY_ID[id]
    with emulators[vendor].sandbox() as sandbox:
        scene = Scene(emulators[vendor], sandbox, vendor, pair)
        reply = scene.play(pair["request"])
        assert differences(pair["reply"], reply, scene.values) == []


def test_every_pair_is_asked_of_somebody_or_waits_for_a_channel() -> None:
    asked = {id for _, id in CASES}
    assert {channel(pair) for pair in PAIRS if pair["id"] not in asked} == UNSERVED


def test_there_are_enough_pairs_and_every_section_has_some() -> None:
    sections = Counter(s for pair in PAIRS for s in re.findall(r"§\d+", pair["source"]))
    assert len(BY_ID) == len(PAIRS) >= 100
    assert {f"§{number}" for number in range(1, 10)} <= set(sections)


MISSPELT: dict[str, dict[str, Any]] = {
    "a member of the pair": {"replies": {}},
    "a key": {"setup": {"key": "wealthy"}},
    "a state": {"setup": {"job": "finished"}},
    "a word of the setup": {"setup": {"channels": "kling"}},
    "a method": {"request": {"method": "FETCH", "path": "/"}},
    "two bodies": {"request": {"method": "POST", "path": "/", "json": {}, "raw": ""}},
    "a word of the reply": {"reply": {"status": 200, "header": {}}},
    "a header in capitals": {"reply": {"status": 200, "headers": {"Location": "x"}}},
    "a status": {"reply": {"status": "200"}},
    "an id": {"id": "Two Words"},
    "a source": {"source": "somewhere"},
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads((FIXTURES / "pairs.schema.json").read_text("utf-8"))
    meta.validate(schema)
    return Draft202012Validator(schema)


def test_the_file_obeys_its_schema(validator: Draft202012Validator) -> None:
    told = [
        f"{list(e.instance_path)}: {e.message}" for e in validator.iter_errors({"pairs": PAIRS})
    ]
    assert told == []


@pytest.mark.parametrize("kind", MISSPELT)
def test_what_is_misspelt_is_found(validator: Draft202012Validator, kind: str) -> None:
    pair = deepcopy(PAIRS[0]) | MISSPELT[kind]
    assert not validator.is_valid({"pairs": [pair]})
