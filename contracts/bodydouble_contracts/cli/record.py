"""`record`: serves the recording proxy until it is interrupted, and says where it listens."""

from __future__ import annotations

import asyncio
import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn
from urllib.parse import urlsplit

import typer

from bodydouble_contracts.history.cassettes import Header, Writer, read_cassette
from bodydouble_contracts.history.har import write_har
from bodydouble_contracts.history.masking import Masker
from bodydouble_contracts.recording.recorder import Recorder
from bodydouble_contracts.vendors.checking import ProfileError
from bodydouble_contracts.vendors.profile import Profile
from bodydouble_contracts.vendors.reader import load
from bodydouble_contracts.vendors.variants import profile_hash

TIMEOUT_S = 120.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def record(
    *,
    provider: Annotated[str, typer.Option("--provider", "-p", help="Vendor or profile file.")],
    upstream: Annotated[
        str, typer.Option("--upstream", help="Base URL; the vendor's own if not given.")
    ] = "",
    out: Annotated[Path, typer.Option("--out", "-o", help="The cassette to write.")] = Path(
        "cassette.jsonl"
    ),
    har: Annotated[Path | None, typer.Option("--har", help="Write a HAR beside it.")] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port; 0 picks a free one.")] = 0,
    beyond_loopback: Annotated[
        bool, typer.Option("--beyond-loopback", help="Allow other machines to use the proxy.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say where it listens as JSON.")] = False,
) -> None:
    """Record a client's traffic with a vendor into a cassette, until interrupted."""
    try:
        profile = load(provider)
    except ProfileError as error:
        _stop(str(error))
    base = (upstream or profile.host).rstrip("/")
    if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).hostname:
        _stop(f"--upstream is a URL such as {profile.host}, not {base!r}")
    if host not in LOOPBACK and not beyond_loopback:
        _stop(f"{host} can be reached from other machines: say --beyond-loopback if you mean it")
    try:
        asyncio.run(_serve(profile, base, out, har, (host, port), as_json=as_json))
    except KeyboardInterrupt:
        pass
    except OSError as error:
        _stop(f"{out} or {host}:{port} cannot be used: {error.strerror or error}")


async def _serve(
    profile: Profile,
    base: str,
    out: Path,
    har_file: Path | None,
    address: tuple[str, int],
    *,
    as_json: bool,
) -> None:
    import httpx
    import uvicorn

    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address)
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    header = Header(profile.provider, base, stamp, "recorder", profile=profile_hash(profile))
    writer = Writer(out, header, Masker())
    url = f"http://{address[0]}:{listener.getsockname()[1]}"
    told = json.dumps({"url": url, "upstream": base, "cassette": str(out)})
    typer.echo(told if as_json else f"{url} passes on to {base} and records into {out}")
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            proxy = Recorder(base, profile, writer, client)
            config = uvicorn.Config(
                proxy, log_level="critical", access_log=False, lifespan="off", server_header=False,
                date_header=False,
            )  # fmt: skip
            await uvicorn.Server(config).serve(sockets=[listener])
    finally:
        writer.close()
        typer.echo(f"{writer.count} exchanges in {out}", err=True)
        if har_file:
            export(out, har_file)


def export(cassette: Path, har_file: Path) -> None:
    """Write a cassette as HAR."""
    with har_file.open("w", encoding="utf-8") as out:
        write_har(read_cassette(cassette)[1], out)


def _stop(sentence: str) -> NoReturn:
    typer.echo(f"bodydouble record: {sentence}", err=True)
    raise typer.Exit(2)
