"""fal's official clients for Python and Node, unmodified, get what they expect.

Both walk the same way in a process of their own: a video made and downloaded, waited for by polls,
by the stream of its status and by one reply, cancels, more than may run at once, and each refusal
once. The one for Python speaks nothing but https, to a server with a certificate of its own.
Neither verifies webhooks; a library does, with the keys that the server publishes.
"""

from __future__ import annotations

import json
import ssl
import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bodydouble.testing import Emulator
from tests.cli.shell import serving_over_tls
from tests.vendors import clients

HERE = Path(__file__).parent
SANDBOX: dict[str, Any] = {"seed": 1, "balance": {"fal": "200"}}
Said = dict[str, Any]
Hooks = list[tuple[dict[str, str], bytes]]

pytestmark = [pytest.mark.registry, pytest.mark.slow]


@contextmanager
def receiver() -> Iterator[tuple[str, Hooks]]:
    """An address for webhooks, and what came to it."""
    came: Hooks = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", came
    finally:
        server.shutdown()
        server.server_close()


def proved(hooks: Hooks, keys: Any) -> Said:
    """The one delivery there is, its signature verified as fal's page says. InvalidSignature."""
    ((headers, body),) = hooks
    names = ("request-id", "user-id", "timestamp")
    lines = [headers[f"x-fal-webhook-{name}"] for name in names]
    message = "\n".join([*lines, sha256(body).hexdigest()]).encode()
    shown = keys["keys"][0]["x"]
    public = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(shown + "=" * (-len(shown) % 4)))
    public.verify(bytes.fromhex(headers["x-fal-webhook-signature"]), message)
    told: Said = json.loads(body)
    assert lines[0] == told["request_id"]
    return told


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Said:
    folder = tmp_path_factory.mktemp("tls")
    with (
        serving_over_tls(folder, "--strict-keys", "--quiet") as (url, authority),
        receiver() as (hook, came),
        httpx.Client(base_url=url, verify=ssl.create_default_context(cafile=authority)) as asks,
    ):
        made = asks.post("/_bodydouble/sandboxes", json={**SANDBOX, "rate": 0}).json()
        host = url.removeprefix("https://")
        env = {
            "FAL_KEY": made["keys"]["fal"],
            "FAL_QUEUE_RUN_HOST": f"{host}/fal",
            "FAL_RUN_HOST": f"{host}/fal/run",
            "SSL_CERT_FILE": authority,
        }
        where = f"{url}/_bodydouble/sandboxes/{made['id']}"
        program = HERE / "client_walk.py"
        said: Said = clients.walked("fal-client", "1.0.3", program, where, hook, env=env)
        said["hook"] = proved(came, asks.get("/fal/.well-known/jwks.json").json())
        log = asks.get(f"{where}/requests?limit=500").json()
        said["log"] = [(one["path"], one["status"]) for one in log["requests"]]
    return said


@pytest.fixture(scope="module")
def node() -> Said:
    program = HERE / "client_walk.mjs"
    with (
        Emulator(seed=1, strict_keys=True) as emulator,
        emulator.sandbox(**SANDBOX) as sandbox,
    ):
        where = f"{emulator.url}/_bodydouble/sandboxes/{sandbox.id}"
        fal = sandbox.vendor("fal")
        with receiver() as (hook, came):
            words = (fal.base_url, fal.key, where, hook)
            said: Said = clients.walked("@fal-ai/client", "1.10.1", program, *words)
            keys = httpx.get(f"{fal.base_url}/.well-known/jwks.json").json()
            said["hook"] = proved(came, keys)
    return said


def test_python_submits_follows_and_downloads(python: Said) -> None:
    said = python["story"]
    base = f"https://{python['host']}/fal-ai/kling-video/requests/{said['id']}"
    assert said["urls"] == [base, f"{base}/status", f"{base}/cancel"]
    assert said["queued"] == {"kind": "Queued", "position": 0}
    assert said["running"]["kind"] == "InProgress"
    assert [line["level"] for line in said["completed"]["logs"]] == ["INFO", "INFO"]
    assert said["completed"]["metrics"]["inference_time"] > 0
    assert said["film"] == {"status": 200, "type": "video/mp4", "brand": "ftyp"}
    assert said["late_cancel"]["message"] == '{"status":"ALREADY_COMPLETED"}'
    assert python["hook"]["request_id"] == said["id"]
    assert (python["hook"]["status"], python["hook"]["payload"]) == ("OK", said["result"])


