"""Links that leave in process: any client can open them, and no two files share a name."""

from __future__ import annotations

import threading
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import httpx
import pytest

from bodydouble.testing import AsyncEmulator, Emulator, Sandbox, serving
from tests.vendors.asking import VENDORS, asking

SMALL = {"model": "pixverse-v4-5", "type": "text_to_video", "prompt": "a curtain", "duration": 5, "resolution": "360p"}  # noqa: E501  # fmt: skip


def finished(sandbox: Sandbox, client: httpx.Client) -> str:
    """The link to a film."""
    job = client.post("/videos/generate", json=SMALL).json()["data"]["job_uid"]
    sandbox.clock.until_job(job)
    return str(client.get(f"/jobs/{job}").json()["data"]["result"]["url"])


def running() -> bool:
    return any(one.name == "bodydouble" for one in threading.enumerate())


def test_a_link_can_be_downloaded_by_any_client_and_until_then_nothing_runs() -> None:
    with Emulator() as emulator, emulator.sandbox(seed=1) as sandbox:
        with sandbox.smartlyq.client() as client:
            link = finished(sandbox, client)
            through = client.get(link)
            assert not running()
        film = httpx.get(link, timeout=60)
        assert running()
        assert film.content == through.content
        assert film.headers["content-type"] == "video/mp4"
        assert sandbox.smartlyq.base_url.startswith(link.partition("/cdn/")[0])


def test_who_never_follows_a_link_leaves_nothing_behind() -> None:
    before = set(threading.enumerate())
    with (
        Emulator() as emulator,
        emulator.sandbox(seed=1) as sandbox,
        sandbox.smartlyq.client() as client,
    ):
        link = urlsplit(finished(sandbox, client))
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://{link.netloc}/")
    mine = [one for one in set(threading.enumerate()) - before if "bodydouble" in one.name]
    for thread in mine:
        thread.join(5)
    assert not [one for one in mine if one.is_alive()]


async def test_a_link_of_an_async_emulator_can_be_downloaded_too() -> None:
    async with AsyncEmulator() as emulator, await emulator.sandbox(seed=1) as sandbox:
        async with sandbox.smartlyq.async_client() as client:
            job = (await client.post("/videos/generate", json=SMALL)).json()["data"]["job_uid"]
            await sandbox.clock.until_job(job)
            link = (await client.get(f"/jobs/{job}")).json()["data"]["result"]["url"]
        async with httpx.AsyncClient(timeout=60) as other:
            assert (await other.get(link)).content[4:8] == b"ftyp"


def test_where_no_socket_may_be_opened_the_link_says_who_can_follow_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(host: str, port: int) -> None:
        raise RuntimeError("sockets are not for tests")

    monkeypatch.setattr(serving, "bound", refused)
    with (
        Emulator() as emulator,
        emulator.sandbox(seed=1) as sandbox,
        sandbox.smartlyq.client() as client,
    ):
        link = finished(sandbox, client)
        assert link.startswith("http://ask-the-client-that-got-this-link.invalid/cdn/")
        assert client.get(link).content[4:8] == b"ftyp"


def test_no_two_results_share_the_name_that_clients_keep_files_by() -> None:
    names: list[str] = []
    with Emulator(balances={"smartlyq": "100"}) as emulator:
        for _ in range(2):
            with emulator.sandbox(seed=1) as sandbox, sandbox.smartlyq.client() as client:
                names += [PurePosixPath(finished(sandbox, client)).name for _ in range(3)]
    assert len(set(names)) == 6


@pytest.mark.parametrize("vendor", [one for one in VENDORS if asking(one).shows_links])
def test_no_vendor_gives_two_results_one_name(vendor: str) -> None:
    with Emulator() as emulator, emulator.sandbox(seed=1) as sandbox:
        ask, links = asking(vendor), []
        headers = ask.headers(sandbox.keys[vendor])
        with httpx.Client(transport=emulator.transport, base_url="http://localhost") as client:
            for _ in range(2):
                answer = client.post(ask.submit_path, json=ask.body("p"), headers=headers)
                sandbox.clock.advance("1h")
                path = ask.result_path.replace("{job}", ask.job(answer))
                links.append(ask.shown("result", client.get(path, headers=headers)))
        assert len({PurePosixPath(urlsplit(str(link)).path).name for link in links}) == 2
