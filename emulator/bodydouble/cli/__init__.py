"""The command line: `bodydouble serve | demo | sandbox | clock | jobs | logs | contracts | …`.

Only the command that is called is imported, so that a server starts as fast as it can. `record` and
`contracts` belong to the judge and are found through an entry point; nothing here imports it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from typing import Annotated, Any

import typer

from bodydouble import __version__
from bodydouble.installation import install_command

# name: (where its function or Typer app is, what the help says of it)
OURS = {
    "serve": ("bodydouble.cli.serve:serve", "Serve the vendors until interrupted."),
    "demo": ("bodydouble.cli.demo:demo", "Play every vendor through to a video file."),
    "providers": ("bodydouble.cli.listing:providers", "List the vendors, or all about one."),
    "sandbox": ("bodydouble.cli.sandboxes:sandbox", "Create, show, copy and delete sandboxes."),
    "clock": ("bodydouble.cli.sandboxes:clock", "Read, freeze and move a sandbox's time."),
    "jobs": ("bodydouble.cli.directing:jobs", "List jobs, and end or stall them."),
    "accounts": ("bodydouble.cli.directing:accounts", "Read wallets, and put money in."),
    "keys": ("bodydouble.cli.directing:keys", "Make keys."),
    "faults": ("bodydouble.cli.directing:faults", "Arm, list and remove faults."),
    "snapshots": ("bodydouble.cli.directing:snapshots", "Save a sandbox, and bring it back."),
    "logs": ("bodydouble.cli.traffic:logs", "Print requests as they come."),
    "requests": ("bodydouble.cli.traffic:requests", "Read the request log."),
    "deliveries": ("bodydouble.cli.traffic:deliveries", "Read and repeat webhook deliveries."),
    "new-provider": (
        "bodydouble.cli.new_provider:new_provider",
        "Write a vendor that runs and is tested, to start from.",
    ),
    "doctor": ("bodydouble.cli.doctor:doctor", "Say what a vendor lacks."),
    "version": ("bodydouble.cli:version", "Say which version this is."),
}
COMPLETION = "_BODYDOUBLE_COMPLETE"
THEIRS = {
    "contracts": "Judge a target by the contracts.",
    "record": "Record a client's traffic with a vendor.",
}


def version() -> None:
    """Prints the version."""
    typer.echo(f"bodydouble {__version__}")


def _print_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="say which version this is"
        ),
    ] = False,
) -> None:
    """What goes before every command."""


def command_line(arguments: Sequence[str]) -> typer.Typer:
    """The Typer app for these arguments: the called command whole, the others by name only."""
    app = typer.Typer(
        name="bodydouble",
        help="Stands in for paid AI-video APIs.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    called = next((word for word in arguments if not word.startswith("-")), "")
    # A shell that asks what may come next is told of every command.
    asked = COMPLETION in os.environ
    for name, (place, help) in OURS.items():
        _add(app, name, help, _loaded(place) if asked or name == called else _nothing)
    for name, help in THEIRS.items():
        _add(app, name, help, _theirs(name) if asked or name == called else _nothing)
    return app


def _add(app: typer.Typer, name: str, help: str, what: Callable[..., Any] | typer.Typer) -> None:
    if isinstance(what, typer.Typer):
        app.add_typer(what, name=name, help=help)
    else:
        app.command(name, help=help)(what)


def _loaded(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _nothing() -> None:
    """Stands where a command is listed and not called."""


def _theirs(name: str) -> Any:
    for point in entry_points(group="bodydouble.commands", name=name):
        try:
            return point.load()
        except ImportError as error:
            return _missing(f"{name} cannot be loaded ({error}): {install_command('contracts')}")
    return _missing(f"{name} is not part of this installation")


def _missing(sentence: str) -> Callable[[], None]:
    def missing() -> None:
        typer.echo(sentence, err=True)
        raise typer.Exit(2)

    return missing


def silence_stdout() -> None:
    """From now on standard output goes nowhere: nobody reads it, or it cannot be written."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def main() -> None:
    """Runs the command line; what cannot be done is said in one sentence, with exit status 2."""
    try:
        command_line(sys.argv[1:])(prog_name="bodydouble")
    except OSError as error:
        silence_stdout()
        typer.echo(f"bodydouble: {error}", err=True)
        sys.exit(2)
