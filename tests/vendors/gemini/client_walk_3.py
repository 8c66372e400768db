"""Google's Python client, google-genai 3.x, unmodified: interactions, files, webhooks.

Called as `client_walk_3.py URL KEY SANDBOX`: where the vendor is mounted, a key, the sandbox's
control plane, whose clock it moves. Prints what the client read or raised, by step, as JSON.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.request import Request, urlopen

from google import genai

URL, KEY, SANDBOX = sys.argv[1:4]
MODEL = "gemini-omni-1.2-flash"
SHORT = {"type": "video", "duration": "3s", "resolution": "360p", "delivery": "uri"}
said: dict[str, Any] = {}
came: list[tuple[dict[str, str], str]] = []


def made(key: str = KEY, version: str | None = None) -> Any:
    return genai.Client(api_key=key, http_options={"base_url": URL, "api_version": version})


class Receiver(BaseHTTPRequestHandler):
    """Keeps what comes, and takes it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        came.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *given: Any) -> None:
        """Says nothing."""


def take(name: str, work: Callable[[], Any]) -> Any:
    try:
        said[name] = work()
    except Exception as error:
        status = getattr(error, "status_code", None) or getattr(error, "code", None)
        body = getattr(error, "body", None) or getattr(error, "details", None) or str(error)
        said[name] = {"raised": type(error).__name__, "status": status, "body": body}
    return said[name]


def control(path: str, **body: Any) -> None:
    data, headers = json.dumps(body).encode(), {"content-type": "application/json"}
    where = f"{SANDBOX}/{path}".rstrip("/")
    urlopen(Request(where, data, headers, method="PATCH"), timeout=60).read()


client = made()
other = made(version="v1beta")


def order(text: str = "a paper boat", **more: Any) -> Any:
    asked = {"response_format": [SHORT], "background": True, **more}
    return client.interactions.create(model=MODEL, input=text, **asked)


def shown(one: Any) -> dict[str, Any]:
    video = one.output_video
    return {
        "id": one.id,
        "status": one.status,
        "model": one.model,
        "text": one.output_text,
        "uri": video.uri if video else None,
        "kind": video.mime_type if video else None,
        "tokens": one.usage.total_output_tokens if one.usage else None,
        "errors": [error.message for error in one.errors or ()],
    }


def film(data: bytes) -> str:
    return data[4:8].decode("latin-1")


first = order(labels={"team": "blue"})
take("created", lambda: shown(first))
take("polled", lambda: shown(client.interactions.get(first.id)))
control("clock", until="idle")
take("completed", lambda: shown(client.interactions.get(first.id)))
uri = said["completed"]["uri"]
file = uri.split("/files/")[1].split(":")[0]
take("film_by_uri", lambda: film(client.files.download(file=uri)))
take("film_by_name", lambda: film(client.files.download(file=f"files/{file}")))
take("film_by_file", lambda: film(client.files.download(file=client.files.get(name=file))))
take("files", lambda: [one.name for one in client.files.list()])
take("version", lambda: shown(other.interactions.get(first.id)))
edited = take("edited", lambda: shown(order("make it red", previous_interaction_id=first.id)))
stopped = order()
take("cancelled", lambda: shown(client.interactions.cancel(stopped.id)))
take("cancelled_twice", lambda: client.interactions.cancel(stopped.id))
take("deleted", lambda: client.interactions.delete(stopped.id) or True)
take("deleted_read", lambda: client.interactions.get(stopped.id))
control("clock", until="idle")
refused = order("x [[bodydouble: fail=moderated]]")
broken = order("x [[bodydouble: fail=provider_error]]")
control("clock", until="idle")
take("moderated", lambda: shown(client.interactions.get(refused.id)))
take("failed", lambda: shown(client.interactions.get(broken.id)))
control("clock", advance="49h")
take("expired", lambda: client.files.download(file=f"files/{file}"))

receiver = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
where = f"http://127.0.0.1:{receiver.server_port}/hook"
events = ["interaction.completed", "interaction.failed"]
hook = client.webhooks.create(uri=where, subscribed_events=events, name="mine")
said["secret"] = hook.new_signing_secret
take("hook", lambda: client.webhooks.get(hook.id).state)
take("hooks", lambda: [one.name for one in client.webhooks.list().webhooks])
told = order()
control("clock", until="idle")
own = order(webhook_config={"uris": [f"{where}/own"], "user_metadata": {"group": "nightly"}})
control("clock", until="idle")
take("changed", lambda: client.webhooks.update(hook.id, state="disabled").state)
take("ping", lambda: client.webhooks.ping(hook.id) is not None)
later = "revoke_previous_secrets_after_h24"
take(
    "rotated",
    lambda: client.webhooks.rotate_signing_secret(hook.id, revocation_behavior=later).secret,
)
take("hook_deleted", lambda: client.webhooks.delete(hook.id) is not None)
take("hook_gone", lambda: client.webhooks.get(hook.id))
receiver.shutdown()
said["came"] = [[headers, body] for headers, body in came]
said["where"] = where
said["own"] = own.id
said["told"] = told.id
keys = urlopen(f"{URL}/.well-known/jwks.json", timeout=60).read()
said["jwks"] = json.loads(keys)

control("clock", rate=100)
at_once = take("at_once", lambda: shown(order(background=False)))


def inline() -> str:
    import base64

    one = order(background=False, response_format={**SHORT, "delivery": "inline"})
    data = one.output_video.data
    return film(data if isinstance(data, bytes) else base64.b64decode(data))


take("inline", inline)
take("streamed", lambda: [one.event_type for one in order(background=False, stream=True)])
control("clock", rate=0)

stranger = made("AIza" + "0" * 35)
nobody = made("nope")
take("unknown_key", lambda: stranger.interactions.get(first.id))
take("malformed_key", lambda: nobody.interactions.get(first.id))
take("malformed_id", lambda: client.interactions.get("nothing"))
take("unknown_interaction", lambda: client.interactions.get("v1_" + "a" * 40))
take("unknown_file", lambda: client.files.get(name="nothing"))
take("unknown_model", lambda: client.interactions.create(model="gemini-none", input="x"))
take("bad_duration", lambda: order(response_format=[{**SHORT, "duration": "99s"}]))
take("refused", lambda: order("x [[bodydouble: refuse=moderated]]"))
take("no_money", lambda: order("x [[bodydouble: refuse=funds]]"))
take("too_many", lambda: order("x [[bodydouble: refuse=rate]]"))
take(
    "veo",
    lambda: client.models.generate_videos(model="veo-3.1-generate-preview", source={"prompt": "x"}),
)
sys.stdout.write(json.dumps(said, default=str))
