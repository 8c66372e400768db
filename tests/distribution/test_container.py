"""The container without a daemon: its steps run in a clean environment, and its server without
rights on a file system that may not be written.

No image is built here; CI does that. Where this process may make mounts the whole file system is
read-only but for one tmpfs; elsewhere the files are another user's. Either way the user is the
image's, and what it may not write is tried first.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.architecture import tree
from tests.cli.shell import START_S
from tests.distribution.test_install import installer, ran
from tests.vendors.asking import asking

FILE = (tree.ROOT / "Dockerfile").read_text()
STEPS = re.findall(r"(?m)^([A-Z]+) ((?:.*\\\n)*.*)$", FILE)
WAY = asking("smartlyq")


def said(word: str) -> list[str]:
    """What each instruction of this name says, in order."""
    return [text for name, text in STEPS if name == word]


def test_it_runs_as_a_number_is_asked_by_our_own_command_and_holds_nothing_else() -> None:
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", said("USER")[-1])
    (check,) = said("HEALTHCHECK")
    assert json.loads(check.partition("CMD ")[2]) == ["bodydouble", "sandbox", "ready"]
    assert json.loads(said("ENTRYPOINT")[0]) == ["bodydouble"]
    assert not re.search(r"curl|wget|apt-get|ADD ", FILE)
    assert {"title", "description", "licenses"} <= set(re.findall(r"image\.(\w+)=", FILE))
    assert STEPS.index(("USER", said("USER")[-1])) > max(
        place for place, (name, _) in enumerate(STEPS) if name == "RUN"
    ), "nothing is installed by whoever serves, so it cannot change what it runs"


def test_two_workers_that_share_a_redis_have_no_rights_either() -> None:
    services = yaml.safe_load((tree.ROOT / "compose.yaml").read_text())["services"]
    own = services["bodydouble"]
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert "--workers" in own["command"]
    assert any(word.startswith("redis://redis") for word in own["command"])
    assert own["depends_on"]["redis"]["condition"] == "service_healthy"
    assert all(port.startswith("127.0.0.1:") for port in own["ports"])
    assert ":?" in own["environment"]["BODYDOUBLE_CONTROL_TOKEN"], "nobody starts it without one"


def context(target: Path) -> None:
    """What `docker build` is handed, by `.dockerignore`."""
    kept = [one[1:] for one in (tree.ROOT / ".dockerignore").read_text().split() if one[0] == "!"]
    for name in kept:
        source, there = tree.ROOT / name, target / name
        there.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, there, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, there)
    assert not [path for path in target.rglob("*") if fnmatch.fnmatch(path.name, "*.pyc")]


@dataclass(frozen=True)
class Image:
    """A folder that stands for the image, and whom it runs as."""

    root: Path
    user: int

    @property
    def command(self) -> str:
        return str(self.root / "env/bin/bodydouble")


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The Dockerfile's steps, with an environment in place of the image's Python."""
    # Not below pytest's own folder, into which no other user may look.
    with tempfile.TemporaryDirectory(prefix="bodydouble-image-", dir="/var/tmp") as name:
        root = Path(name)
        root.chmod(0o755)
        context(root / "src")
        ran(sys.executable, "-m", "venv", str(root / "env"), cwd=root)
        python = root / "env/bin/python"
        wheel, pins, package = said("RUN")
        assert re.fullmatch(r"pip wheel --no-cache-dir --no-deps --wheel-dir /dist \.", wheel)
        assert pins.endswith("--require-hashes -r /dist/container.txt")
        assert package.endswith("--no-deps /dist/*.whl")
        ran(*(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(root / "dist")),
            cwd=root / "src")  # fmt: skip
        (built,) = (root / "dist").glob("*.whl")
        locked = str(root / "src/.ci/container.txt")
        ran(*installer(python), "--require-hashes", "-r", locked, cwd=root)
        ran(*installer(python), "--no-deps", str(built), cwd=root)
        (root / "tmp").mkdir(mode=0o777)
        (root / "tmp").chmod(0o777)
        yield Image(root, int(said("USER")[-1].partition(":")[0]))


