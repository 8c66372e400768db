"""`bodydouble sandbox …` and `bodydouble clock …`: the control plane from the shell.

Each command is one request to a running server; ``--json`` prints its answer as it came. The
sandbox is named by an argument or by ``BODYDOUBLE_SANDBOX``, which `sandbox create --env` sets.
"""

from __future__ import annotations

import json
import shlex
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from bodydouble.client import Control, ControlError
from bodydouble.core.scenarios.faults import KINDS, Kind
from bodydouble.web.settings import DEFAULT_PORT, BadSetting, is_file, read_balances, read_quirks

sandbox = typer.Typer(help="Create, list, show and delete sandboxes; direct what happens there.")
clock = typer.Typer(help="Read, freeze and move a sandbox's time.")

Url = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="BODYDOUBLE_URL",
        help="a running server; SSL_CERT_FILE names the authority of `serve --tls`",
    ),
]
Token = Annotated[
    str, typer.Option("--token", envvar="BODYDOUBLE_CONTROL_TOKEN", help="its control token")
]
Which = Annotated[
    str, typer.Option("--sandbox", envvar="BODYDOUBLE_SANDBOX", help="the sandbox's id")
]
AsJson = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]

_URL = f"http://127.0.0.1:{DEFAULT_PORT}"


@contextmanager
def _control(url: str, token: str) -> Iterator[Control]:
    try:
        # The system's authorities, so that SSL_CERT_FILE names that of `serve --tls`.
        verify = ssl.create_default_context() if url.startswith("https:") else True
        with Control(url, token or None, verify=verify) as control:
            yield control
    except ControlError as error:
        typer.echo(f"bodydouble: {error.detail}", err=True)
        raise typer.Exit(2 if error.status == 0 else 1) from None
    except ValueError as error:
        # A number JSON cannot say, or a token no header can carry.
        typer.echo(f"bodydouble: this cannot be sent: {error}", err=True)
        raise typer.Exit(2) from None


def _named(which: str) -> str:
    if not which:
        typer.echo(
            "bodydouble: which sandbox? --sandbox ID, or BODYDOUBLE_SANDBOX=ID "
            '(eval "$(bodydouble sandbox create --env)" sets it)',
            err=True,
        )
        raise typer.Exit(2)
    return which


def _show(answer: Any, as_json: bool, lines: Callable[[Any], list[str]]) -> None:
    typer.echo(json.dumps(answer, indent=2) if as_json else "\n".join(lines(answer)))


def _fields(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value not in (None, "")}


@sandbox.command("create")
def create(
    *,
    seed: Annotated[int | None, typer.Option(help="replays everything")] = None,
    start: Annotated[str, typer.Option(help="virtual start, 2026-01-01T00:00:00Z")] = "",
    rate: Annotated[float, typer.Option(help="how fast time flows; 0 is frozen")] = 0.0,
    scenario: Annotated[str, typer.Option(help="how jobs usually go")] = "",
    balance: Annotated[
        str, typer.Option(help="starting balance: 15.0000, or VENDOR=15.0000,…")
    ] = "",
    quirk: Annotated[str, typer.Option(help="other readings: name=value,name=value")] = "",
    label: Annotated[str, typer.Option(help="a name for people")] = "",
    env: Annotated[bool, typer.Option("--env", help="print shell exports")] = False,
    as_json: AsJson = False,
    url: Url = _URL,
    token: Token = "",
) -> None:
    """Make a sandbox with one key per vendor; its time is frozen unless a rate is given."""
    asked = _fields(seed=seed, start=start, rate=rate, scenario=scenario, label=label)
    asked |= _starting_fields(balance, quirk)
    with _control(url, token) as control:
        made = control.create_sandbox(**asked)
    if env:
        typer.echo("\n".join(_exports(made, url)))
        return
    _show(made, as_json, _sandbox_lines)


def _starting_fields(balance: str, quirk: str) -> dict[str, Any]:
    try:
        balances, quirks = read_balances(balance), read_quirks(quirk)
    except BadSetting as error:
        typer.echo(f"bodydouble: {error}", err=True)
        raise typer.Exit(2) from None
    alone = balances.get("") if len(balances) == 1 else None
    given = {"balance": alone or balances, "quirks": quirks}
    return {name: value for name, value in given.items() if value}


def _exports(made: dict[str, Any], url: str) -> list[str]:
    from bodydouble.providers import load

    names = {"BODYDOUBLE_SANDBOX": made["id"], "BODYDOUBLE_URL": url}
    for vendor, key in made["keys"].items():
        names |= load(vendor).environment(key, f"{url}/{vendor}")
    return [f"export {name}={shlex.quote(value)}" for name, value in names.items()]


def _sandbox_lines(one: dict[str, Any]) -> list[str]:
    lines = [f"sandbox       {one['id']}", f"now           {one['clock']['now']}"]
    lines += [f"seed          {one['seed']}", f"scenario      {one['scenario']}"]
    return [*lines, *(f"{name:<14}{key}" for name, key in one.get("keys", {}).items())]


@sandbox.command("list")
def list_all(as_json: AsJson = False, url: Url = _URL, token: Token = "") -> None:
    """List the sandboxes of a server."""
    with _control(url, token) as control:
        found = control.sandboxes()
    _show(
        found,
        as_json,
        lambda rows: [f"{one['id']}  {one['clock']['now']}  {one['label']}" for one in rows],
    )


