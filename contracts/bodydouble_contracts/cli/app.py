"""The judge's commands: list, run, mutants, explain; the same as `bodydouble contracts`.

Exit codes: 0 held, 1 broken or stale, 2 usage, 3 our own error, 4 inconclusive or budget
refused. Every error for people is one sentence on stderr.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bodydouble_contracts import runs
from bodydouble_contracts.cli import commands, options
from bodydouble_contracts.cli import live as live_command
from bodydouble_contracts.cli.drift import drift
from bodydouble_contracts.cli.exit_codes import BROKEN, HELD, INCONCLUSIVE, OURS, USAGE
from bodydouble_contracts.cli.live import LiveRefused
from bodydouble_contracts.cli.replay import replay
from bodydouble_contracts.history.cassettes import CassetteError
from bodydouble_contracts.installation import install_command
from bodydouble_contracts.judging import catalogue
from bodydouble_contracts.judging.catalogue import UnknownContract
from bodydouble_contracts.judging.deviations import DeviationError
from bodydouble_contracts.live.journal import JournalError
from bodydouble_contracts.live.plan import PlanError
from bodydouble_contracts.mutants.matrix import MutantListError
from bodydouble_contracts.reports.document import Head
from bodydouble_contracts.reports.files import ReportError
from bodydouble_contracts.reports.profile_keys import page
from bodydouble_contracts.reports.text import explain_text, list_lines, matrix_lines
from bodydouble_contracts.targets.addresses import EMULATOR
from bodydouble_contracts.targets.target import TargetError
from bodydouble_contracts.vendors.checking import ProfileError
from bodydouble_contracts.vendors.documents import DocumentError
from bodydouble_contracts.vendors.reader import load, names, programs

# Newer typers carry a click of their own, so its exceptions are found through typer's names.
PASSED_ON: tuple[type[BaseException], ...] = (
    typer.Exit,
    typer.Abort,
    BrokenPipeError,  # whoever read us has seen enough
    *(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException"),
)


MENDABLE = (
    UnknownContract, ProfileError, DocumentError, CassetteError, DeviationError, LiveRefused,
    PlanError, ReportError, MutantListError,
)  # fmt: skip
"""What a user can mend: a usage error, in the words of whoever found it."""


TOOLS = ("hypothesis", "jsonschema_rs", "openapi_spec_validator", "schemathesis")
"""What the extra `contracts` brings."""


class Guarded(TyperGroup):
    """Turns our errors into one sentence and an exit code, however the group is mounted."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what people can mend gets a sentence, the rest a trace and a 3."""
        try:
            return super().invoke(ctx)
        except MENDABLE as error:
            typer.echo(f"bodydouble-contracts: {error}", err=True)
            raise typer.Exit(USAGE) from error
        except (TargetError, JournalError) as error:
            typer.echo(f"bodydouble-contracts: {error}", err=True)
            raise typer.Exit(INCONCLUSIVE) from error
        except PASSED_ON:
            raise
        except Exception as error:
            if isinstance(error, ModuleNotFoundError) and error.name in TOOLS:
                lacking = f"{error.name} is not installed: {install_command('contracts')}"
                typer.echo(f"bodydouble-contracts: {lacking}", err=True)
                raise typer.Exit(USAGE) from error
            typer.echo(
                f"bodydouble-contracts: the judge itself failed: {type(error).__name__}: {error}",
                err=True,
            )
            if ctx.obj == "trace":
                raise
            raise typer.Exit(OURS) from error


app = typer.Typer(
    cls=Guarded,
    no_args_is_help=True,
    help="Judge the emulator, another mock, or the real vendor by one set of contracts.",
    rich_markup_mode=None,
)

Providers = Annotated[
    list[str] | None,
    typer.Option(
        "--provider",
        "-p",
        help="Vendor, program or file; repeatable. Default: all vendors.",
    ),
]
Seed = Annotated[int, typer.Option("--seed", help="Seed of everything drawn.")]
Globs = Annotated[str, typer.Option("--contracts", help="Ids or families, e.g. BIL-*,JOB-02.")]
Tier = Annotated[str, typer.Option("--tier", help="How far to go: 0, 1, 2, 3 or E.")]


def profiles_of(chosen: list[str] | None) -> list[Any]:
    """Load the profiles asked for, or all."""
    return [load(n) for n in runs.pick(chosen or [], names(), programs())]


def checked_tier(tier: str) -> str:
    """Return a tier, or fail as a usage error."""
    if tier.upper() not in ("0", "1", "2", "3", "E"):
        raise typer.BadParameter(f"a tier is 0, 1, 2, 3 or E, not {tier!r}")
    return tier.upper()


