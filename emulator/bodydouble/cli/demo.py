"""`bodydouble demo`: every vendor from request to a playable video, read back and compared.

A server of its own on a free port, plain HTTP as any client would send it, time moved instead of
waited for. What was asked and what the file says must agree, or the exit status is 1.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from bodydouble.testing import Emulator

_PROMPT = "a paper boat crosses a puddle at dawn"


@dataclass(frozen=True, slots=True)
class Act:
    """How one vendor is asked, and where its answers keep what matters.

    ``wallet`` reads the balance as the vendor's client would; sizes are pixels.
    """

    vendor: str
    create: str
    body: dict[str, Any]
    asked: tuple[float, int, int]
    job: Callable[[Any], str]
    poll: str
    link: Callable[[Any], str]
    wallet: str
    balance: Callable[[Any], str]


_LEONARDO = ("apiPaidTokens", "apiSubscriptionTokens")
_QUOTA_PER_USD = 500_000
_UNREAD = "not read: needs the media extra"


def _quota_usd(reply: Any) -> str:
    return f"{reply['data']['total_available'] / _QUOTA_PER_USD:.4f} USD"


ACTS = (
    Act(
        vendor="smartlyq",
        create="/v1/videos/generate",
        body={
            "model": "kling-v2-1",
            "type": "text_to_video",
            "prompt": _PROMPT,
            "duration": 10,
            "mode": "Professional",
            "aspect_ratio": "16:9",
        },
        asked=(10, 1280, 720),
        job=lambda reply: str(reply["data"]["job_uid"]),
        poll="/v1/jobs/{job}",
        link=lambda reply: str(reply["data"]["result"]["url"]),
        wallet="/v1/me/balance",
        balance=lambda reply: f"{reply['data']['balance']} USD",
    ),
    Act(
        vendor="leonardo",
        create="/api/rest/v1/generations-text-to-video",
        body={
            "prompt": _PROMPT,
            "model": "KLING2_5",
            "resolution": "RESOLUTION_1080",
            "duration": 5,
            "width": 1080,
            "height": 1920,
        },
        asked=(5, 1080, 1920),
        job=lambda reply: str(reply["motionVideoGenerationJob"]["generationId"]),
        poll="/api/rest/v1/generations/{job}",
        link=lambda reply: str(reply["generations_by_pk"]["generated_images"][0]["motionMP4URL"]),
        wallet="/api/rest/v1/me",
        balance=lambda reply: (
            f"{sum(reply['user_details'][0][name] or 0 for name in _LEONARDO)} credits"
        ),
    ),
    Act(
        vendor="infinityblue",
        create="/v1/video/generations",
        body={
            "model": "kling-v2-5-turbo",
            "prompt": _PROMPT,
            "duration": 5,
            "width": 1280,
            "height": 720,
            "fps": 30,
        },
        asked=(5, 1280, 720),
        job=lambda reply: str(reply["task_id"]),
        poll="/v1/video/generations/{job}",
        link=lambda reply: str(reply["url"]),
        wallet="/api/usage/token/",
        balance=_quota_usd,
    ),
    Act(
        vendor="uniall",
        create="/v1/video/generations",
        body={
            "model": "kling-v3-std-audio",
            "prompt": _PROMPT,
            "aspect_ratio": "1:1",
            "duration": 3,
        },
        asked=(3, 720, 720),
        job=lambda reply: str(reply["id"]),
        poll="/v1/videos/{job}",
        link=lambda reply: str(reply["video_url"]),
        wallet="/api/usage/token/",
        balance=_quota_usd,
    ),
)


def demo(
    out: Annotated[str, typer.Option(help="folder for the videos; a new one if not given")] = "",
    seed: Annotated[
        int, typer.Option(min=0, max=2**63 - 1, help="the same seed makes the same videos")
    ] = 1,
) -> None:
    """Play every vendor through to a video file."""
    folder = _folder(out)
    table = Table(box=None, pad_edge=False)
    for column in ("vendor", "job", "asked", "in the file", "same", "wallet before", "after"):
        table.add_column(column, overflow="fold")
    progress = Console(stderr=True, highlight=False)
    good = True
    with Emulator(seed=seed) as emulator:
        sandbox = _json(httpx.post(f"{emulator.url}/_bodydouble/sandboxes", json={"seed": seed}))
        try:
            for act in ACTS:
                progress.print(f"{act.vendor}: asking for {_said(act.asked)} …")
                same, row = _played(act, emulator.url, sandbox, folder)
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


def _played(act: Act, url: str, sandbox: dict[str, Any], folder: Path) -> tuple[bool, list[str]]:
    headers = {"authorization": f"Bearer {sandbox['keys'][act.vendor]}"}
    with httpx.Client(base_url=f"{url}/{act.vendor}", headers=headers, timeout=60) as client:
        before = act.balance(_json(client.get(act.wallet)))
        job = act.job(_json(client.post(act.create, json=act.body)))
        clock = f"{url}/_bodydouble/sandboxes/{sandbox['id']}/clock"
        _json(httpx.patch(clock, json={"until": "idle"}, timeout=60))
        reply = _json(client.get(act.poll.format(job=job)))
        after = act.balance(_json(client.get(act.wallet)))
    # The link is opened without the key, as any player would.
    video = httpx.get(act.link(reply), timeout=120)
    video.raise_for_status()
    path = folder / f"{act.vendor}.mp4"
    path.write_bytes(video.content)
    found = read_back(path)
    if found is None:
        return True, [act.vendor, job, _said(act.asked), _UNREAD, "?", before, after]
    same = found == act.asked
    in_file, verdict = _said(found), "yes" if same else "NO"
    return same, [act.vendor, job, _said(act.asked), in_file, verdict, before, after]


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
