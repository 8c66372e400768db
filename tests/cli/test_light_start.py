"""A server starts with what it needs to answer, and what it needs later it loads later.

Measured in seconds this would depend on the machine; what is loaded does not.
"""

from __future__ import annotations

import json
import subprocess
import sys

SERVED = """
import json, sys
import typer
from bodydouble.cli import command_line
import bodydouble.cli.serve, bodydouble.web.server
from bodydouble.providers import load, names
from bodydouble.web.app import Application
from bodydouble.web.server import config_for
from bodydouble.web.settings import Settings

whole = typer.main.get_command(command_line(["serve"]))
whole.commands["serve"].make_context("serve", [], parent=whole.make_context("b", ["serve"]))
config_for(Application(Settings())).load()
for name in names():
    load(name)
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
# Each with what it is for, and by when it is wanted.
LATER = {
    "pydantic": "reads bodies: with the first body",
    "pydantic_core": "matches patterns: with the first rule that has one",
    "yaml": "reads files of people: with the first scenario",
    "jinja2": "writes the page: when it is opened",
    "httpx": "sends webhooks: with the first",
    "redis": "talks to that store alone",
    "sqlite3": "talks to that store alone",
    "av": "writes films: with the first",
    "numpy": "draws them",
    "PIL": "draws them",
    "websockets": "nobody asks for one",
    "wsproto": "nobody asks for one",
    "prometheus_client": "measures where asked to",
    "opentelemetry": "traces where asked to",
}


def test_a_start_loads_nothing_that_is_wanted_later() -> None:
    run = subprocess.run([sys.executable, "-c", SERVED], capture_output=True, check=True, text=True)
    loaded = set(json.loads(run.stdout.splitlines()[-1]))
    assert "uvicorn" in loaded
    assert {name: LATER[name] for name in sorted(loaded & LATER.keys())} == {}
