"""How each kind of provider is spoken to: what is sent on, and what is understood of the answers.

One class for each dialect, without state. It refuses to know keys, prices and clients.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.contracts.third_party.gateway import channels as kinds
from tests.contracts.third_party.gateway.channels import Channel, signed
from tests.contracts.third_party.gateway.internet import Outgoing
from tests.contracts.third_party.gateway.orders import Order, whole, wrong_type
from tests.contracts.third_party.gateway.replies import task_error

Json = Any
Ratios = dict[str, float]
RATIOS_4K = {True: 2.333333, False: 1.5}
"""What a 4k video of Veo costs more; the faster model more so."""
RESOLUTIONS = ((3840, "4k"), (1920, "1080p"), (1, "720p"))
"""The longest side from which each is asked for."""
SHAPES = {
    "1280x720": "16:9", "1920x1080": "16:9", "720x1280": "9:16", "1080x1920": "9:16",
    "1024x1024": "1:1", "512x512": "1:1",
}  # fmt: skip
KLING_TEXTS = (
    "mode", "duration", "aspect_ratio", "negative_prompt", "callback_url", "external_task_id",
    "model_name", "image", "prompt",
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What a provider's answer says of a job: the gateway's own state, and what goes with it."""

    status: str
    progress: str = "100%"
    reason: str = ""
    link: str = ""


class Dialect:
    """What the dialects share. `bad_type` is the code for a member of another type; `proxied` is
    whether a client is shown the gateway's own address of a video; `relayed` is whether a create
    reply is the provider's."""

    bad_type = "invalid_request"
    proxied = False
    relayed = False

    def action(self, order: Order) -> str:
        """Return what the task is called."""
        return "generate"

    def ratios(self, order: Order) -> Ratios:
        """Return what a price is multiplied with, by name."""
        return {}

    def send(self, order: Order, channel: Channel, at: float) -> Outgoing:
        """Return the request that an order becomes."""
        raise AssertionError("each dialect has its own")

    def made(self, body: Json) -> str:
        """Return the provider's id of a job that was accepted. Refuses what says that none was."""
        return str(body.get("id") or "")

    def look(self, channel: Channel, upstream_id: str, action: str) -> Outgoing:
        """Return the request that asks about a job."""
        raise AssertionError("each dialect has its own")

    def seen(self, body: Json) -> Seen | None:
        """Return what an answer says of a job, or None if it cannot be read."""
        raise AssertionError("each dialect has its own")


class Kling(Dialect):
    """Kling's own API: a signed token, a code in each body, a square unless told otherwise."""

    def action(self, order: Order) -> str:
        return "generate" if order.image else "textGenerate"

    def send(self, order: Order, channel: Channel, at: float) -> Outgoing:
        name = channel.models[order.model]
        payload = {
            "prompt": order.prompt, "mode": order.mode or "std",
            "duration": str(order.duration or 5), "aspect_ratio": SHAPES.get(order.size, "1:1"),
            "model_name": name, "model": name, "cfg_scale": 0.5,
        }  # fmt: skip
        if order.image:
            payload["image"] = order.image
        for member, value in order.metadata.items():
            if member == "cfg_scale" or member in KLING_TEXTS:
                payload[member] = self.checked(member, value)
        words = {
            "Authorization": f"Bearer {kling_token(channel, at)}", "User-Agent": "kling-sdk/1.0",
            "Content-Type": "application/json",
        }  # fmt: skip
        url = kling_url(channel, self.action(order))
        return Outgoing("POST", url, words, json.dumps(payload).encode())

    def checked(self, member: str, value: Json) -> Json:
        """Return a member of the bag. Refuses another type, which only the sending finds out."""
        number = member == "cfg_scale"
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        if fits if number else isinstance(value, str):
            return value
        wanted = "float64" if number else "string"
        told = wrong_type(value, wanted, f"requestPayload.{member}")
        doubled = "unmarshal metadata failed: unmarshal metadata failed: "
        raise task_error(500, "build_request_failed", doubled + told)

    def made(self, body: Json) -> str:
        if body.get("code", 0) != 0:
            raise task_error(400, "task_failed", str(body.get("message", "")))
        data = body.get("data")
        return str(data.get("task_id") or "") if isinstance(data, dict) else ""

    def look(self, channel: Channel, upstream_id: str, action: str) -> Outgoing:
        return Outgoing("GET", f"{kling_url(channel, action)}/{upstream_id}")

    def seen(self, body: Json) -> Seen | None:
        data, code = body.get("data"), body.get("code")
        if not isinstance(code, int) or code or not isinstance(data, dict):
            return None
        videos = (data.get("task_result") or {}).get("videos") or [{}]
        states = {
            "submitted": Seen("SUBMITTED", "10%"),
            "processing": Seen("IN_PROGRESS", "30%"),
            "succeed": Seen("SUCCESS", link=videos[0].get("url", "")),
            "failed": Seen("FAILURE", reason=data.get("task_status_msg", "")),
        }
        return states.get(data.get("task_status", ""))