@app.command("list")
def list_(
    family: Annotated[str, typer.Option(help="Only one family, e.g. BIL.")] = "*", tier: Tier = "E"
) -> None:
    """List the contracts: id, level, tier, sentence, source."""
    for line in list_lines(catalogue.select(family, checked_tier(tier))):
        typer.echo(line)


@app.command()
def explain(
    contract: Annotated[str, typer.Argument(help="An id such as BIL-04.")],
    provider: Providers = None,
) -> None:
    """Explain one contract: sentence, source, what it needs, the mutants it must convict."""
    profiles = profiles_of(provider)
    for line in explain_text(catalogue.find(contract), profiles):
        typer.echo(line)


@app.command("profile-keys")
def profile_keys() -> None:
    """Explain every key of a profile, as docs/profile.md does."""
    typer.echo(page(), nl=False)


@app.command()
def pages(
    out: Annotated[Path, typer.Argument(help="The folder, made if it is not there.")],
    provider: Providers = None,
) -> None:
    """Write a page for each contract: sources, scripts that exercise it, mutants it convicts."""
    from bodydouble_contracts.reports.pages import write

    typer.echo(f"{write(out, EMULATOR, profiles_of(provider))} contracts in {out}", err=True)


@app.command()
def run(
    target: Annotated[str, typer.Argument(help="module:app, or a URL.")] = EMULATOR,
    *,
    provider: Providers = None,
    seed: Seed = 0,
    contracts: Globs = "*",
    tier: Tier = "E",
    effort: options.Effort = "quick",
    outside: options.Outside = False,
    wait_s: options.WaitS = 60.0,
    media_host: options.MediaHost = None,
    failing_body: options.FailingBody = "",
    strict: options.Strict = False,
    live: options.Live = "",
    budget: options.Budget = "",
    plan: options.PlanFile = None,
    upstream: options.Upstream = "",
    day_budget: options.DayBudget = "",
    account_budget: options.AccountBudget = "",
    journal: options.JournalFile = None,
    cassette: options.CassetteFile = None,
    live_keys: options.LiveKeys = False,
    traces: options.Traces = None,
    json_file: options.JsonFile = None,
    junit_file: options.JunitFile = None,
    html_file: options.HtmlFile = None,
    badge_file: options.BadgeFile = None,
    deviations: options.Excuses = None,
) -> None:
    """Drive a target and judge what it did."""
    written = {"json": json_file, "junit": junit_file, "html": html_file, "badge": badge_file}
    if live or budget or plan:
        wanted = live_command.Wanted(
            live, budget, plan, upstream, day_budget, account_budget, journal, cassette, live_keys
        )
        raise typer.Exit(live_command.run(wanted, written, strict, deviations))
    how = commands.effort_of(effort, outside, wait_s, media_host or [], failing_body)
    chosen = catalogue.select(contracts, checked_tier(tier))
    tell = runs.stderr if sys.stderr.isatty() or effort != "quick" else runs.nobody
    made = runs.run(
        target,
        profiles_of(provider),
        seed=seed,
        tier=checked_tier(tier),
        effort=how,
        contracts=chosen,
        tell=tell,
    )
    head = Head(target, checked_tier(tier), seed, effort, commands.now(), strict)
    report = commands.publish(
        head, commands.excused(commands.columns_of(made), deviations), written, traces
    )
    code = commands.exit_code(report)
    cut = any(d.cut for d in made.dockets.values())
    raise typer.Exit(INCONCLUSIVE if code == HELD and cut else code)


@app.command()
def mutants(
    target: Annotated[str, typer.Argument(help="module:app to sabotage.")] = EMULATOR,
    provider: Providers = None,
    seeds: Annotated[int, typer.Option(min=1, max=20, help="How many seeds.")] = 5,
    mutants: Annotated[str, typer.Option(help="Your own mutants, module:LIST.")] = "",
    directed: Annotated[
        bool, typer.Option("--directed", help="Directed scenarios only, one seed.")
    ] = False,
) -> None:
    """Print the kill matrix and the gates: every mutant convicted, for the named reason."""
    from bodydouble_contracts.mutants import measuring

    found = measuring.measure(
        target,
        profiles_of(provider),
        seeds=1 if directed else seeds,
        listed=mutants,
        machines=not directed,
        tell=lambda text: typer.echo(text, err=True),
    )
    for line in matrix_lines(found):
        typer.echo(line)
    raise typer.Exit(HELD if found.passed else BROKEN)


for command in (commands.plan, commands.rejudge, replay, drift, commands.report):
    app.command()(command)


def main() -> None:
    """Run the command line."""
    app()
