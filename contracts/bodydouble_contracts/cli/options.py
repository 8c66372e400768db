"""The options of `run` that only some runs use, each with its one sentence of help.

They stand here so that the command itself can be read at a glance.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Outside = Annotated[
    bool,
    typer.Option("--outside", help="The target is no bodydouble: no control plane, keys by env."),
]
WaitS = Annotated[
    float, typer.Option("--wait-s", min=0, max=3600, help="Outside: seconds to wait for jobs.")
]
MediaHost = Annotated[
    list[str] | None,
    typer.Option("--media-host", help="Outside: a host whose links may be opened; repeatable."),
]
FailingBody = Annotated[
    str, typer.Option("--failing-body", help="Outside: JSON whose job is accepted and then fails.")
]
Effort = Annotated[str, typer.Option("--effort", help="quick, pr or nightly.")]
Strict = Annotated[bool, typer.Option("--strict", help="SHOULD and MAY fail, too.")]
Live = Annotated[
    str, typer.Option("--live", help="Run against this vendor; wants --budget and --plan.")
]
Budget = Annotated[
    str, typer.Option("--budget", help="What a live run may cost, in the vendor's currency.")
]
PlanFile = Annotated[Path | None, typer.Option("--plan", help="The frozen requests of a live run.")]
Upstream = Annotated[
    str, typer.Option("--upstream", help="Live: another base URL, e.g. on loopback.")
]
DayBudget = Annotated[str, typer.Option("--day-budget", help="Live: per day; default: the budget.")]
AccountBudget = Annotated[
    str, typer.Option("--account-budget", help="Live: per account, for ever.")
]
JournalFile = Annotated[
    Path | None, typer.Option("--journal", help="Live: where money is written down.")
]
CassetteFile = Annotated[
    Path | None, typer.Option("--cassette", help="Live: where traffic is recorded.")
]
LiveKeys = Annotated[
    bool, typer.Option("--live-keys", help="Live: permit keys that look like real money.")
]
Traces = Annotated[
    Path | None, typer.Option("--traces", help="Write a trace of each broken contract here.")
]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the report as JSON.")]
JunitFile = Annotated[Path | None, typer.Option("--junit", help="Write the report as JUnit XML.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", help="Write the matrix as one HTML file.")]
BadgeFile = Annotated[Path | None, typer.Option("--badge", help="Write a badge as JSON.")]
Excuses = Annotated[Path | None, typer.Option("--deviations", help="A deviations.toml.")]
