"""How a task is shown: in the gateway's own form, in OpenAI's by channel kind, and as a file.

It refuses to move a task, but for one: a look at Veo's asks Google at once.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import Response

from tests.contracts.third_party.gateway import channels as kinds
from tests.contracts.third_party.gateway.accounts import Key, may_use, who
from tests.contracts.third_party.gateway.internet import Outgoing
from tests.contracts.third_party.gateway.money import logged_in
from tests.contracts.third_party.gateway.replies import (
    Asked,
    Json,
    poll_reply,
    proxy_error,
    reply,
    task_error,
    text_of,
)
from tests.contracts.third_party.gateway.tasks import WORDS, Task

if TYPE_CHECKING:
    from tests.contracts.third_party.gateway.program import Gateway

SIMPLE = {"NOT_START": "processing", "SUBMITTED": "queued", "QUEUED": "queued",
          "IN_PROGRESS": "processing", "SUCCESS": "succeeded", "FAILURE": "failed"}  # fmt: skip
PORTS = (80, 443, 8080, 8443)
PAGE = 100


def own_task(gateway: Gateway, asked: Asked, key: Key) -> Task:
    """Return the task that a poll names. Refuses one of another user like one that never was."""
    task = gateway.poller.tasks.get(asked.names["task"])
    mine = task if task and task.key.user is key.user else None
    if refusal := may_use(asked, key, mine.model if mine else ""):
        raise refusal
    if mine is None:
        raise task_error(400, "task_not_exist", "task_not_exist")
    return mine


def looked_at(gateway: Gateway, task: Task, at: float) -> bool:
    """Ask Google about a task of Veo's; say whether that went well.

    A failure that is first seen here is closed without reason, end and refund.
    """
    if task.ended:
        return True
    told = gateway.poller.look(task, at)
    if task.status == "SUCCESS":
        task.end(gateway.server_address, at)
    elif task.status == "FAILURE":
        task.reason = ""
    return told


def generations(gateway: Gateway, asked: Asked) -> Response:
    """`GET /v1/video/generations/{task}` and Kling's native twin."""
    task = own_task(gateway, asked, who(asked, gateway.keys))
    if task.channel.kind == kinds.GOOGLE and looked_at(gateway, task, asked.at):
        data = {
            "error": None, "format": "mp4", "metadata": None, "status": SIMPLE[task.status],
            "task_id": task.id, "url": task.result_url or task.reason,
        }  # fmt: skip
        return poll_reply(text_of({"code": "success", "message": "", "data": data}, ordered=True))
    last = text_of(task.data, task.ordered)  # a map after a pass, as sent before
    body = text_of(generic(task))[:-1] + b',"data":' + last + b"}"
    return poll_reply(b'{"code":"success","message":"","data":' + body + b"}")


def generic(task: Task) -> dict[str, Json]:
    """Return all of a task but the provider's last body, in the order of the program."""
    at = int(task.since)
    link = task.result_url or (task.reason if task.status == "FAILURE" else "")
    return {
        "id": task.number, "created_at": at, "updated_at": task.updated, "task_id": task.id,
        "platform": str(task.channel.kind), "user_id": task.key.user.id, "group": "default",
        "channel_id": task.channel.id, "quota": task.quota, "action": task.action,
        "status": task.status, "fail_reason": task.reason,
        **({"result_url": link} if link else {}),
        "submit_time": at, "start_time": task.started, "finish_time": task.finished,
        "progress": task.progress,
        "properties": {"input": "", "upstream_model_name": task.upstream_model,
                       "origin_model_name": task.model},
    }  # fmt: skip


def videos(gateway: Gateway, asked: Asked) -> Response:
    """`GET /v1/videos/{task}`: OpenAI's form, which each kind of channel fills in its own way."""
    task = own_task(gateway, asked, who(asked, gateway.keys))
    if task.channel.kind == kinds.GOOGLE:
        looked_at(gateway, task, asked.at)
    return poll_reply(FORMS[task.channel.kind](task))


