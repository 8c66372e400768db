"""No operation, field, status or header of a document is served without a standing of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from bodydouble.core.standing import Level
from bodydouble.providers import load
from tests.cli.shell import called
from tests.openapi.points import SEEDS, points
from tests.openapi.reading import VENDORS, overlay, place, tightened

MESSAGES = ("message", "error", "detail")
"""What the members of envelopes are called in which a refusal is told in words."""


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_point_of_the_document_has_its_standing_and_no_other_has_one(vendor: str) -> None:
    standing = load(vendor).standing()
    listed = {
        operation: {
            point: standing.sources[source].standing.value
            for source, of_it in known.items()
            for point in of_it
        }
        for operation, known in standing.wire.items()
    }
    expected = {
        operation: {point: source[0] for point, source in of_one.items()}
        for operation, of_one in points(vendor).items()
    }
    assert listed == expected
    assert sum(map(len, listed.values())) > 200


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_status_that_an_overlay_adds_has_the_overlays_source(vendor: str) -> None:
    found, doc = points(vendor), tightened(vendor)
    for action in overlay(vendor)["actions"]:
        if not action["target"].endswith(".responses") or "x-source" not in action:
            continue
        parent, _ = place(doc, action["target"])
        pages = {found[parent["operationId"]][status][1] for status in action["update"]}
        assert action["x-source"]["page"] in pages, action["target"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_tightened_error_keeps_every_member_of_what_it_refers_to(vendor: str) -> None:
    for operation, known in points(vendor).items():
        for status in {point.partition(" ")[0] for point in known if point[:1] in "45"}:
            members = [point for point in known if point.startswith(f"{status} ")]
            assert any(point.endswith(MESSAGES) for point in members), operation


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_source_is_named_and_dated_or_said_to_be_undated(vendor: str) -> None:
    for name, source in load(vendor).standing().sources.items():
        assert source.source, name
        assert source.date or source.source.endswith("(undated)"), name
        if source.standing is Level.SEED:
            assert any(seed in source.source for seed in SEEDS), name


@pytest.mark.parametrize("vendor", VENDORS)
def test_people_are_shown_the_counts_and_every_guess(vendor: str) -> None:
    shown = called("providers", vendor).stdout
    standing = load(vendor).standing()
    counts = standing.counts()
    assert counts.total() == len(standing.quirks) + len(standing.assumptions) + sum(
        len(of_it) for known in standing.wire.values() for of_it in known.values()
    )
    for level, number in counts.items():
        assert f"{level.value} {number}" in shown
    for operation, known in standing.wire.items():
        guessed = [p for s, of_it in known.items() if s[0] == "A" for p in of_it]
        assert all(point in shown for point in guessed), operation


def test_what_the_program_prints_is_what_the_file_has() -> None:
    words = [sys.executable, "-m", "tests.openapi.points", "runway"]
    run = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    printed, standing = yaml.safe_load(run.stdout), load("runway").standing()
    assert set(printed["sources"]) == set(standing.sources)
    assert {
        operation: {source: tuple(of_it) for source, of_it in known.items()}
        for operation, known in printed["wire"].items()
    } == standing.wire
