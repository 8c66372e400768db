"""`bodydouble sandbox …` and `bodydouble clock …`: sandboxes, their scenario, time, and copies."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from bodydouble.cli.asking import (
    URL,
    AsJson,
    Token,
    Url,
    columns,
    done,
    fields,
    reached,
    show,
    stopped,
    verb,
)
from bodydouble.client import Control
from bodydouble.web.settings import BadSetting, is_file, read_balances, read_quirks

sandbox = typer.Typer(help="Create, list, show, copy and delete sandboxes; what they cost.")
clock = typer.Typer(help="Read, freeze and move a sandbox's time.")

Label = Annotated[str, typer.Option(help="a name for people")]


@sandbox.command("create")
def create(
    *,
    seed: Annotated[int | None, typer.Option(help="replays everything")] = None,
    start: Annotated[str, typer.Option(help="virtual start, 2026-01-01T00:00:00Z")] = "",
    rate: Annotated[
        float | None, typer.Option(help="how fast time flows; 0 is frozen, 1 as it is")
    ] = None,
    scenario: Annotated[str, typer.Option(help="how jobs usually go")] = "",
    balance: Annotated[
        str, typer.Option(help="starting balance: 15.0000, or VENDOR=15.0000,…")
    ] = "",
    quirk: Annotated[
        list[str] | None, typer.Option(help="another reading: name=value; may be repeated")
    ] = None,
    media: Annotated[str, typer.Option(help="films: full, tiny or bundled")] = "",
    label: Label = "",
    env: Annotated[bool, typer.Option("--env", help="print shell exports")] = False,
    as_json: AsJson = False,
    url: Url = URL,
    token: Token = "",
) -> None:
    """Make a sandbox with one key per vendor; its time flows as the server's does."""
    asked = fields(seed=seed, start=start, rate=rate, scenario=scenario, label=label)
    asked |= fields(media=media) | _starting_fields(balance, ",".join(quirk or ()))
    with reached(url, token) as control:
        made = control.create_sandbox(**asked)
    if env:
        typer.echo("\n".join(_exports(made, url)))
        return
    show(made, as_json, _sandbox_lines)


def _starting_fields(balance: str, quirk: str) -> dict[str, Any]:
    try:
        balances, quirks = read_balances(balance), read_quirks(quirk)
    except BadSetting as error:
        raise stopped(str(error)) from None
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


@verb(
    sandbox,
    "list",
    lambda rows: columns((one["id"], one["clock"]["now"], one["label"]) for one in rows),
    alone=True,
)
def list_all(control: Control) -> Any:
    """List the sandboxes of a server."""
    return control.sandboxes()


def _overview(found: dict[str, Any]) -> list[str]:
    lines = _sandbox_lines(found)
    lines += [f"job           {job['id']}  {job['state']}" for job in found["jobs"]]
    return lines + [f"wallet        {one['id']}  {one['balance']}" for one in found["accounts"]]


@verb(sandbox, "show", _overview)
def overview(control: Control, id: str) -> Any:
    """Show a sandbox, its jobs and its wallets."""
    return {**control.sandbox(id), "jobs": control.jobs(id), "accounts": control.accounts(id)}


@verb(sandbox, "delete", done)
def delete(control: Control, id: str) -> Any:
    """Forget a sandbox whole."""
    return control.delete_sandbox(id)


@verb(sandbox, "fork", _sandbox_lines)
def fork(control: Control, id: str, label: Label = "") -> Any:
    """Make a copy that goes its own way from here, with keys of its own."""
    return control.fork(id, **fields(label=label))


def _scenario_lines(told: dict[str, Any]) -> list[str]:
    if "known" not in told:
        return [f"from now on: {told['name']}"]
    rows = [(one["name"], one["about"]) for one in told["known"]]
    return [f"in force: {told['name']}", *columns(rows)]


@verb(sandbox, "scenario", _scenario_lines)
def scenario(
    control: Control,
    id: str,
    name: Annotated[
        str, typer.Argument(help="a scenario's name, or the path of a file of one; none shows all")
    ] = "",
) -> Any:
    """Say how jobs accepted from now on usually go."""
    if not name:
        return control.scenario(id)
    asked = _scenario_file(Path(name)) if is_file(name) else {"name": name}
    control.set_scenario(id, **asked)
    return {"name": asked["name"]}


