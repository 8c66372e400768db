"""`bodydouble jobs | accounts | keys | faults | snapshots …`: a sandbox directed from the shell."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bodydouble.cli.asking import columns, done, fields, verb
from bodydouble.client import Control
from bodydouble.core.scenarios.faults import KINDS, Kind

jobs = typer.Typer(help="List jobs, and end, stall or cancel them.")
accounts = typer.Typer(help="Read wallets and their ledgers, and put money in.")
keys = typer.Typer(help="Make and list keys.")
faults = typer.Typer(help="Arm, list and remove faults.")
snapshots = typer.Typer(help="Save a sandbox as it is, and bring it back.")

Provider = Annotated[str, typer.Option(help="only this vendor")]
JobId = Annotated[str, typer.Argument(help="the job's id, any of its names")]
AccountId = Annotated[str, typer.Argument(help="VENDOR/NAME, as `accounts list` shows it")]
Amount = Annotated[str, typer.Argument(help="in the vendor's money: 10.00")]


def _job(one: dict[str, Any]) -> tuple[Any, ...]:
    why = f"{one['state']} ({one['reason']})" if one["reason"] else one["state"]
    price = f"{one['price']}{' refunded' if one['refunded'] else ''}"
    return one["id"], one["provider"], why, one["model"], price, one["prompt"][:40]


def _one_job(one: dict[str, Any]) -> list[str]:
    return columns([_job(one)])


@verb(jobs, "list", lambda rows: columns(map(_job, rows)))
def list_jobs(
    control: Control,
    id: str,
    provider: Provider = "",
    state: Annotated[str, typer.Option(help="only in this state: running, succeeded, …")] = "",
) -> Any:
    """List jobs, newest first."""
    return control.jobs(id, **fields(provider=provider, state=state))


@verb(
    jobs,
    "show",
    lambda one: [f"{name:<14}{value}" for name, value in one.items() if value not in (None, "")],
)
def show_job(control: Control, id: str, job: JobId) -> Any:
    """Show a job and the timeline drawn for it."""
    return control.job(id, job)


@verb(jobs, "finish", _one_job)
def finish(control: Control, id: str, job: JobId) -> Any:
    """Let a job succeed now."""
    return control.change_job(id, job, finish=True)


@verb(jobs, "fail", _one_job)
def fail(
    control: Control,
    id: str,
    job: JobId,
    reason: Annotated[str, typer.Argument(help="provider_error, moderated, …")] = "provider_error",
) -> Any:
    """Let a job fail now, with its refund."""
    return control.change_job(id, job, fail=reason)


@verb(jobs, "stall", _one_job)
def stall(control: Control, id: str, job: JobId) -> Any:
    """Let a job never end."""
    return control.change_job(id, job, stall=True)


@verb(jobs, "cancel", _one_job)
def cancel(control: Control, id: str, job: JobId) -> Any:
    """Cancel a job now, with the refund that its vendor gives for that."""
    return control.change_job(id, job, cancel=True)


def _account(one: dict[str, Any]) -> tuple[Any, ...]:
    work = f"{one['running']} running, {one['waiting']} waiting"
    return one["id"], f"{one['balance']} {one['currency']}", work


@verb(accounts, "list", lambda rows: columns(map(_account, rows)))
def list_accounts(control: Control, id: str) -> Any:
    """List the wallets that were used."""
    return control.accounts(id)


@verb(accounts, "show", lambda one: columns([_account(one)]))
def show_account(control: Control, id: str, account: AccountId) -> Any:
    """Show one wallet."""
    return control.account(id, account)


@verb(
    accounts,
    "entries",
    lambda rows: columns(
        (one["at"], one["kind"], one["amount"], one["balance_after"], one["job"]) for one in rows
    ),
)
def entries(control: Control, id: str, account: AccountId) -> Any:
    """Print a wallet's ledger, oldest first."""
    return control.entries(id, account)


@verb(accounts, "top-up", lambda one: columns([_account(one)]))
def top_up(control: Control, id: str, account: AccountId, amount: Amount) -> Any:
    """Put money in."""
    return control.top_up(id, account, amount)


@verb(accounts, "set", lambda one: columns([_account(one)]))
def set_balance(control: Control, id: str, account: AccountId, amount: Amount) -> Any:
    """Make the balance what you say."""
    return control.set_balance(id, account, amount)


def _key(one: dict[str, Any]) -> tuple[Any, ...]:
    scopes = "every scope" if one["scopes"] is None else ",".join(one["scopes"]) or "no scope"
    limits = {"a minute": one["rate_limit"], "to spend": one["spending_limit"]}
    told = [f"{value} {what}" for what, value in limits.items() if value is not None]
    told += [word for word in ("revoked", "expired") if one[word]]
    return one["key"], one["account"], scopes, ", ".join(told)


@verb(keys, "list", lambda rows: columns(map(_key, rows)))
def list_keys(control: Control, id: str) -> Any:
    """List the keys that were made in a sandbox, masked, with their rights."""
    return control.keys(id)


