"""`bodydouble logs`, `requests …` and `deliveries …`: what came in, and what went out."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Annotated, Any

import typer

from bodydouble.cli.asking import (
    URL,
    AsJson,
    Token,
    Url,
    Which,
    columns,
    fields,
    named,
    plain,
    reached,
    verb,
)
from bodydouble.client import Control
from bodydouble.core.evidence.decisions import Decided

requests = typer.Typer(help="Read the request log.")
deliveries = typer.Typer(help="Read webhook deliveries, and send them again.")

WAIT_S = 20
Provider = Annotated[str, typer.Option(help="only this vendor")]
Operation = Annotated[str, typer.Option(help="only this operation")]
Method = Annotated[str, typer.Option(help="only this method")]
Path = Annotated[str, typer.Option(help="only this path; * stands for anything")]
Status = Annotated[int | None, typer.Option(help="only this status")]
Decision = Annotated[str, typer.Option(help="only what met " + ", ".join(Decided))]
Serial = Annotated[str, typer.Argument(help="its number in the log")]
DeliveryId = Annotated[str, typer.Argument(help="its id")]


def _request(one: dict[str, Any]) -> tuple[Any, ...]:
    cost = one["cost"] if one["cost"].strip("0.") else ""
    said = [note for note in one["notes"] if " " in note]
    where = f"{one['method']} {one['path']}"
    return one["serial"], one["at"], one["provider"], where, one["status"], cost, "; ".join(said)


def logs(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="go on until interrupted")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="how many to begin with")] = 20,
    provider: Provider = "",
    path: Path = "",
    status: Status = None,
    decision: Decision = "",
    which: Which = "",
    as_json: AsJson = False,
    url: Url = URL,
    token: Token = "",
) -> None:
    """Print requests, the oldest first, a line each; with --json an object a line."""
    id = named(which)
    wanted = fields(provider=provider, path=path, status=status, decision=decision)
    with reached(url, token) as control, suppress(KeyboardInterrupt):
        rows = control.requests(id, limit=max(1, lines), **wanted) if lines > 0 else []
        # What comes later is asked for by the last serial there was, whether or not it was wanted.
        newest = control.requests(id, limit=1)
        _print(rows, as_json)
        last = max([row["serial"] for row in (*rows, *newest)], default=0)
        while follow:
            rows = control.requests(id, since=last, wait_s=WAIT_S, **wanted)
            _print(rows, as_json)
            last = max([last, *(row["serial"] for row in rows)])


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:
    for row in reversed(rows):
        told = (
            json.dumps(row)
            if as_json
            else "  ".join(plain(cell) for cell in _request(row) if cell != "")
        )
        typer.echo(told)


@verb(requests, "list", lambda rows: columns(map(_request, rows)))
def list_requests(
    control: Control,
    id: str,
    *,
    provider: Provider = "",
    operation: Operation = "",
    method: Method = "",
    path: Path = "",
    status: Status = None,
    decision: Decision = "",
    job: Annotated[str, typer.Option(help="only about this job")] = "",
) -> Any:
    """List requests, newest first."""
    wanted = fields(provider=provider, operation=operation, method=method, path=path, job=job)
    return control.requests(id, **wanted, **fields(status=status, decision=decision))


def _whole(one: dict[str, Any]) -> list[str]:
    lines = ["  ".join(plain(cell) for cell in _request(one) if cell != "")]
    for side in ("request", "response"):
        told = one[side]
        lines += ["", side, *(f"  {plain(n)}: {plain(v)}" for n, v in told.get("headers", []))]
        lines += [f"  {plain(told['body'])}"] if told.get("body") else []
    return lines


@verb(requests, "show", _whole)
def show_request(control: Control, id: str, serial: Serial) -> Any:
    """Show one request and its answer whole."""
    return control.request(id, serial)


@verb(requests, "curl", lambda told: [told])
def curl(control: Control, id: str, serial: Serial) -> Any:
    """Print a request as a command for a shell."""
    return control.curl(id, serial)


@verb(requests, "test", lambda told: [told])
def test(control: Control, id: str, serial: Serial) -> Any:
    """Print a request as a pytest test."""
    return control.request_test(id, serial)


@verb(requests, "rule", lambda told: [json.dumps(told, indent=2)])
def rule(control: Control, id: str, serial: Serial) -> Any:
    """Print a fault and a scenario's rule that end the next such request the same way."""
    return control.request_rule(id, serial)


@verb(requests, "har", lambda told: [json.dumps(told)])
def har(control: Control, id: str) -> Any:
    """Print the log as HTTP Archive 1.2."""
    return control.har(id)


@verb(requests, "verify", lambda told: [f"came {told['matched']} times"])
def verify(
    control: Control,
    id: str,
    *,
    provider: Provider = "",
    operation: Operation = "",
    method: Method = "",
    path: Path = "",
    status: Status = None,
    times: Annotated[int | None, typer.Option(help="exactly how often; else at least once")] = None,
) -> Any:
    """End with 1 unless such a request came as often as it should have."""
    wanted = fields(provider=provider, operation=operation, method=method, path=path, status=status)
    told = control.verify(id, **wanted, **({} if times is None else {"times": times}))
    if not told["ok"]:
        expected = "at least once" if times is None else f"{times} times"
        typer.echo(f"bodydouble: came {told['matched']} times, not {expected}", err=True)
        raise typer.Exit(1)
    return told


def _delivery(one: dict[str, Any]) -> tuple[Any, ...]:
    last = one["attempts"][-1] if one["attempts"] else None
    told = "" if last is None else last["error"] or f"answered {last['code']}"
    return (
        one["id"],
        one["created_at"],
        one["event"],
        one["status"],
        one["attempt"],
        one["url"],
        told,
    )


@verb(deliveries, "list", lambda rows: columns(map(_delivery, rows)))
def list_deliveries(
    control: Control,
    id: str,
    status: Annotated[str, typer.Option(help="pending, delivered or dead")] = "",
) -> Any:
    """List webhook deliveries, newest first."""
    return control.deliveries(id, **fields(status=status))


@verb(
    deliveries,
    "webhooks",
    lambda rows: columns((one["id"], one["url"], one["status"]) for one in rows),
)
def webhooks(control: Control, id: str) -> Any:
    """List where events are sent."""
    return control.webhooks(id)


@verb(deliveries, "show", lambda one: [*columns([_delivery(one)]), plain(one["body"])])
def show_delivery(control: Control, id: str, delivery: DeliveryId) -> Any:
    """Show one delivery and what it carries."""
    return control.delivery(id, delivery)


@verb(deliveries, "retry", lambda one: columns([_delivery(one)]))
def retry(control: Control, id: str, delivery: DeliveryId) -> Any:
    """Send a delivery again, now."""
    return control.retry_delivery(id, delivery)