# Everything read-only but one tmpfs; the interpreter stays reachable where it is root's own.
MOUNTED = """
set -e
mount --make-rprivate /
hold="$ROOT/hold"; mkdir -p "$hold"; mount --bind "$BASE" "$hold"
top="/$(echo "$BASE" | cut -d/ -f2)"
if [ "$top" = /root ]; then
  mount -t tmpfs -o mode=755 tmpfs /root; mkdir -p "$BASE"; mount --bind "$hold" "$BASE"
fi
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
for at in / /tmp /var /var/tmp /root /home; do
  if mountpoint -q "$at"; then mount -o remount,bind,ro "$at" || mount -o remount,ro "$at"; fi
done
exec setpriv --reuid "$UID_" --regid "$UID_" --clear-groups --no-new-privs --bounding-set -all "$@"
"""


def may_mount() -> bool:
    tools = all(map(shutil.which, ("unshare", "setpriv", "mount", "mountpoint")))
    words = ("unshare", "--mount", "mount", "--make-rprivate", "/")
    return tools and not subprocess.run(words, capture_output=True, check=False).returncode


def confined(image: Image, *command: str) -> tuple[list[str], dict[str, Any]]:
    """The command line, and how to start it, without rights."""
    env = {
        "PATH": f"{image.root}/env/bin:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": f"{image.root}/tmp",
        "HOME": "/",
    }
    if may_mount():
        env |= {"ROOT": str(image.root), "BASE": sys.base_prefix, "UID_": str(image.user)}
        words = ["unshare", "--mount", "sh", "-c", MOUNTED, "sh", *command]
        return words, {"env": env, "cwd": "/"}
    if os.geteuid() == 0:
        return [*command], {
            "env": env, "cwd": "/", "user": image.user, "group": image.user, "extra_groups": [],
        }  # fmt: skip
    return [*command], {"env": env, "cwd": "/"}


@contextmanager
def started(image: Image, *words: str) -> Iterator[str]:
    """The image's command, by the address it says."""
    line, how = confined(image, image.command, "serve", "--port", "0", "--json", "--quiet", *words)
    process = subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how
    )
    assert process.stdout is not None
    try:
        told = process.stdout.readline()
        assert told, process.communicate()
        yield json.loads(told)["url"]
        process.terminate()
        _, wrong = process.communicate(timeout=START_S)
        assert (process.returncode, wrong) == (0, "")
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.registry
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become the image's user")
def test_its_user_may_write_nowhere_but_in_the_tmpfs(image: Image) -> None:
    places = ["/", str(image.root), str(image.root / "env/bin"), str(image.root / "tmp")]
    tried = (
        "for at in "
        + " ".join(places)
        + '; do (echo > "$at/x") 2>/dev/null && echo "$at"; done; id -u'
    )
    line, how = confined(image, "sh", "-c", tried)
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60, **how)
    assert done.stdout.split() == [places[-1], str(image.user)], done.stderr


@pytest.mark.slow
@pytest.mark.registry
def test_it_sells_a_film_without_rights_is_healthy_and_ends_when_it_is_told(image: Image) -> None:
    with started(image, "--speed", "1000000", "--metrics") as url:
        line, how = confined(image, image.command, "sandbox", "ready", "--url", url)
        asked = subprocess.run(line, capture_output=True, text=True, check=False, **how)
        assert (asked.returncode, asked.stdout) == (0, "ready\n"), asked.stderr
        headers = WAY.headers("sqk_live_image")
        with httpx.Client(base_url=url, headers=headers, timeout=START_S) as client:
            made = client.post(WAY.submit_path, json=WAY.body("a fox", small=True))
            shown: list[Any] = []
            for _ in range(200):
                shown.append(
                    WAY.shown("result", client.get(WAY.poll_path.format(job=WAY.job(made))))
                )
                if isinstance(shown[-1], str):
                    break
            film = client.get(str(shown[-1]))
            assert film.content[4:8] == b"ftyp"
            assert len(film.content) > 10_000