def test_python_waits_by_itself_and_for_one_reply(python: Said) -> None:
    said = python["subscribed"]
    assert said["updates"][-1] == "Completed"
    assert {said[name]["video"]["content_type"] for name in ("result", "ran", "async")} == {
        "video/mp4"
    }


def test_python_cancels_what_waits_and_what_runs(python: Said) -> None:
    said = python["canceled"]
    assert said["queued"]["error_type"] == said["running"]["error_type"] == "client_cancelled"
    assert said["result"]["raised"] == "FalClientHTTPError"
    assert (said["result"]["status"], said["result"]["type"]) == (499, "client_cancelled")


def test_python_has_its_queue_take_all_and_asks_again_where_nothing_waits(python: Said) -> None:
    said = python["crowded"]
    assert sorted(said["kinds"]) == ["InProgress", "InProgress", "Queued"]
    assert "video" in said["ran"]
    refused = {path.partition("/fal-ai/")[0] for path, status in python["log"] if status == 429}
    assert refused == {"/run"}


@pytest.mark.parametrize(
    ("name", "status", "told", "kind"),
    [
        ("unknown_key", 401, "invalid key credentials", None),
        ("malformed_key", 401, "Expected '<key_id>:<key_secret>'", None),
        ("unknown_app", 404, "Application 'fal-ai/sora-9' not found", None),
        ("unknown_request", 404, "NOT_FOUND", None),
        ("no_funds", 403, "User is locked. Reason: Exhausted balance.", None),
        ("broken", 500, "Runner returned a server error", "runner_server_error"),
    ],
)
def test_python_raises_what_it_raises_at_the_vendor(
    python: Said, name: str, status: int, told: str, kind: str | None
) -> None:
    said = python["refusals"][name]
    assert (said["raised"], said["status"]) == ("FalClientHTTPError", status)
    assert (told in said["message"], said["type"]) == (True, kind)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("bad_run", "missing"),
        ("invalid", "literal_error"),
        ("moderated", "content_policy_violation"),
    ],
)
def test_python_reads_the_errors_of_models(python: Said, name: str, kind: str) -> None:
    said = python["refusals"][name]
    assert (said["status"], said["again"]) == (422, "false")
    assert said["message"][0]["type"] == kind
    assert said["message"][0]["loc"][0] == "body"


def test_node_submits_follows_and_downloads(node: Said) -> None:
    assert [node[name]["status"] for name in ("queued", "running", "completed")] == [
        "IN_QUEUE",
        "IN_PROGRESS",
        "COMPLETED",
    ]
    assert node["result"]["requestId"] == node["submitted"]["request_id"]
    assert node["film"] == {"status": 200, "type": "video/mp4", "brand": "ftyp"}
    assert node["hook"]["payload"] == node["result"]["data"]
    for name in ("streaming", "polling"):
        assert node[name]["updates"][-1] == "COMPLETED"
        assert node[name]["data"]["video"]["url"]
    assert node["ran"]["data"]["video"]["url"]


def test_node_cancels_and_raises_as_it_does_at_the_vendor(node: Said) -> None:
    assert node["canceled"] is None
    assert node["canceledStatus"]["error_type"] == "client_cancelled"
    assert sorted(node["crowd"]) == ["IN_PROGRESS", "IN_PROGRESS", "IN_QUEUE"]
    raised = {
        "lateCancel": ("ApiError", 400),
        "canceledResult": ("ApiError", 499),
        "tooMany": ("ApiError", 429),
        "unknownKey": ("ApiError", 401),
        "malformedKey": ("ApiError", 401),
        "unknownApp": ("ApiError", 404),
        "unknownRequest": ("ApiError", 404),
        "noFunds": ("ApiError", 403),
        "badRun": ("ValidationError", 422),
        "invalid": ("ValidationError", 422),
        "moderated": ("ValidationError", 422),
    }
    assert {name: (node[name]["raised"], node[name]["status"]) for name in raised} == raised
    assert node["tooMany"]["body"]["error_type"] == "concurrent_requests_limit"
    assert node["moderated"]["body"]["detail"][0]["type"] == "content_policy_violation"
