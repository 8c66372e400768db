"""`bodydouble demo`: vendors from request to a playable video, read back and compared.

A server of its own on a free port, plain HTTP as any client would send it, time moved instead of
waited for. What was asked and what the file says must agree, or the exit status is 1.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from bodydouble.core.samples import Sample
from bodydouble.providers import load, names
from bodydouble.testing import Emulator

_UNREAD = "not read: needs the media extra"


def demo(
    vendors: Annotated[
        list[str] | None, typer.Argument(help="vendors; four of them if none is given")
    ] = None,
    out: Annotated[str, typer.Option(help="folder for the videos; a new one if not given")] = "",
    seed: Annotated[
        int, typer.Option(min=0, max=2**63 - 1, help="the same seed makes the same videos")
    ] = 1,
) -> None:
    """Play vendors through to a video file."""
    samples = _samples(vendors or [])
    folder = _folder(out)
    table = Table(box=None, pad_edge=False)
    for column in ("vendor", "job", "asked", "in the file", "same", "wallet before", "after"):
        table.add_column(column, overflow="fold")
    progress = Console(stderr=True, highlight=False)
    good = True
    with Emulator(seed=seed) as emulator:
        sandbox = _json(httpx.post(f"{emulator.url}/_bodydouble/sandboxes", json={"seed": seed}))
        try:
            for vendor, sample in samples.items():
                progress.print(f"{vendor}: asking for {_said(_asked(sample))} …")
                same, row = _played(vendor, sample, emulator.url, sandbox, folder)
                good = good and same
                table.add_row(*row)
        except KeyboardInterrupt:
            logging.disable()  # a server cut short would complain at length
            raise
    console = Console(highlight=False)
    console = console if console.is_terminal else Console(width=160, highlight=False)
    console.print(table)
    console.print(f"videos: {folder}")
    if not good:
        raise typer.Exit(1)


def _folder(out: str) -> Path:
    folder = Path(out) if out else Path(tempfile.mkdtemp(prefix="bodydouble-demo-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        typer.echo(f"bodydouble: --out {out} is no folder to write to: {error.strerror}", err=True)
        raise typer.Exit(2) from None


def _played(
    vendor: str, sample: Sample, url: str, sandbox: dict[str, Any], folder: Path
) -> tuple[bool, list[str]]:
    key = load(vendor).key_headers(sandbox["keys"][vendor])
    headers = {**key, **(sample.headers or {})}
    with httpx.Client(base_url=f"{url}/{vendor}", headers=headers, timeout=120) as client:
        before = _balance(client, sample)
        job = sample.job(_json(client.post(sample.create, json=dict(sample.body))))
        clock = f"{url}/_bodydouble/sandboxes/{sandbox['id']}/clock"
        _json(httpx.patch(clock, json={"until": "idle"}, timeout=60))
        reply = _json(client.get(sample.shown(job)))
        after = _balance(client, sample)
        link = sample.link(reply)
        # A link is opened without the key, as any player would; a path of the vendor's wants it.
        video = client.get(link) if link.startswith("/") else httpx.get(link, timeout=120)
    video.raise_for_status()
    path = folder / f"{vendor}.mp4"
    path.write_bytes(video.content)
    found, asked = read_back(path), _asked(sample)
    if found is None:
        return True, [vendor, job, _said(asked), _UNREAD, "?", before, after]
    same = found == asked
    return same, [vendor, job, _said(asked), _said(found), "yes" if same else "NO", before, after]


def _balance(client: httpx.Client, sample: Sample) -> str:
    return sample.balance(_json(client.get(sample.wallet)) if sample.wallet else None)


def _samples(vendors: list[str]) -> dict[str, Sample]:
    try:
        samples = {name: load(name).sample for name in vendors or names()}
    except ValueError as error:
        typer.echo(f"bodydouble: {error}", err=True)
        raise typer.Exit(2) from None
    if lacking := [name for name in vendors if samples[name] is None]:
        typer.echo(f"bodydouble: {', '.join(lacking)} has no sample to play", err=True)
        raise typer.Exit(2)
    found = {name: sample for name, sample in samples.items() if sample is not None}
    return found if vendors else {name: one for name, one in found.items() if one.usual}


def _asked(sample: Sample) -> tuple[float, int, int]:
    return sample.seconds, sample.width, sample.height


def _json(response: httpx.Response) -> Any:
    if response.is_error:
        typer.echo(f"bodydouble: {response.request.url} answered {response.text[:300]}", err=True)
        raise typer.Exit(1)
    return response.json()


def read_back(path: Path) -> tuple[float, int, int] | None:
    """(seconds, width, height) as PyAV reads them; None without PyAV."""
    try:
        import av
    except ImportError:
        return None
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        seconds = float((container.duration or 0) / av.time_base)
        return round(seconds, 2), stream.width, stream.height


def _said(facts: tuple[float, int, int]) -> str:
    seconds, width, height = facts
    return f"{seconds:g} s, {width}x{height}"