def head(task: Task, model: str, **more: Json) -> dict[str, Json]:
    """Return the members that all forms of the gateway's own begin with."""
    shown = int(task.progress.rstrip("%"))
    words = {"object": "video", "model": model, "status": WORDS[task.status], "progress": shown}
    return {"id": task.id, **more, **words}


def kling_form(task: Task) -> bytes:
    """Kling's times are Kling's, in milliseconds; the length of the film is Kling's text."""
    data = task.data.get("data") if isinstance(task.data.get("data"), dict) else {}
    body = head(task, "")
    body["created_at"] = data.get("created_at", 0)
    if data.get("updated_at"):
        body["completed_at"] = data["updated_at"]
    video = next(iter((data.get("task_result") or {}).get("videos") or []), None)
    if video:
        body |= {"seconds": video.get("duration", ""), "metadata": {"url": video.get("url", "")}}
    if task.status == "FAILURE":
        body["error"] = {"message": task.reason, "code": ""}
    return text_of(body)


def veo_form(task: Task) -> bytes:
    """Veo's has no link and, where it failed, no error."""
    times = {"created_at": int(task.since), "completed_at": task.updated}
    return text_of({**head(task, task.upstream_model), **times})


def doubao_form(task: Task) -> bytes:
    """Ark's has a link from the beginning, which is empty until there is one."""
    times = {"created_at": int(task.since), "completed_at": task.updated}
    link = {"metadata": {"url": task.link}}
    return text_of({**head(task, task.model, task_id=task.id), **times, **link})


def sora_form(task: Task) -> bytes:
    """OpenAI's is the provider's last body, whose `id` is replaced and whose `task_id` is not."""
    return text_of({**task.data, "id": task.id}, task.ordered)


FORMS = {
    kinds.KLING: kling_form, kinds.GOOGLE: veo_form, kinds.DOUBAO: doubao_form,
    kinds.SORA: sora_form, kinds.OPENAI: sora_form,
}  # fmt: skip


def content(gateway: Gateway, asked: Asked) -> Response:
    """`GET /v1/videos/{task}/content`: the whole file, whatever range was asked for."""
    key = who(asked, gateway.keys)
    task = gateway.poller.tasks.get(asked.names["task"])
    if task is None or task.key.user is not key.user:
        raise proxy_error(404, "Task not found")
    if task.status != "SUCCESS":
        said = f"Task is not completed yet, current status: {task.status}"
        raise proxy_error(400, said)
    try:
        answer = gateway.internet.ask(source(task), asked.at)
    except ConnectionError:
        raise proxy_error(502, "Failed to fetch video content", "server_error") from None
    if answer.status != 200:
        said = f"Upstream service returned status {answer.status}"
        raise proxy_error(502, said, "server_error")
    named = {name.title(): value for name, value in answer.headers.items()}
    return Response(answer.body, 200, {**named, "Cache-Control": "public, max-age=86400"})


def source(task: Task) -> Outgoing:
    """Return where a file is fetched. Refuses a link into the house and one to an odd port."""
    words = {"Authorization": f"Bearer {task.channel.secret}"}
    if task.dialect.relayed:
        url = f"{task.channel.base}/v1/videos/{task.upstream_id}/content"
        return Outgoing("GET", url, words)
    parts = urlsplit(task.link)
    port = parts.port or (80 if parts.scheme == "http" else 443)
    if private(parts.hostname or "") or port not in PORTS:
        raise proxy_error(403, f"request blocked: {parts.hostname}:{port}")
    google = {"X-Goog-Api-Key": task.channel.secret}
    return Outgoing("GET", task.link, google if task.channel.kind == kinds.GOOGLE else {})


def private(host: str) -> bool:
    """Whether an address is of the house. Names are not looked up here."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def my_tasks(gateway: Gateway, asked: Asked) -> Response:
    """The dashboard's list of a user's tasks, newest first; it does not tell the channel."""
    user = logged_in(gateway, asked)
    mine = [t for t in gateway.poller.tasks.values() if t.key.user is user][::-1]
    items = [{**generic(t), "channel_id": 0, "data": t.data} for t in mine[:PAGE]]
    data = {"page": 1, "page_size": PAGE, "total": len(mine), "items": items}
    return reply({"data": data, "message": "", "success": True})
