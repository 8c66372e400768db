"""What the command line cannot do it says in one sentence, before it announces anything."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.shell import BODYDOUBLE, called, run, serving


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--balance", "abc"), "no amount"),
        (("--balance", "smartlyq=-1"), "'-1' is no amount"),
        (("--balance", "smartlyq=1e3"), "'1e3' is no amount"),
        (("--balance", "nobody=1"), "no provider is called 'nobody'"),
        (("--scenario", "never"), "no scenario is called 'never'"),
        (("--only", "nobody"), "no provider is called 'nobody'"),
        (("--quirk", "smartlyq.never=1"), "the quirk smartlyq.never is not known"),
        (("--quirk", "nobody.x=1"), "no provider is called 'nobody'"),
        (("--quirk", "smartlyq.rate_tiers=maybe"), "is one of false, true, not 'maybe'"),
        (("--quirk", "smartlyq.requests_per_minute=-1"), "is a number from 0"),
        (("--quirk", "smartlyq.balance_low=much"), "is an amount, written as 5.0000"),
        (("--quirk", "oops"), "takes name=value"),
        (("--seed", "x"), "--seed is a number"),
        (("--speed", "0"), "--speed lies between"),
        (("--store", "floppy:"), "no store is called 'floppy:'"),
        (("--workers", "2"), "needs a store they share"),
        (("--workers", "0"), "--workers lies between 1 and"),
        (("--log-level", "loud"), "--log-level is one of debug"),
        (("--webhook-allow", "10.0.0.0/99"), "'10.0.0.0/99' is none of these"),
        (("--webhook-allow", "http://receiver:80"), "without scheme and port"),
        (("--webhook-allow", "a b"), "'a b' is none of these"),
        (("--ready-file", "/no/such/folder/x"), "--ready-file /no/such/folder/x cannot be"),
        (("--ready-file", "/"), "is a folder"),
        (("--media-dir", "/dev/null/x"), "--media-dir /dev/null/x cannot be written"),
        (("--public-url", "nonsense"), "--public-url is what clients call this server"),
    ],
)
def test_a_bad_option_is_one_sentence_and_exit_status_2(
    words: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever would listen all the same fails here instead of serving for ever.
    monkeypatch.setattr("uvicorn.Server.serve", None)

    refused = called("serve", "--port", "0", *words)

    assert refused.exit_code == 2
    assert says in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert refused.stdout == "", "it has announced what it then takes back"


def test_a_refusal_ends_the_process_with_exit_status_2() -> None:
    refused = run("serve", "--port", "0", "--balance", "abc")

    assert refused.returncode == 2
    assert len(refused.stderr.strip().splitlines()) == 1
    assert refused.stdout == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_output_that_cannot_be_written_is_one_sentence() -> None:
    for words in (("version",), ("providers",)):
        with Path("/dev/full").open("w") as full:
            process = subprocess.run(
                [BODYDOUBLE, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        assert process.returncode == 2
        assert len(process.stderr.strip().splitlines()) == 1, process.stderr


def test_a_taken_port_is_said_so() -> None:
    with serving() as told:
        refused = run("serve", "--port", told["url"].rpartition(":")[2])
    assert refused.returncode == 2
    assert "cannot listen" in refused.stderr


def test_a_steering_command_without_a_server_or_a_sandbox_says_what_to_do() -> None:
    lost = run("sandbox", "list", "--url", "http://127.0.0.1:9")
    unnamed = run("clock", "show", BODYDOUBLE_SANDBOX="")

    assert lost.returncode == 2
    assert unnamed.returncode == 2
    assert "BODYDOUBLE_SANDBOX" in unnamed.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("sandbox", "create", "--rate", "nan"),
        ("sandbox", "create", "--rate", "inf"),
        ("sandbox", "create", "--token", "\u00e9"),
        ("sandbox", "create", "--quirk", "oops"),
        ("clock", "rate", "nan", "--sandbox", "s1"),
        ("demo", "--out", "/dev/null"),
        ("demo", "--out", "/dev/null/x"),
    ],
)
def test_what_cannot_be_sent_or_written_is_one_sentence(words: tuple[str, ...]) -> None:
    refused = called(*words)
    assert refused.exit_code == 2
    assert len(refused.stderr.strip().splitlines()) == 1, refused.stderr