def kling_url(channel: Channel, action: str) -> str:
    """Return where jobs of an action are made and found; behind another gateway, by its path."""
    native = "/kling" * channel.secret.startswith("sk-")
    return f"{channel.base}{native}/v1/videos/{'image' if action == 'generate' else 'text'}2video"


def kling_token(channel: Channel, at: float) -> str:
    """Return what Kling lets in: a signed token, or another gateway's key as it is."""
    return channel.secret if channel.secret.startswith("sk-") else signed(channel, at)


class Veo(Dialect):
    """Google's long-running predictions: eight seconds are billed where nothing is sent."""

    proxied = True

    def ratios(self, order: Order) -> Ratios:
        seconds = self.length(order) or order.seconds or 8
        fast = "fast" in order.model
        ratio = RATIOS_4K[fast] if self.resolution(order) == "4k" else 1
        return {"resolution": ratio, "seconds": seconds}

    def length(self, order: Order) -> int:
        """Return the length that is sent, or 0 where none is: `seconds` is only billed."""
        return whole(order.metadata.get("durationSeconds")) or order.duration

    def resolution(self, order: Order) -> str:
        """Return the resolution that was asked for, or an empty text."""
        told = order.metadata.get("resolution")
        longest = max(sides(order.size), default=0)
        by_size = next((word for side, word in RESOLUTIONS if longest >= side), "")
        return told if isinstance(told, str) else by_size

    def send(self, order: Order, channel: Channel, at: float) -> Outgoing:
        wanted: dict[str, Json] = {"sampleCount": 1}
        if length := self.length(order):
            wanted["durationSeconds"] = length
        if self.resolution(order):
            wanted["resolution"] = self.resolution(order)
        if measured := sides(order.size):
            wanted["aspectRatio"] = "9:16" if measured[1] > measured[0] else "16:9"
        body = {"instances": [{"prompt": order.prompt}], "parameters": wanted}
        url = f"{channel.base}/v1beta/models/{channel.models[order.model]}:predictLongRunning"
        words = {"X-Goog-Api-Key": channel.secret, "Content-Type": "application/json"}
        return Outgoing("POST", url, words, json.dumps(body).encode())

    def made(self, body: Json) -> str:
        return str(body.get("name") or "")

    def look(self, channel: Channel, upstream_id: str, action: str) -> Outgoing:
        words = {"X-Goog-Api-Key": channel.secret}
        return Outgoing("GET", f"{channel.base}/v1beta/{upstream_id}", words)

    def seen(self, body: Json) -> Seen | None:
        if not body.get("done"):
            return Seen("IN_PROGRESS", "50%") if "name" in body else None
        if body.get("error"):
            return Seen("FAILURE", reason=body["error"].get("message", ""))
        samples = body.get("response", {}).get("generateVideoResponse", {})
        videos = samples.get("generatedSamples") or [{}]
        return Seen("SUCCESS", link=videos[0].get("video", {}).get("uri", ""))


def sides(size: str) -> list[int]:
    """Return width and height of a size, or nothing."""
    parts = size.lower().split("x")
    return [int(p) for p in parts] if len(parts) == 2 and all(map(str.isdecimal, parts)) else []


