"""Replicate's official Python client 1.x, unmodified, from a file to a film that downloads.

Called as `client_walk.py URL KEY SANDBOX`: the API without `/v1`, a key, the sandbox's control
plane, whose clock it moves. Prints what the client read or raised, by step, as JSON.
"""

from __future__ import annotations

import io
import json
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import replicate
from replicate.exceptions import ModelError, ReplicateError

URL, KEY, SANDBOX = sys.argv[1:4]
MODEL = "bytedance/seedance-1-pro"
ZEROSCOPE = "9f747673945c62801b13b84701c783929c0ee784e4748ec062204894dda1a351"
INPUT = {"prompt": "a paper boat", "duration": 2, "resolution": "480p", "aspect_ratio": "1:1"}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
client = replicate.Client(api_token=KEY, base_url=URL)
client.poll_interval = 0.05
said: dict[str, Any] = {}
came: list[tuple[dict[str, str], str]] = []


class Receiver(BaseHTTPRequestHandler):
    """Keeps what comes, and takes it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        came.append((dict(self.headers), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *given: Any) -> None:
        """Says nothing."""


def take(name: str, work: Callable[[], Any]) -> Any:
    try:
        said[name] = work()
    except ReplicateError as error:
        said[name] = {"raised": "ReplicateError", **error.to_dict()}
    except ModelError as error:
        said[name] = {"raised": "ModelError", "error": str(error)}
    return said[name]


def control(path: str, **body: Any) -> None:
    httpx.patch(f"{SANDBOX}/{path}", json=body, timeout=60).raise_for_status()


def shown(made: Any) -> dict[str, Any]:
    names = ("id", "status", "model", "version", "error", "output", "input", "logs", "metrics")
    return {name: getattr(made, name) for name in names}


def film(url: str) -> dict[str, Any]:
    answer = httpx.get(url, timeout=60)
    told = {"status": answer.status_code, "brand": answer.content[4:8].decode("latin-1")}
    return {**told, "type": answer.headers["content-type"]}


def order(prompt: str = "a paper boat", **more: Any) -> Any:
    asked = {**INPUT, "prompt": prompt}
    return client.models.predictions.create(MODEL, input=asked, **more)


take("account", lambda: client.accounts.current().dict())
take("schemas", lambda: list(client.models.get(MODEL).latest_version.openapi_schema["components"]))
take("models", lambda: [one.id for one in client.models.list()])
take("versions", lambda: len(client.models.get(MODEL).versions.list()))
take("hardware", lambda: [one.sku for one in client.hardware.list()])
deployment = client.deployments.get(client.deployments.list()[0].id)
take("on_deployment", lambda: shown(deployment.predictions.create(input=INPUT)))
control("clock", until="idle")

made = order()
take("starting", lambda: shown(made))
control("clock", until="next-event")
control("clock", advance="5s")
made.reload()
take("processing", lambda: {**shown(made), "progress": made.progress is not None})
control("clock", until="idle")
made.wait()
take("succeeded", lambda: shown(made))
take("film", lambda: film(made.output))
take("list", lambda: [one.id for one in client.predictions.list()])
control("clock", advance="61m")
made.reload()
take("removed", lambda: shown(made))
take("gone", lambda: httpx.get(said["succeeded"]["output"], timeout=60).status_code)

stopped = order()
stopped.cancel()
take("canceled", lambda: shown(stopped))
take("canceled_over", lambda: shown(client.predictions.cancel(made.id)))

picture = io.BytesIO(PNG)
picture.name = "start.png"
file = client.files.create(picture)
take("file", lambda: {**file.dict(), "listed": len(client.files.list())})
given = {**INPUT, "image": file.urls["get"]}
take("from_file", lambda: shown(client.models.predictions.create(MODEL, input=given)))
take("file_deleted", lambda: client.files.delete(file.id))

receiver = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
where = f"http://127.0.0.1:{receiver.server_port}/hook"
control("clock", until="idle")
secret = client.webhooks.default.secret()
hooked = order(webhook=where, webhook_events_filter=["start", "completed"])
control("clock", until="idle")
receiver.shutdown()
said["webhooks"] = []
for headers, body in came:
    replicate.client.Webhooks.validate(headers=headers, body=body, secret=secret)
    said["webhooks"].append({**json.loads(body), "mine": json.loads(body)["id"] == hooked.id})
try:
    replicate.client.Webhooks.validate(headers=came[0][0], body=came[0][1] + " ", secret=secret)
except ValueError as error:
    said["altered"] = type(error).__name__

control("clock", rate=100)
take("run", lambda: client.run(MODEL, input=INPUT))
zeroscope = f"anotherjesse/zeroscope-v2-xl:{ZEROSCOPE}"
take("run_version", lambda: list(client.run(zeroscope, input={"prompt": "a paper boat"})))
failing = {**INPUT, "prompt": "x [[bodydouble: fail=moderated after=5s]]"}
take("run_failing", lambda: client.run(MODEL, input=failing))
take("waited", lambda: shown(order("x [[bodydouble: after=900s]]", wait=2)))
control("clock", rate=0)

stranger = replicate.Client(api_token=f"r8_{'0' * 37}", base_url=URL)
nobody = replicate.Client(api_token="nope", base_url=URL)
take("unknown_key", stranger.accounts.current)
take("malformed_key", nobody.accounts.current)
take("unknown_prediction", lambda: client.predictions.get("nothing"))
take("unknown_model", lambda: client.models.get("acme/nothing"))
late = {**INPUT, "duration": 99}
take("bad_input", lambda: client.models.predictions.create(MODEL, input=late))
take("unknown_version", lambda: client.predictions.create(version="0" * 64, input=INPUT))
take("no_credit", lambda: order("x [[bodydouble: refuse=funds]]"))
take("too_many", lambda: order("x [[bodydouble: refuse=rate]]"))
sys.stdout.write(json.dumps(said, default=str))
