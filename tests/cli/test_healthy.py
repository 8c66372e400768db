"""Whoever watches a server learns from an exit status whether it can serve."""

from __future__ import annotations

from tests.cli.shell import called, serving


def test_a_server_that_can_serve_is_healthy_and_one_that_is_gone_is_not() -> None:
    with serving() as told:
        assert called("healthy", "--url", told["url"]).exit_code == 0
    gone = called("healthy", "--url", told["url"])
    assert gone.exit_code == 1
    assert "refused" in gone.stderr


def test_a_server_that_answers_anything_else_is_not_healthy() -> None:
    with serving() as told:
        # Any answer but a good one: here the vendor's own page of errors.
        lost = called("healthy", "--url", f"{told['url']}/smartlyq/nowhere")
    assert lost.exit_code == 1
    assert lost.stderr.startswith("not ready: it answered 4")


def test_a_word_that_is_no_address_is_one_sentence() -> None:
    odd = called("healthy", "--url", "nonsense")
    assert odd.exit_code == 1
    assert len(odd.stderr.splitlines()) == 1