class Doubao(Dialect):
    """Ark's content tasks: of what an order says only its prompt and its bag are sent."""

    def send(self, order: Order, channel: Channel, at: float) -> Outgoing:
        body = {
            "model": channel.models[order.model],
            "content": [{"type": "text", "text": order.prompt}],
            **{k: v for k, v in order.metadata.items() if k not in ("model", "content")},
        }
        words = {"Authorization": f"Bearer {channel.secret}", "Content-Type": "application/json"}
        url = f"{channel.base}/api/v3/contents/generations/tasks"
        return Outgoing("POST", url, words, json.dumps(body).encode())

    def look(self, channel: Channel, upstream_id: str, action: str) -> Outgoing:
        return Outgoing("GET", f"{channel.base}/api/v3/contents/generations/tasks/{upstream_id}")

    def seen(self, body: Json) -> Seen | None:
        states = {
            "queued": Seen("IN_PROGRESS", "50%"), "running": Seen("IN_PROGRESS", "50%"),
            "succeeded": Seen("SUCCESS", link=(body.get("content") or {}).get("video_url", "")),
            "failed": Seen("FAILURE", reason=(body.get("error") or {}).get("message", "")),
        }  # fmt: skip
        return states.get(body.get("status", ""))


class Sora(Dialect):
    """OpenAI's videos: bodies pass through, and a state that is not known is a failure."""

    bad_type = "invalid_json"
    proxied = relayed = True
    states: Mapping[str, str] = {
        "queued": "QUEUED", "pending": "QUEUED", "processing": "IN_PROGRESS",
        "in_progress": "IN_PROGRESS", "completed": "SUCCESS", "failed": "FAILURE",
        "cancelled": "FAILURE",
    }  # fmt: skip

    def ratios(self, order: Order) -> Ratios:
        wide = order.size in ("1792x1024", "1024x1792")
        seconds = order.seconds or order.duration or 4
        return {"seconds": seconds, "size": 1.666667 if wide else 1}

    def send(self, order: Order, channel: Channel, at: float) -> Outgoing:
        kind, body = repacked(order, channel.models[order.model])
        words = {"Authorization": f"Bearer {channel.secret}", "Content-Type": kind}
        return Outgoing("POST", f"{channel.base}/v1/videos", words, body)

    def made(self, body: Json) -> str:
        return str(body.get("id") or body.get("task_id") or "")

    def look(self, channel: Channel, upstream_id: str, action: str) -> Outgoing:
        words = {"Authorization": f"Bearer {channel.secret}"}
        return Outgoing("GET", f"{channel.base}/v1/videos/{upstream_id}", words)

    def seen(self, body: Json) -> Seen | None:
        status = self.states.get(body.get("status", ""))
        if status is None:
            what = "error" if body.get("error") else "unrecognized message"
            return Seen("FAILURE", reason=f"upstream returned {what}")
        error = body.get("error")
        reason = error.get("message", "") if isinstance(error, dict) else ""
        shown = {"QUEUED": "20%", "IN_PROGRESS": "30%"}.get(status, "100%")
        number = body.get("progress")
        if isinstance(number, int) and number and status not in ("SUCCESS", "FAILURE"):
            shown = f"{number}%"
        return Seen(status, shown, reason)


def repacked(order: Order, model: str) -> tuple[str, bytes]:
    """Return an order's body in its own encoding, another model in it, and its content type."""
    body = order.body
    if body.kind == "json":
        return "application/json", json.dumps({**body.members, "model": model}).encode()
    if body.kind == "urlencoded":
        told = urlencode({**body.members, "model": model}).encode()
        return "application/x-www-form-urlencoded", told
    line = b"gateway-boundary"
    out = b""
    for part in body.parts:
        data = model.encode() if part.name == "model" and not part.file else part.data
        out += b"--" + line + b"\r\n" + part.head + b"\r\n\r\n" + data + b"\r\n"
    return f"multipart/form-data; boundary={line.decode()}", out + b"--" + line + b"--\r\n"


DIALECTS: Mapping[int, Dialect] = {
    kinds.KLING: Kling(), kinds.GOOGLE: Veo(), kinds.DOUBAO: Doubao(), kinds.SORA: Sora(),
    kinds.OPENAI: Sora(), kinds.ALI: Kling(), kinds.JIMENG: Kling(),
}  # fmt: skip
"""By kind. Of Ali and Jimeng nothing is known but their models: their providers are never there."""