@verb(keys, "add", lambda one: [one["key"]])
def add_key(
    control: Control,
    id: str,
    vendor: Annotated[str, typer.Argument(help="whose key")],
    *,
    account: Annotated[str, typer.Option(help="the account it opens; main by default")] = "",
    balance: Annotated[str, typer.Option(help="what a new account starts with")] = "",
    scope: Annotated[list[str] | None, typer.Option(help="a scope it has; may be repeated")] = None,
    rate_limit: Annotated[int | None, typer.Option(help="requests a minute")] = None,
    spending_limit: Annotated[str, typer.Option(help="what it may spend")] = "",
    revoked: Annotated[bool, typer.Option("--revoked", help="already revoked")] = False,
    expired: Annotated[bool, typer.Option("--expired", help="already expired")] = False,
    callback_url: Annotated[str, typer.Option(help="told of the end of its jobs")] = "",
    callback_secret: Annotated[str, typer.Option(help="what the callback carries")] = "",
) -> Any:
    """Make one more key, and print it."""
    asked = fields(
        account=account,
        balance=balance,
        scopes=scope,
        rate_limit=rate_limit,
        spending_limit=spending_limit,
        revoked=revoked or None,
        expired=expired or None,
        callback_url=callback_url,
        callback_secret=callback_secret,
    )
    return control.add_key(id, provider=vendor, **asked)


def _fault(one: dict[str, Any]) -> tuple[Any, ...]:
    left = "always" if one["left"] is None else f"{one['left']} left"
    match = " ".join(f"{name}={value}" for name, value in one["match"].items() if value)
    return one["id"], one["kind"], one["point"], left, f"{one['injected']} injected", match


@verb(faults, "list", lambda rows: columns(map(_fault, rows)))
def list_faults(control: Control, id: str) -> Any:
    """List the faults, with how often they were injected."""
    return control.faults(id)


@verb(faults, "show", lambda one: columns([_fault(one)]))
def show_fault(
    control: Control, id: str, fault: Annotated[str, typer.Argument(help="its id")]
) -> Any:
    """Show one fault."""
    return control.fault(id, fault)


@verb(faults, "add", lambda one: [f"fault {one['id']}: {one['kind']} at {one['point']}"])
def add_fault(
    control: Control,
    id: str,
    kind: Annotated[str, typer.Argument(help=", ".join(Kind))],
    *,
    point: Annotated[
        str,
        typer.Option(help="arrival, acceptance, departure or delivery; the first the kind goes to"),
    ] = "",
    times: Annotated[int | None, typer.Option(help="how often it is injected")] = None,
    probability: Annotated[float | None, typer.Option(help="how likely, 0 to 1")] = None,
    status: Annotated[int | None, typer.Option(help="for kind status: which one")] = None,
    cause: Annotated[str, typer.Option(help="for kind status: rate, funds, moderated, …")] = "",
    latency_ms: Annotated[int | None, typer.Option(help="for kind latency: how long")] = None,
    provider: Provider = "",
    operation: Annotated[str, typer.Option(help="only this operation")] = "",
) -> Any:
    """Arm a fault."""
    asked = fields(
        kind=kind,
        point=point or next((at for at, kinds in KINDS.items() if kind in kinds), "arrival"),
        times=times,
        probability=probability,
        status=status,
        cause=cause,
        latency=None if latency_ms is None else {"ms": latency_ms},
        provider=provider,
        operation=operation,
    )
    return control.add_fault(id, **asked)


@verb(faults, "remove", done)
def remove_fault(
    control: Control, id: str, fault: Annotated[str, typer.Argument(help="its id")]
) -> Any:
    """Remove one fault."""
    return control.remove_fault(id, fault)


@verb(faults, "clear", done)
def clear_faults(control: Control, id: str) -> Any:
    """Remove every fault."""
    return control.clear_faults(id)


def _snapshot(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["id"], one["at"], one["name"]


@verb(snapshots, "list", lambda rows: columns(map(_snapshot, rows)))
def list_snapshots(control: Control, id: str) -> Any:
    """List what was saved."""
    return control.snapshots(id)


@verb(snapshots, "save", lambda one: [one["id"]])
def save(
    control: Control, id: str, name: Annotated[str, typer.Option(help="a name for people")] = ""
) -> Any:
    """Save the sandbox as it is, and print the snapshot's id."""
    return control.save_snapshot(id, **fields(name=name))


def _differences(told: dict[str, Any]) -> list[str]:
    rows = [
        (one["kind"], one["id"], one["what"], ", ".join(f["field"] for f in one["fields"]))
        for one in told["differences"]
    ]
    return columns(rows) if rows else ["nothing differs"]


@verb(snapshots, "compare", _differences)
def compare(
    control: Control,
    id: str,
    snapshot: Annotated[str, typer.Argument(help="its id")],
    to: Annotated[str, typer.Option(help="another snapshot; now, if none is named")] = "",
) -> Any:
    """Say what a snapshot and another, or now, differ in."""
    return control.differences(id, snapshot, **fields(to=to))


@verb(snapshots, "restore", done)
def restore(
    control: Control, id: str, snapshot: Annotated[str, typer.Argument(help="its id")]
) -> Any:
    """Make the sandbox what it was then, keys apart."""
    return control.restore_snapshot(id, snapshot)


@verb(snapshots, "delete", done)
def delete_snapshot(
    control: Control, id: str, snapshot: Annotated[str, typer.Argument(help="its id")]
) -> Any:
    """Forget a snapshot."""
    return control.delete_snapshot(id, snapshot)