@sandbox.command("show")
def show(which: Which = "", as_json: AsJson = False, url: Url = _URL, token: Token = "") -> None:
    """Show a sandbox, its jobs and its wallets."""
    id = _named(which)
    with _control(url, token) as control:
        found = {
            **control.sandbox(id),
            "jobs": control.jobs(id),
            "accounts": control.accounts(id),
        }
    _show(found, as_json, _overview)


def _overview(found: dict[str, Any]) -> list[str]:
    lines = _sandbox_lines(found)
    lines += [f"job           {job['id']}  {job['state']}" for job in found["jobs"]]
    return lines + [f"wallet        {one['id']}  {one['balance']}" for one in found["accounts"]]


@sandbox.command("delete")
def delete(which: Which = "", url: Url = _URL, token: Token = "") -> None:
    """Forget a sandbox whole."""
    with _control(url, token) as control:
        control.delete_sandbox(_named(which))


@sandbox.command("scenario")
def scenario(
    name: Annotated[str, typer.Argument(help="a scenario's name, or the path of a file of one")],
    which: Which = "",
    url: Url = _URL,
    token: Token = "",
) -> None:
    """Say how jobs accepted from now on usually go."""
    asked = _scenario_file(Path(name)) if is_file(name) else {"name": name}
    with _control(url, token) as control:
        control.set_scenario(_named(which), **asked)
    typer.echo(f"from now on: {asked['name']}")


def _scenario_file(path: Path) -> dict[str, Any]:
    """What a scenario file says; ends with its faults, each with file, line and field."""
    # YAML and the rules' models take longer to load than any other command needs.
    from bodydouble import yaml_files
    from bodydouble.core.scenarios.reading import ScenarioText

    try:
        found = yaml_files.read(str(path), path.read_text("utf-8"), ScenarioText).content
    except OSError as error:
        raise _stopped(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, yaml_files.BadYaml) as bad:
        raise _stopped(str(bad)) from None
    asked: dict[str, Any] = found.model_dump(mode="json", exclude_unset=True)
    return {**asked, "base": found.base}


def _stopped(text: str) -> typer.Exit:
    typer.echo(f"bodydouble: {text}", err=True)
    return typer.Exit(2)


@sandbox.command("fault")
def fault(
    kind: Annotated[str, typer.Argument(help=", ".join(Kind))],
    *,
    point: Annotated[
        str,
        typer.Option(help="arrival, acceptance, departure or delivery; the first the kind goes to"),
    ] = "",
    times: Annotated[int | None, typer.Option(help="how often it is injected")] = None,
    status: Annotated[int | None, typer.Option(help="for kind status: which one")] = None,
    latency_ms: Annotated[int | None, typer.Option(help="for kind latency: how long")] = None,
    provider: Annotated[str, typer.Option(help="only this vendor")] = "",
    operation: Annotated[str, typer.Option(help="only this operation")] = "",
    which: Which = "",
    as_json: AsJson = False,
    url: Url = _URL,
    token: Token = "",
) -> None:
    """Inject a fault."""
    asked = _fields(
        kind=kind,
        point=point or next((at for at, kinds in KINDS.items() if kind in kinds), "arrival"),
        times=times,
        status=status,
        latency=None if latency_ms is None else {"ms": latency_ms},
        provider=provider,
        operation=operation,
    )
    with _control(url, token) as control:
        made = control.add_fault(_named(which), **asked)
    _show(made, as_json, lambda one: [f"fault {one['id']}: {one['kind']} at {one['point']}"])


@clock.command("show")
def show_clock(
    which: Which = "", as_json: AsJson = False, url: Url = _URL, token: Token = ""
) -> None:
    """What time it is there."""
    with _control(url, token) as control:
        _show(control.clock(_named(which)), as_json, _clock_lines)


@clock.command("advance")
def advance(
    span: Annotated[str, typer.Argument(help="90s, 5m, 1h30m")],
    which: Which = "",
    as_json: AsJson = False,
    url: Url = _URL,
    token: Token = "",
) -> None:
    """Move time forward by a span."""
    with _control(url, token) as control:
        _show(control.move_clock(_named(which), advance=span), as_json, _clock_lines)


@clock.command("to")
def to(
    instant: Annotated[str, typer.Argument(help="2026-01-01T00:00:00Z, next-event or idle")],
    which: Which = "",
    as_json: AsJson = False,
    url: Url = _URL,
    token: Token = "",
) -> None:
    """Move time forward to an instant, to the next event, or until nothing is left to happen."""
    change = {"until" if instant in ("next-event", "idle") else "to": instant}
    with _control(url, token) as control:
        _show(control.move_clock(_named(which), **change), as_json, _clock_lines)


@clock.command("rate")
def rate(
    rate: Annotated[float, typer.Argument(help="0 freezes, 1 is real time")],
    which: Which = "",
    as_json: AsJson = False,
    url: Url = _URL,
    token: Token = "",
) -> None:
    """Freeze time or let it flow."""
    with _control(url, token) as control:
        _show(control.move_clock(_named(which), rate=rate), as_json, _clock_lines)


def _clock_lines(one: dict[str, Any]) -> list[str]:
    happened = f", {one['settled']} events" if "settled" in one else ""
    return [f"{one['now']} (rate {one['rate']:g}{happened})"]
