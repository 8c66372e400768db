"""OpenAI's official clients and LiteLLM, unmodified, at both gateways on the new-api wire.

They send multipart for every create. On a documented wire that has no forms they are refused, and
the hint says which quirk reads them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bodydouble.testing import Emulator
from tests.vendors import clients
from tests.vendors.newapi.gateways import BOTH, INFINITYBLUE, Gateway

HERE = Path(__file__).parent
PYTHON = ("openai", "3.57.0", HERE / "openai_walk.py")
NODE = ("openai", "7.57.0", HERE / "openai_walk.mjs")
LITELLM = ("litellm", "1.110.2", HERE / "litellm_walk.py")

pytestmark = [pytest.mark.registry, pytest.mark.slow]
FIRST, SECOND = (pytest.param(one, id=one.name) for one in BOTH)
LATER_FIRST, LATER_SECOND = (
    pytest.param(one, id=one.name, marks=pytest.mark.nightly) for one in BOTH
)


def walked(client: tuple[str, str, Path], gateway: Gateway, wire: str = "newapi") -> Any:
    polled = str(gateway.body["model"])
    quirks: dict[str, Any] = {f"{gateway.name}.wire": wire}
    if not gateway.live:
        # No client waits for the poller's first pass: it shows every state at once instead.
        quirks[f"{gateway.name}.poller_pass_seconds"] = 0
    with (
        Emulator(seed=1, strict_keys=True) as emulator,
        emulator.sandbox(seed=1, quirks=quirks, rate=20, hints=True) as sandbox,
    ):
        vendor = sandbox.vendor(gateway.name)
        words = (vendor.base_url, vendor.key, gateway.live or polled, polled)
        # So that LiteLLM asks nobody for its table of prices.
        env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        return clients.walked(*client, *words, env=env)


@pytest.fixture(scope="module", params=BOTH, ids=lambda one: one.name)
def python(request: pytest.FixtureRequest) -> Any:
    return walked(PYTHON, request.param)


@pytest.fixture(scope="module", params=[LATER_FIRST, SECOND])
def node(request: pytest.FixtureRequest) -> Any:
    return walked(NODE, request.param)


def test_python_creates_polls_retrieves_and_downloads(python: Any) -> None:
    assert python["create"]["object"] == "video"
    assert python["create"]["status"] == "queued"
    assert python["create_and_poll"]["status"] == "completed"
    assert python["retrieve"] == python["create_and_poll"]
    assert python["film"]["brand"] == "ftyp"
    assert python["with_picture"]["status"] == "completed"


def test_python_is_refused_what_the_program_has_not(python: Any) -> None:
    for name in ("list", "delete"):
        assert (python[name]["raised"], python[name]["status"]) == ("NotFoundError", 404)
        assert "Invalid URL" in python[name]["body"]
    panic = json.loads(python["remix"]["body"])["error"]
    assert (python["remix"]["status"], panic["type"]) == (500, "new_api_panic")
    unknown = json.loads(python["remix_unknown"]["body"])
    assert unknown["message"] == "task_origin_not_exist"
    assert json.loads(python["no_prompt"]["body"])["message"] == "prompt is required"
    assert (python["no_model"]["status"], python["stranger"]["status"]) == (503, 401)


def test_node_creates_polls_retrieves_and_downloads(node: Any) -> None:
    assert node["create"]["status"] == "queued"
    assert node["finished"]["status"] == "completed"
    assert node["retrieve"]["id"] == node["finished"]["id"]
    assert node["film"]["brand"] == "ftyp"
    assert node["withPicture"]["status"] == "completed"


def test_node_is_refused_what_the_program_has_not(node: Any) -> None:
    raised = {name: node[name]["status"] for name in ("list", "delete", "remix", "remixUnknown")}
    assert raised == {"list": 404, "delete": 404, "remix": 500, "remixUnknown": 400}
    assert (node["noModel"]["status"], node["stranger"]["status"]) == (503, 401)


@pytest.mark.parametrize("gateway", [FIRST, LATER_SECOND])
def test_litellm_gets_its_film(gateway: Gateway) -> None:
    said = walked(LITELLM, gateway)
    assert said == {"made": "queued", "seen": "completed", "brand": "ftyp"}


def test_a_documented_wire_refuses_the_form_and_the_hint_names_the_quirk() -> None:
    said = walked(PYTHON, INFINITYBLUE, wire="documented")
    for name in ("create", "create_and_poll", "with_picture"):
        assert 400 <= said[name]["status"] < 500
        assert f"{INFINITYBLUE.name}.wire=newapi" in said[name]["hint"]
