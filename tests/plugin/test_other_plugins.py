"""The fixture beside other pytest plugins: each in a project of its own, with the plugin itself.

They block sockets, hold or move the clocks, bring other event loops, reorder, repeat and time out
tests, and stand in for HTTP. An environment for all of them is made the first time and kept.
"""

from __future__ import annotations

import subprocess
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from tests.sampling import few
from tests.vendors import clients

PLUGINS = (
    "pytest==9.2.0",
    "pytest-asyncio==1.5.0",
    "pytest-randomly==5.1.0",
    "pytest-rerunfailures==16.7",
    "pytest-socket==0.8.1",
    "pytest-timeout==2.4.0",
    "pytest-xdist==3.8.0",
    "freezegun==1.5.5",
    "time-machine==3.6.0",
    "trio==0.35.0",
    "respx==0.23.1",
    "vcrpy==9.4.2",
)
HOME = clients.ENVIRONMENTS / "pytest-plugins"
SECONDS_MAX = 120

IN_PROCESS = """
def test_it(bodydouble):
    with bodydouble.smartlyq.client() as client:
        assert client.get("/me").status_code == 200
"""
BY_ADDRESS = """
import httpx
def ask(vendor):
    return httpx.get(f"{vendor.base_url}/me", headers=vendor.headers, timeout=10).status_code
"""
PROJECTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sockets are disabled": (IN_PROCESS, ("--disable-socket", "--allow-unix-socket")),
    "only this machine is allowed": (
        BY_ADDRESS + "def test_it(bodydouble): assert ask(bodydouble.smartlyq) == 200\n",
        ("--allow-hosts=127.0.0.1,::1",),
    ),
    "freezegun holds the clocks": (
        BY_ADDRESS
        + """
from freezegun import freeze_time
def test_within(bodydouble):
    with freeze_time("2030-01-01"):
        assert ask(bodydouble.smartlyq) == 200
@freeze_time("2020-01-01")
def test_whole(bodydouble):
    assert ask(bodydouble.smartlyq) == 200
""",
        (),
    ),
    "time-machine moves the clocks": (
        BY_ADDRESS
        + """
import time_machine
def test_within(bodydouble):
    with time_machine.travel("2040-01-01T00:00:00Z", tick=False):
        assert ask(bodydouble.smartlyq) == 200
@time_machine.travel("2001-01-01T00:00:00Z")
def test_whole(bodydouble):
    assert ask(bodydouble.smartlyq) == 200
""",
        (),
    ),
    "anyio with both of its back ends": (
        """
import pytest
@pytest.mark.anyio
async def test_it(bodydouble):
    async with bodydouble.smartlyq.async_client() as client:
        assert (await client.get("/me")).status_code == 200
""",
        (),
    ),
    "pytest-asyncio, automatic": (
        """
async def test_it(bodydouble):
    async with bodydouble.smartlyq.async_client() as client:
        assert (await client.get("/me")).status_code == 200
""",
        ("-o", "asyncio_mode=auto"),
    ),
    "pytest-asyncio, strict": (
        """
import pytest
@pytest.mark.asyncio
async def test_it(bodydouble):
    async with bodydouble.smartlyq.async_client() as client:
        assert (await client.get("/me")).status_code == 200
""",
        ("-o", "asyncio_mode=strict"),
    ),
    "in any order, by two workers": (
        IN_PROCESS + IN_PROCESS.replace("test_it", "test_again"),
        ("-p", "randomly", "-n", "2"),
    ),
    "a limit of time by signal": (IN_PROCESS, ("--timeout", "60", "--timeout-method", "signal")),
    "a limit of time by thread": (IN_PROCESS, ("--timeout", "60", "--timeout-method", "thread")),
    "a test that is run again": (
        """
tries = []
def test_it(bodydouble):
    with bodydouble.smartlyq.client() as client:
        assert client.get("/me").status_code == 200
    tries.append(1)
    assert len(tries) == 2
""",
        ("--reruns", "2"),
    ),
    "respx stands in for another host": (
        """
import httpx, respx
@respx.mock
def test_it(bodydouble):
    respx.get("https://example.com/").respond(204)
    assert httpx.get("https://example.com/").status_code == 204
    with bodydouble.smartlyq.client() as client:
        assert client.get("/me").status_code == 200
""",
        (),
    ),
    "vcrpy plays a cassette": (
        """
import vcr
def test_it(bodydouble, tmp_path):
    with vcr.use_cassette(str(tmp_path / "none.yaml"), record_mode="all"):
        with bodydouble.smartlyq.client() as client:
            assert client.get("/me").status_code == 200
""",
        (),
    ),
}


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter of the environment in which the plugins are, and this checkout."""
    done = HOME / "installed"
    clients.ENVIRONMENTS.mkdir(exist_ok=True)
    with (clients.ENVIRONMENTS / "lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not done.exists():
            clients.install(HOME, "--editable", str(clients.ROOT), *PLUGINS)
            done.touch()
    return HOME / "bin" / "python"


@pytest.mark.slow
@pytest.mark.registry
@pytest.mark.parametrize("project", few([*PROJECTS], 6))
def test_the_fixture_holds_beside(project: str, python: Path, tmp_path: Path) -> None:
    text, options = PROJECTS[project]
    (tmp_path / "test_project.py").write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout
    assert "error" not in done.stdout.lower()
