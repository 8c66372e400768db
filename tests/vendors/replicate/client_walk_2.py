"""Replicate's official Python client 2.x, unmodified: predictions, waits, lists and refusals.

Called as `client_walk_2.py URL KEY SANDBOX`: the API with `/v1`, a key, the sandbox's control
plane, whose clock it moves. Prints what the client read or raised, by step, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import httpx
import replicate
from replicate import Replicate
from replicate.exceptions import ModelError

URL, KEY, SANDBOX = sys.argv[1:4]
MODEL = "bytedance/seedance-1-pro"
INPUT = {"prompt": "a paper boat", "duration": 2, "resolution": "480p", "aspect_ratio": "1:1"}
client = Replicate(bearer_token=KEY, base_url=URL, max_retries=0, _strict_response_validation=True)
said: dict[str, Any] = {}


def take(name: str, work: Callable[[], Any]) -> Any:
    try:
        said[name] = work()
    except replicate.APIStatusError as error:
        told = {"raised": type(error).__name__, "status": error.status_code, "body": error.body}
        said[name] = told
    except ModelError as error:
        said[name] = {"raised": "ModelError", "error": str(error)}
    return said[name]


def control(path: str, **body: Any) -> None:
    httpx.patch(f"{SANDBOX}/{path}", json=body, timeout=60).raise_for_status()


def order(prompt: str = "a paper boat", **more: Any) -> Any:
    asked = {**INPUT, "prompt": prompt}
    return client.models.predictions.create(
        model_owner="bytedance", model_name="seedance-1-pro", input=asked, **more
    )


def told(made: Any) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(made.to_json())
    return whole


take("account", lambda: told(client.account.get()))
take("model", lambda: told(client.models.get(model_owner="google", model_name="veo-3.1")))
take("hardware", lambda: [one.sku for one in client.hardware.list()])
take("deployments", lambda: [one.name for one in client.deployments.list()])
take("secret", lambda: (client.webhooks.default.secret.get().key or "")[:6])
made = order(cancel_after="10m", prefer="wait=5")
take("starting", lambda: told(made))
control("clock", until="next-event")
take("processing", lambda: told(client.predictions.get(prediction_id=made.id)))
control("clock", until="idle")
done = client.predictions.wait(made.id)
take("succeeded", lambda: told(done))
film = httpx.get(done.output, timeout=60)
said["film"] = {"status": film.status_code, "brand": film.content[4:8].decode("latin-1")}
named = client.predictions.create(version=MODEL, input=INPUT)
take("named", lambda: told(named))
take("canceled", lambda: told(client.predictions.cancel(prediction_id=named.id)))
take(
    "on_deployment",
    lambda: told(
        client.deployments.predictions.create(
            deployment_owner="acme", deployment_name="my-app-video-generator", input=INPUT
        )
    ),
)
for _ in range(100):
    order()
listed = client.predictions.list()
said["pages"] = [len(listed.results), len({one.id for one in listed})]
file = client.files.create(content=b"\x89PNG\r\n\x1a\n", filename="start.png", type="image/png")
said["file"] = {"size": file.size, "got": client.files.get(file_id=file.id).id == file.id}
control("clock", until="idle")
control("clock", rate=100)
take("run", lambda: client.run(MODEL, input=INPUT))
failing = {**INPUT, "prompt": "x [[bodydouble: fail=moderated after=5s]]"}
take("run_failing", lambda: client.run(MODEL, input=failing))
control("clock", rate=0)

take("aborting", lambda: order("x [[bodydouble: wait=60s]]", cancel_after="30s").id)
control("clock", until="idle")
gone = httpx.get(
    f"{URL}/predictions/{said['aborting']}", headers={"authorization": f"Bearer {KEY}"}
)
said["aborted"] = gone.json()["status"]

stranger = Replicate(bearer_token=f"r8_{'0' * 37}", base_url=URL, max_retries=0)
take("unknown_key", stranger.account.get)
take("unknown_prediction", lambda: client.predictions.get(prediction_id="nothing"))
take("bad_input", lambda: client.predictions.create(version=MODEL, input={**INPUT, "fps": 7}))
take("unknown_version", lambda: client.predictions.create(version="0" * 64, input=INPUT))
take("no_credit", lambda: order("x [[bodydouble: refuse=funds]]"))
take("too_many", lambda: order("x [[bodydouble: refuse=rate]]"))
sys.stdout.write(json.dumps(said, default=str))
