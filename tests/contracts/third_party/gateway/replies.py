"""One request and what is said to it: envelopes, two languages, content types.

It knows no route and no rule: whoever refuses names the status, the code and the words.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

Json = Any
JSON_TYPE = "application/json; charset=utf-8"
POLL_TYPE = "application/json"
CHINESE = {
    "Invalid token": "无效的令牌",
    "Model name not specified, model name cannot be empty": "未指定模型名称，模型名称不能为空",
}
"""The texts of the gate that were seen in Chinese; the others are said in English."""


class Refused(Exception):
    """A refusal: a status and a body in one of the envelopes, or no body at all."""

    def __init__(self, status: int, body: Json, headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status, self.body, self.headers = status, body, headers

    def reply(self) -> Response:
        """Return it as a reply."""
        if self.body is None:
            return Response(b"", self.status, self.headers)
        return reply(self.body, self.status, self.headers)


@dataclass
class Asked:
    """One request, at one moment (seconds); `raw` is its body, decoded, at most one byte over the
    cap. `names` are the parts of the path that the route leaves open, `pin` the channel that the
    key named."""

    request: Request
    id: str
    at: float
    raw: bytes = b""
    names: dict[str, str] = field(default_factory=dict)
    pin: str = ""
    language: str = ""

    def header(self, name: str) -> str:
        """Return one header of the request, or an empty text."""
        return str(self.request.headers.get(name, ""))

    @property
    def path(self) -> str:
        """The path as it came."""
        return str(self.request.scope["path"])

    @property
    def address(self) -> str:
        """Who is at the other end of the line."""
        return self.request.client.host if self.request.client else ""

    @property
    def chinese(self) -> bool:
        """Whether the user, or else the request, prefers Chinese."""
        return (self.language or self.header("accept-language")).strip().startswith("zh")


def text_of(body: Json, ordered: bool = False) -> bytes:
    """Return JSON as the program writes it: no blanks, no escapes; sorted where it was a map."""
    said = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=ordered)
    return said.encode("utf-8", "replace")


def reply(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a JSON reply, with a charset."""
    return Response(text_of(body), status, {**(headers or {}), "Content-Type": JSON_TYPE})


def poll_reply(body: bytes) -> Response:
    """Return a successful poll: JSON without a charset."""
    return Response(body, 200, {"Content-Type": POLL_TYPE})


def gate_error(asked: Asked, status: int, message: str, code: str = "") -> Refused:
    """Return a refusal of the gate: `{error: {code, message, type}}`, the request's id in the
    text, in the language of the user."""
    said = CHINESE.get(message, message) if asked.chinese else message
    text = f"{said} (request id: {asked.id})"
    return Refused(status, {"error": {"code": code, "message": text, "type": "new_api_error"}})


def task_error(status: int, code: str, message: str) -> Refused:
    """Return a refusal of the task layer: `{code, message, data}`."""
    return Refused(status, {"code": code, "message": message, "data": None})


def proxy_error(status: int, message: str, kind: str = "invalid_request_error") -> Refused:
    """Return a refusal of the content proxy: `{error: {message, type}}`."""
    return Refused(status, {"error": {"message": message, "type": kind}})


def flat_error(status: int, message: str) -> Refused:
    """Return a refusal of the key's own usage: `{message, success}`."""
    return Refused(status, {"message": message, "success": False})


def dashboard_error() -> Refused:
    """Return what a dashboard route says to whoever is not logged in."""
    said = "Unauthorized, invalid access token"
    return Refused(401, {"code": "AUTH_UNAUTHORIZED", "message": said, "success": False})
