"""The command line as a shell sees it: exit status, and what is printed where."""

from __future__ import annotations

import json
import signal
import ssl
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from bodydouble.cli import OURS, demo
from bodydouble.core.scenarios.faults import Kind
from bodydouble.providers import load, names
from bodydouble.web.settings import VARIABLES
from tests.cli.shell import BODYDOUBLE, START_S, called, run, serving, serving_over_tls
from tests.web.media_extra import without_media

PLAYED = [name for name in names() if load(name).sample is not None]


def balance(url: str, key: str = "sqk_live_cli") -> httpx.Response:
    return httpx.get(
        f"{url}/v1/me/balance", headers={"authorization": f"Bearer {key}"}, timeout=START_S
    )


def test_every_command_explains_itself() -> None:
    for command in OURS:
        shown = called(command, "--help")
        assert shown.exit_code == 0, shown.stderr
        assert "--help" in shown.stdout
    assert run("clock", "--help").returncode == 0


def test_options_and_their_environment_twins_reach_new_sandboxes() -> None:
    with serving("--balance", "smartlyq=3.0000", BODYDOUBLE_ONLY="smartlyq") as told:
        assert balance(told["url"]).json()["data"]["balance"] == "3.0000"


def test_a_quirk_that_is_an_amount_is_written_like_one() -> None:
    with serving("--quirk", "smartlyq.balance_low=2.5000") as told:
        made = httpx.post(f"{told['url']}/_bodydouble/sandboxes", json={}, timeout=START_S)
    assert made.json()["quirks"] == {"smartlyq.balance_low": "2.5000"}


def test_one_vendor_at_the_root_and_strict_keys() -> None:
    with serving("--only", "smartlyq", "--strict-keys") as told:
        assert told["vendors"] == {"smartlyq": f"{told['url']}/v1"}
        assert told["environment"] == {"SMARTLYQ_BASE_URL": f"{told['url']}/v1"}
        assert balance(told["url"]).status_code == 401


def test_workers_share_a_sandbox_through_their_store(tmp_path: Path) -> None:
    with serving("--workers", "2", "--store", f"sqlite:{tmp_path}/u.db") as told:
        url = f"{told['url']}/smartlyq"
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                replies = [balance(url) for _ in range(8)]
                break
            except httpx.TransportError:
                continue
        assert {reply.status_code for reply in replies} == {200}


def test_https_is_trusted_by_the_authority_it_prints(tmp_path: Path) -> None:
    with serving_over_tls(tmp_path) as (url, authority):
        folder = Path(authority).parent
        modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
        assert modes[folder.name] == 0o700
        assert modes["key.pem"] == 0o600
        trust = ssl.create_default_context(cafile=authority)
        reply = httpx.get(f"{url}/smartlyq/v1/health", verify=trust, timeout=START_S)
        assert reply.status_code == 200


def test_every_setting_with_a_variable_is_an_option_of_serve_too() -> None:
    shown = run("serve", "--help", COLUMNS="200").stdout
    assert [name for name in VARIABLES if f"--{name} " not in shown] == []


def test_links_name_the_public_address_and_files_are_kept_where_asked(tmp_path: Path) -> None:
    kept = tmp_path / "films"
    with serving(BODYDOUBLE_PUBLIC_URL="http://video.test:8000/", BODYDOUBLE_MEDIA_DIR=str(kept)):
        assert kept.is_dir()
    with serving("--public-url", "http://video.test:8000/") as told:
        vendors = httpx.get(f"{told['url']}/_bodydouble/providers", timeout=START_S).json()
    assert "http://video.test:8000/smartlyq" in json.dumps(vendors)


def test_a_reader_that_goes_away_does_not_stop_the_server(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    words = [BODYDOUBLE, "serve", "--port", "0", "--quiet", "--ready-file", str(ready)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    try:
        deadline = time.monotonic() + START_S
        while not ready.exists() and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()
        url = json.loads(ready.read_text())["url"]
        assert httpx.get(f"{url}/smartlyq/v1/health", timeout=START_S).status_code == 200
    finally:
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=START_S)[1]
    assert told == ""


def test_the_version_is_an_option_too() -> None:
    assert run("--version").stdout == run("version").stdout


def test_a_vendor_s_listing_tells_known_from_guessed() -> None:
    shown = run("providers", "smartlyq").stdout

    for part in ("Endpoints", "Models and prices", "Quirks", "Assumptions", "Left out"):
        assert part in shown
    assert "kling-v2-1" in shown
    assert run("providers", "nobody").returncode == 2


def test_a_sandbox_is_opened_and_troubled_from_the_shell() -> None:
    with serving() as told:
        url = ("--url", told["url"])
        asked = ("--balance", "smartlyq=3.0000", "--quirk", "smartlyq.rate_tiers=true")
        made = json.loads(run("sandbox", "create", *asked, "--json", *url).stdout)
        assert made["balances"] == {"smartlyq": "3.0000"}
        assert made["quirks"] == {"smartlyq.rate_tiers": True}
        named = ("--sandbox", made["id"], *url)
        for kind in Kind:
            needs: tuple[str, ...] = ("--status", "500") if kind is Kind.STATUS else ()
            needs = ("--latency-ms", "5") if kind is Kind.LATENCY else needs
            armed = called("faults", "add", kind, *needs, *named)
            assert armed.exit_code == 0, armed.stderr
        assert run("faults", "add", "drop", *named).returncode == 0


def test_a_server_over_https_is_steered_by_who_trusts_its_authority(tmp_path: Path) -> None:
    with serving_over_tls(tmp_path) as (url, authority):
        assert run("sandbox", "list", "--url", url, SSL_CERT_FILE=authority).returncode == 0
        assert run("sandbox", "list", "--url", url).returncode == 2


def test_the_demo_does_not_say_it_compared_what_it_could_not_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with without_media():
        demo.demo(out=str(tmp_path))
    told = capsys.readouterr().out
    usual = [name for name in PLAYED if (sample := load(name).sample) and sample.usual]
    assert len(usual) == 4
    assert told.count("not read") == len(usual)
    assert " yes " not in told


def test_the_demo_plays_every_vendor_and_reads_their_files_back(tmp_path: Path) -> None:
    played = run("demo", *PLAYED, "--out", str(tmp_path))

    rows = [line for line in played.stdout.splitlines() if " yes " in line]
    assert played.returncode == 0, played.stderr
    assert [row.split()[0] for row in rows] == PLAYED
    assert {path.stem for path in tmp_path.glob("*.mp4")} == set(PLAYED)
