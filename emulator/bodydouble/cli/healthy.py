"""`bodydouble healthy`: whether a server can serve, as an exit status, for whoever watches one.

It asks `ready` over HTTP and nothing else; the container's health check is this command.
"""

from __future__ import annotations

import os
import ssl
from urllib.error import HTTPError
from urllib.request import urlopen

import typer

from bodydouble.cli.asking import URL, Url
from bodydouble.web.settings import variable

PATIENCE_S = 5.0


def healthy(url: Url = "") -> None:
    """Exit status 0 if the server answers and its store does, 1 if not."""
    port = os.environ.get(variable("port"))
    there = url or (f"http://127.0.0.1:{port}" if port else URL)
    context = ssl.create_default_context() if there.startswith("https:") else None
    try:
        with urlopen(f"{there.rstrip('/')}/_bodydouble/ready", timeout=PATIENCE_S, context=context):
            typer.echo("ready")
    except HTTPError as error:
        error.close()
        typer.echo(f"not ready: it answered {error.code}", err=True)
        raise typer.Exit(1) from None
    except (OSError, ValueError) as error:
        typer.echo(f"not ready: {error}", err=True)
        raise typer.Exit(1) from None
