"""`bodydouble serve`: every option, its BODYDOUBLE_… twin, and what is said once it answers.

It reads words into `Settings`; the server does the rest.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bodydouble.cli.announcing import ReadyFile, announce
from bodydouble.web.running.log_lines import configure_logs
from bodydouble.web.settings import (
    DEFAULT_PORT,
    VARIABLES,
    BadSetting,
    Settings,
    read_settings,
    variable,
)

LOG_LEVELS = ("debug", "info", "warning", "error")
WORKERS_MAX = 64

if TYPE_CHECKING:
    from bodydouble.web.app import Application
    from bodydouble.web.server import Address


def _option(name: str, help: str) -> typer.models.OptionInfo:
    found: typer.models.OptionInfo = typer.Option(
        f"--{name}",
        envvar=variable(name),
        help=help,
    )
    return found


def serve(
    *,
    host: Annotated[str, _option("host", "address to listen on")] = "127.0.0.1",
    port: Annotated[int, _option("port", "port; 0 picks a free one")] = DEFAULT_PORT,
    store: Annotated[str, _option("store", "memory:, sqlite:PATH or redis://…")] = "memory:",
    speed: Annotated[float, _option("speed", "divides waiting and running times")] = 1.0,
    frozen: Annotated[bool, _option("frozen", "virtual time stands still until moved")] = False,
    seed: Annotated[str, _option("seed", "replays everything; random if not given")] = "",
    balance: Annotated[
        str, _option("balance", "starting balance: 15.0000, or VENDOR=15.0000,…")
    ] = "",
    scenario: Annotated[str, _option("scenario", "how jobs usually go")] = "normal",
    only: Annotated[str, _option("only", "mount this vendor alone, at the root")] = "",
    quirk: Annotated[
        list[str], _option("quirk", "another reading: name=value; repeat it, or join by comma")
    ] = [],  # noqa: B006 - read, never changed
    strict_keys: Annotated[bool, _option("strict-keys", "refuse keys nobody issued")] = False,
    fetch_inputs: Annotated[bool, _option("fetch-inputs", "fetch pictures by address")] = False,
    control_token: Annotated[str, _option("control-token", "the control plane's secret")] = "",
    webhook_allow: Annotated[
        str, _option("webhook-allow", "hosts and CIDR ranges webhooks may reach, by comma")
    ] = "",
    replay: Annotated[str, _option("replay", "answer from this cassette instead")] = "",
    media: Annotated[str, _option("media", "films: full, tiny (one still) or bundled")] = "full",
    media_dir: Annotated[
        str, _option("media-dir", "keep rendered files here; a folder of its own if not given")
    ] = "",
    public_url: Annotated[
        str, _option("public-url", "what clients call this server, for the links in its answers")
    ] = "",
    cors_origin: Annotated[str, _option("cors-origin", "web pages let in; * is every one")] = "",
    trusted_proxy: Annotated[str, _option("trusted-proxy", "proxies that are believed")] = "",
    idle: Annotated[
        str, _option("idle", "forget sandboxes idle for so many seconds; 0 never [in memory: 3600]")
    ] = "",
    tls: Annotated[bool, _option("tls", "https, with a local CA whose path is printed")] = False,
    workers: Annotated[int, _option("workers", "processes; more than 1 need a shared store")] = 1,
    ready_file: Annotated[str, _option("ready-file", "written once the server answers")] = "",
    as_json: Annotated[bool, _option("json", "say where it listens as one JSON line")] = False,
    hints: Annotated[bool, _option("hints", "replies say why, in X-Bodydouble-Hint")] = False,
    log_format: Annotated[
        str, _option("log-format", "a line for each request on stderr: text, json or none")
    ] = "text",
    metrics: Annotated[bool, _option("metrics", "keep metrics for Prometheus")] = False,
    traces: Annotated[str, _option("traces", "send spans to this OTLP/HTTP collector")] = "",
    quiet: Annotated[bool, _option("quiet", "no line for each request")] = False,
    log_level: Annotated[str, _option("log-level", "debug, info, warning, error")] = "warning",
    drain: Annotated[int, _option("drain", "seconds for what is under way when told to stop")] = 3,
) -> None:
    """Serve the vendors until interrupted."""
    _run({**locals(), "quirk": ",".join(quirk)})


def _run(given: dict[str, Any]) -> None:
    # Every setting there is, so that none is an option or a variable alone.
    words = {name: str(given[name.replace("-", "_")]) for name in VARIABLES}
    if given["quiet"]:
        words["log-format"] = "none"
    from bodydouble.web.keys.secrets import own_secrets

    workers, ready_file, level = given["workers"], given["ready_file"], given["log_level"].lower()
    try:
        settings = read_settings(words)
        _check(settings, workers=workers, ready_file=ready_file, log_level=level)
        logs = partial(configure_logs, given["log_format"], level, own_secrets(settings))
        logs()
        status = _start(
            settings,
            workers=workers,
            tls=given["tls"],
            ready_file=ready_file,
            as_json=given["as_json"],
            log_level=level,
            logs=logs,
        )
    except (BadSetting, ValueError) as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"cannot listen on {settings.host}:{settings.port}: {_why(error)}")
    else:
        raise typer.Exit(status)


def _why(error: OSError) -> str:
    taken = error.errno == errno.EADDRINUSE
    hint = ": choose another with --port, or let --port 0 choose" if taken else ""
    return f"{error.strerror or error}{hint}"


def _check(settings: Settings, *, workers: int, ready_file: str, log_level: str) -> None:
    """Raises BadSetting before anything listens, so that nothing is announced and taken back."""
    if log_level not in LOG_LEVELS:
        raise BadSetting(f"--log-level is one of {', '.join(LOG_LEVELS)}, not {log_level!r}")
    if not 1 <= workers <= WORKERS_MAX:
        raise BadSetting(f"--workers lies between 1 and {WORKERS_MAX}, and {workers} does not")
    if workers > 1 and settings.store.startswith("memory"):
        raise BadSetting("--workers above 1 needs a store they share: --store sqlite:PATH")
    try:
        if ready_file:
            option = f"--ready-file {ready_file}"
            if Path(ready_file).is_dir():
                raise BadSetting(f"{option} is a folder: name a file in it")
            ReadyFile(ready_file).check()
        if settings.media_dir is not None:
            option = f"--media-dir {settings.media_dir}"
            settings.media_dir.mkdir(parents=True, exist_ok=True)
            if not os.access(settings.media_dir, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise BadSetting(f"{option} cannot be written: {error.strerror}") from None


def _start(
    settings: Settings,
    *,
    workers: int,
    tls: bool,
    ready_file: str,
    as_json: bool,
    log_level: str,
    logs: Callable[[], None],
) -> int:
    from bodydouble.web import server

    certificate = None
    if tls:
        certificate, ca = server.local_certificate(settings.host)
        typer.echo(f"clients must trust this certificate authority: {ca}", err=True)
    file = ReadyFile(ready_file)

    def ready(address: Address, app: Application | None) -> None:
        # Every vendor is loaded to be told of, and nobody who asks one of them waits for that.
        seed = app.registry.seed if app else settings.seed
        said = (address.url, settings, seed, as_json, file)
        Thread(target=announce, args=said, daemon=True).start()

    return server.serve(
        settings,
        ready=ready,
        gone=file.remove,
        logs=logs,
        log_level=log_level,
        certificate=certificate,
        workers=workers,
    )


def _stop(sentence: str) -> None:
    typer.echo(f"bodydouble: {sentence}", err=True)
    raise typer.Exit(2)
