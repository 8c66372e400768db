"""Orders: the gate, the task layer, the money, the provider, and what the client is told of it.

That is the order of the checks. It refuses to know how a provider is spoken to.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from tests.contracts.third_party.gateway import money
from tests.contracts.third_party.gateway.accounts import Key, may_use, who
from tests.contracts.third_party.gateway.channels import Channel
from tests.contracts.third_party.gateway.dialects import DIALECTS, Dialect, Ratios
from tests.contracts.third_party.gateway.internet import Incoming
from tests.contracts.third_party.gateway.orders import (
    NO_MODEL,
    Body,
    Order,
    model_of,
    read_body,
    read_order,
)
from tests.contracts.third_party.gateway.replies import (
    Asked,
    Json,
    Refused,
    gate_error,
    reply,
    task_error,
    text_of,
)
from tests.contracts.third_party.gateway.tasks import Task, log_entry

if TYPE_CHECKING:
    from tests.contracts.third_party.gateway.program import Gateway

RELAYED = ("completed_at", "expires_at", "seconds", "size", "remixed_from_video_id", "error")
"""Members of a provider's reply that are passed on where they are there, beside the usual ones."""
BUSY = "当前分组上游负载已饱和，请稍后再试"
PANIC = (
    "Panic detected, error: runtime error: invalid memory address or nil pointer dereference. "
    "Please submit a issue here: https://issues.example"
)


def create(gateway: Gateway, asked: Asked) -> Response:
    """Take an order in any of the encodings and forms, and make it a task."""
    key = who(asked, gateway.keys)
    body, model, channel = chosen(gateway, asked, key)
    dialect = DIALECTS.get(channel.kind)
    if dialect is None:
        raise task_error(400, "invalid_api_platform", f"invalid api platform: {channel.kind}")
    order = read_order(body, model, dialect.bad_type)
    if model not in gateway.catalogue.prices:
        said = f"模型 {model} 的价格未配置; the price of model {model} is not configured"
        raise task_error(400, "model_price_error", said)
    ratios = dialect.ratios(order)
    cost = money.cost_of(gateway.catalogue.prices[model], ratios)
    money.charge(key, cost)
    try:
        answer = sent(gateway, asked, channel, dialect, order)
        upstream_id = dialect.made(answer)
    except Refused:
        money.move(key, -cost)
        raise
    task = opened(gateway, asked, key, channel, order)
    task.upstream_id, task.quota, task.data = upstream_id, cost, answer
    line = log_entry(key, 2, cost, model, asked.at)
    key.user.logs.append({**line, "request_id": asked.id})
    told = {"X-New-Api-Other-Ratios": shown(ratios)}
    return reply(relayed(task, answer) if dialect.relayed else own(task), headers=told)


def chosen(gateway: Gateway, asked: Asked, key: Key) -> tuple[Body, str, Channel]:
    """Return the body, its model and the channel for it: the gate's part."""
    body = read_body(asked, gateway.body_max)
    model = model_of(asked, body)
    if refusal := may_use(asked, key, model):
        raise refusal
    if not model:
        raise gate_error(asked, 400, NO_MODEL)
    channel = gateway.catalogue.serving(model, asked.pin)
    if channel is None or model not in channel.models:
        said = f"No available channel for model {model} under group default (distributor)"
        raise gate_error(asked, 503, said, "model_not_found")
    return body, model, channel


def sent(gateway: Gateway, asked: Asked, channel: Channel, dialect: Dialect, order: Order) -> Json:
    """Send an order on; return what the provider said. Refuses with what the provider refused."""
    outgoing = dialect.send(order, channel, asked.at)
    try:
        answer = gateway.internet.ask(outgoing, asked.at)
    except ConnectionError:
        said = "do request failed: upstream error: do request failed"
        raise task_error(500, "do_request_failed", said) from None
    if answer.status != 200:
        raise relayed_refusal(answer)
    try:
        body = json.loads(answer.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise task_error(500, "unmarshal_response_failed", answer.body.decode(errors="replace"))
    return body


def relayed_refusal(answer: Incoming) -> Refused:
    """Return a provider's refusal as it is passed on: its status, its body as a text. Of a 429
    neither the words nor `Retry-After` come through."""
    text = BUSY if answer.status == 429 else answer.body.decode(errors="replace")
    return task_error(answer.status, "fail_to_fetch_task", text)


def opened(gateway: Gateway, asked: Asked, key: Key, channel: Channel, order: Order) -> Task:
    """Make a task and keep it."""
    tasks = gateway.poller.tasks
    task = Task(
        number=len(tasks) + 1, id=gateway.new_id(), key=key, channel=channel, model=order.model,
        upstream_model=channel.models[order.model], upstream_id="",
        action=DIALECTS[channel.kind].action(order), quota=0, since=asked.at, data={},
    )  # fmt: skip
    tasks[task.id] = task
    return task


def own(task: Task) -> Json:
    """Return the gateway's own reply; the model is named as it was asked for."""
    return {
        "id": task.id, "task_id": task.id, "object": "video", "model": task.model,
        "status": "queued", "progress": 0, "created_at": int(task.since),
    }  # fmt: skip


def relayed(task: Task, answer: Json) -> Json:
    """Return the provider's reply under the task's id: of its members those that are known."""
    body = {
        "id": task.id, "task_id": task.id, "object": answer.get("object", ""),
        "model": answer.get("model", ""), "status": answer.get("status", ""),
        "progress": answer.get("progress", 0), "created_at": answer.get("created_at", 0),
    }  # fmt: skip
    return {**body, **{name: answer[name] for name in RELAYED if answer.get(name)}}


def shown(ratios: Ratios) -> str:
    """Write the multipliers of a price, by name."""
    return text_of({k: money.number(v) for k, v in ratios.items()}, ordered=True).decode()


def remix(gateway: Gateway, asked: Asked) -> Response:
    """Remix a task: an unknown one is refused, and of a known one the program panics."""
    key = who(asked, gateway.keys)
    task = gateway.poller.tasks.get(asked.names["task"])
    if task is None or task.key.user is not key.user:
        raise task_error(400, "task_not_exist", "task_origin_not_exist")
    raise Refused(500, {"error": {"message": PANIC, "type": "new_api_panic"}})


def jimeng(gateway: Gateway, asked: Asked) -> Response:
    """Jimeng's native form, which does not get past the gate, or has no adaptor behind it."""
    key = who(asked, gateway.keys)
    if asked.request.query_params.get("Action", "").endswith("GetResult"):
        raise task_error(400, "invalid_api_platform", "invalid api platform: ")
    chosen(gateway, asked, key)
    raise task_error(400, "invalid_api_platform", "invalid api platform: ")


def guarded(gateway: Gateway, asked: Asked) -> Response:
    """The routes of chats and files: a check of the load, before the key; then the usual gate."""
    for what, load in gateway.load.items():
        if load > gateway.load_max:
            told = f"current: {load:.1f}%, threshold: {gateway.load_max}%"
            error = {
                "message": f"system {what} overloaded ({told})", "type": "new_api_error",
                "param": "", "code": f"system_{what}_overloaded",
            }  # fmt: skip
            raise Refused(503, {"error": error})
    chosen(gateway, asked, who(asked, gateway.keys))
    error = {"message": "api not implemented", "type": "new_api_error", "param": "",
             "code": "api_not_implemented"}  # fmt: skip
    raise Refused(501, {"error": error})