def _scenario_file(path: Path) -> dict[str, Any]:
    """What a scenario file says; ends with its faults, each with file, line and field."""
    # YAML and the rules' models take longer to load than any other command needs.
    from bodydouble import yaml_files
    from bodydouble.core.scenarios.reading import ScenarioText

    try:
        found = yaml_files.read(str(path), path.read_text("utf-8"), ScenarioText).content
    except OSError as error:
        raise stopped(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, yaml_files.BadYaml) as bad:
        raise stopped(str(bad)) from None
    asked: dict[str, Any] = found.model_dump(mode="json", exclude_unset=True)
    return {**asked, "base": found.base}


@verb(sandbox, "export", lambda told: [json.dumps(told)])
def export(
    control: Control,
    id: str,
    secrets: Annotated[str, typer.Option(help="masked, or kept for an import that signs")] = "",
) -> Any:
    """Print everything a sandbox holds, as one document for `import`."""
    return control.export(id, **fields(secrets=secrets))


@verb(sandbox, "import", _sandbox_lines, alone=True)
def import_(
    control: Control, file: Annotated[Path, typer.Argument(help="what `export` printed")]
) -> Any:
    """Make a new sandbox that is what was exported."""
    try:
        document = json.loads(file.read_bytes())
    except ValueError:
        raise stopped(f"{file}: no JSON: it must be what `sandbox export` printed") from None
    return control.import_sandbox(document)


def _receipt_lines(told: dict[str, Any]) -> list[str]:
    rows = [
        (one["provider"], f"{one['net']} {one['currency']}", f"{one['charges']} charges")
        for one in told["vendors"]
    ]
    lost = [f"nobody fetched {one['job']}" for one in told["orphans"]]
    return [*(columns(rows) if rows else ["nothing was charged"]), *lost]


@verb(sandbox, "receipt", _receipt_lines)
def receipt(control: Control, id: str) -> Any:
    """Say what it would have cost at each vendor, and which paid jobs nobody fetched."""
    return control.receipt(id)


@verb(
    sandbox,
    "lint",
    lambda found: [f"{one['rule']}: {one['problem']} [{one['source']}]" for one in found],
)
def lint(
    control: Control, id: str, waive: Annotated[str, typer.Option(help="rules let off: a,b")] = ""
) -> Any:
    """Name what the real vendor would not have forgiven."""
    return control.lint(id, **fields(waive=waive))


@verb(
    sandbox,
    "health",
    lambda told: [f"{name:<14}{value}" for name, value in told.items()],
    alone=True,
)
def health(control: Control) -> Any:
    """Say whether the server can serve, and how many sandboxes it holds."""
    return control.health()


@verb(sandbox, "live", lambda told: [told["status"]], alone=True)
def live(control: Control) -> Any:
    """Say whether the process answers, whatever its store does."""
    return control.live()


@verb(sandbox, "ready", lambda told: [told["status"]], alone=True)
def ready(control: Control) -> Any:
    """Say whether the store answers, too."""
    return control.ready()


def _clock_lines(one: dict[str, Any]) -> list[str]:
    happened = f", {one['settled']} events" if "settled" in one else ""
    return [f"{one['now']} (rate {one['rate']:g}{happened})"]


@verb(clock, "show", _clock_lines)
def show_clock(control: Control, id: str) -> Any:
    """What time it is there."""
    return control.clock(id)


@verb(
    clock,
    "due",
    lambda rows: columns((one["at"], one["kind"], one["target"]) for one in rows),
)
def due(control: Control, id: str) -> Any:
    """List what will happen by itself, soonest first."""
    return control.schedule(id)


@verb(clock, "advance", _clock_lines)
def advance(
    control: Control, id: str, span: Annotated[str, typer.Argument(help="90s, 5m, 1h30m")]
) -> Any:
    """Move time forward by a span."""
    return control.move_clock(id, advance=span)


@verb(clock, "to", _clock_lines)
def to(
    control: Control,
    id: str,
    instant: Annotated[str, typer.Argument(help="2026-01-01T00:00:00Z, next-event or idle")],
) -> Any:
    """Move time forward to an instant, to the next event, or until nothing is left to happen."""
    return control.move_clock(
        id, **{"until" if instant in ("next-event", "idle") else "to": instant}
    )


@verb(clock, "rate", _clock_lines)
def rate(
    control: Control, id: str, rate: Annotated[float, typer.Argument(help="0 freezes, 1 is real")]
) -> Any:
    """Freeze time or let it flow."""
    return control.move_clock(id, rate=rate)
