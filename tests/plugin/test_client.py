"""The control plane's client has a method for everything the document offers, and nothing else."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

import yaml

from bodydouble.client import Resources
from bodydouble.testing import Emulator
from tests.architecture.tree import ROOT

VERBS = {"ask", "get", "post", "put", "patch", "delete"}
SAMPLES = {
    "id": "{sandbox}",
    "name": "normal",
    "amount": "1",
    "document": {},
    "account": "{provider}/{name}",
}


class Recorder(Resources[None]):
    """Notes what would have been asked."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, str]] = set()

    def ask(self, method: str, path: str, *args: Any, **kwargs: Any) -> None:
        self.asked.add((method, path.replace("%7B", "{").replace("%7D", "}")))


def offered() -> set[tuple[str, str]]:
    document: Mapping[str, Any] = yaml.safe_load((ROOT / "openapi/control.yaml").read_text())
    return {
        (method.upper(), re.sub(r"^/_bodydouble", "", path))
        for path, item in document["paths"].items()
        for method in item
        if method in {"get", "post", "put", "patch", "delete"}
    }


def test_every_operation_of_the_document_has_its_method() -> None:
    recorder = Recorder()
    for name, method in inspect.getmembers(recorder, inspect.ismethod):
        if name.startswith("_") or name in VERBS:
            continue
        needed = [
            SAMPLES.get(one.name, "{" + one.name + "}")
            for one in inspect.signature(method).parameters.values()
            if one.kind is one.POSITIONAL_OR_KEYWORD and one.default is one.empty
        ]
        method(*needed)
    assert recorder.asked - {("GET", "/openapi.json")} == offered() - {("GET", "/openapi.json")}


def test_a_sandbox_is_saved_restored_exported_and_imported() -> None:
    with Emulator() as emulator, emulator.sandbox(seed=1, balance="9") as sandbox:
        kept = sandbox.save("before")
        with sandbox.smartlyq.client() as client:
            order = {"model": "kling-v2-1", "type": "text_to_video", "prompt": "x"}
            client.post("/videos/generate", json=order)
        assert sandbox.accounts.get("smartlyq")["balance"] == "8.9300"
        document = sandbox.control.export(sandbox.id)
        sandbox.restore(kept["id"])
        assert sandbox.accounts.get("smartlyq")["balance"] == "9.0000"
        assert sandbox.jobs.all() == []
        other = sandbox.control.import_sandbox(document)
        assert sandbox.control.account(other["id"], "smartlyq/main")["balance"] == "8.9300"
        assert sandbox.control.curl(other["id"], "1").startswith("curl ")
        assert sandbox.control.har(other["id"])["log"]["entries"]
