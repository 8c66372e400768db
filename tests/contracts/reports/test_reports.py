"""Reports: one JSON document, and every other form says the same."""

import json
import os
import shutil
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

from bodydouble_contracts.data import fixtures_dir
from bodydouble_contracts.drivers.directed import fits, play, scenarios
from bodydouble_contracts.judging.judge import Docket
from bodydouble_contracts.mutants.matrix import own_mutants
from bodydouble_contracts.reports import files, terminal
from bodydouble_contracts.reports.document import Column, Head, build
from bodydouble_contracts.targets.in_process import InProcess
from bodydouble_contracts.vendors.reader import load
from tests.contracts.toy import PROFILE, Toy

Json = Any
NAMES = ("reads", "to_the_end", "replay", "refusals", "bad_keys", "walks")
CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
HOSTILE = '</script><img src=x onerror="document.title=1">&amp;\u2028\x00'


def column(id: str, app: Any) -> Column:
    profile = load(PROFILE)
    docket = Docket(profile)
    for script in scenarios():
        if script.name in NAMES and fits(script, profile):
            docket.add(play(script, InProcess(app, id), profile))
    return Column(id, "target", profile, docket.judgements(), docket.exchanges, docket.histories)


@cache
def report() -> Json:
    columns = [column("toy", Toy())]
    for mutant in own_mutants():
        if "BIL-04" in mutant.convicts:
            made = column(f"mutant {mutant.id}", mutant(load(PROFILE)).wrap(Toy()))
            if any(j.contract == "BIL-04" and j.verdict == "broken" for j in made.judgements):
                columns.append(made)
                break
    return build(Head("toy", made="2026-08-01T00:00:00+00:00"), columns)


def broken(found: Json) -> Json:
    return next(c for c in found["cells"] if (c["contract"], c["verdict"]) == ("BIL-04", "broken"))


def test_the_report_is_as_its_schema_says() -> None:
    schema = json.loads((fixtures_dir() / "report.schema.json").read_text())
    errors = [e.message for e in jsonschema_rs.validator_for(schema).iter_errors(report())]
    assert errors == []


def test_two_runs_make_the_same_report() -> None:
    first = build(Head("toy"), [column("toy", Toy())])
    assert first == build(Head("toy"), [column("toy", Toy())])


def test_the_terminal_shows_sentence_source_trace_expected_and_seen() -> None:
    text = "\n".join(terminal.lines(report()))
    cell = broken(report())
    evidence = cell["evidence"][0]
    for part in ("less charges, plus refunds", cell["source"], "curl -sS", evidence["seen"][:200]):
        assert part in text
    assert "expected: " in text
    assert "BIL billing" in text


def test_a_trace_is_numbered_curl_lines_that_name_no_key() -> None:
    trace = broken(report())["evidence"][0]["trace"]
    assert trace[0].startswith("curl -sS -X")
    assert "$KEY_MAIN" in trace[0]
    assert "toy-box" not in trace[0]


def test_junit_counts_what_the_report_counts() -> None:
    root = ET.fromstring(files.MAKERS["junit"](report()))
    failures = root.findall(".//failure")
    assert len(failures) == report()["totals"]["failing"] > 0
    skipped = {"not run", "not applicable", "excused", "inconclusive"}
    cells = [c for c in report()["cells"] if c["verdict"] in skipped]
    assert len(root.findall(".//skipped")) == len(cells)
    assert root.findall(".//testcase[@classname='toy.billing'][@name='BIL-04']")


def test_the_badge_says_held_of_verifiable_at_tier() -> None:
    badge = json.loads(files.MAKERS["badge"](report()))
    totals = report()["totals"]
    assert badge["message"] == f"{totals['held']} / {totals['verifiable']} @ E"
    assert badge["color"] == "red"


def test_reports_can_be_put_side_by_side_but_not_on_top_of_each_other(tmp_path: Path) -> None:
    files.write(report(), {"json": tmp_path / "a.json"})
    one = files.read(tmp_path / "a.json")
    two = json.loads(json.dumps(one).replace('"toy"', '"toy2"').replace("mutant", "mutation"))
    merged = files.merge([one, two])
    assert len(merged["columns"]) == 4
    assert merged["totals"]["held"] == 2 * one["totals"]["held"]
    with pytest.raises(files.ReportError, match="column"):
        files.merge([one, one])


def test_a_broken_report_is_said_in_one_sentence(tmp_path: Path) -> None:
    for text in ("{", "[]", "{}", '{"report": 2}'):
        (tmp_path / "r.json").write_text(text)
        with pytest.raises(files.ReportError, match="no report of ours"):
            files.read(tmp_path / "r.json")


def test_the_page_holds_no_address_to_fetch() -> None:
    page = files.MAKERS["html"](report())
    head = page.partition("const R =")[0]
    assert "http://" not in head
    assert "https://" not in head
    assert "src=" not in head


@pytest.mark.browser
@pytest.mark.skipif(not (CHROMIUM or "CI" in os.environ), reason="chromium is not installed")
def test_a_click_on_a_cell_opens_its_evidence(tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "chromium is not installed, and CI must not skip what needs it"
    found = json.loads(json.dumps(report()))
    cell = broken(found)
    cell["evidence"][0]["seen"] += HOSTILE
    page_file = tmp_path / "matrix.html"
    files.write(found, {"html": page_file})
    with sync_playwright() as play_:
        browser = play_.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1180, "height": 900})
        errors: list[str] = []
        asked: list[str] = []
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on("request", lambda r: asked.append(r.url))
        page.goto(page_file.as_uri())
        assert page.locator("td.cell button").count() == len(found["cells"])
        page.click(f"[data-cell='BIL-04 {cell['column']}']")
        told = page.inner_text("dialog[open]")
        evidence = cell["evidence"][0]
        for part in ("BIL-04", "broken", evidence["trace"][0], evidence["expected"], "<img src=x"):
            assert part in told
        assert page.title() == "Contracts"
        page.keyboard.press("Escape")
        page.click("[data-filter='bad']")
        assert page.locator("td.cell button.broken").count() > 0
        assert page.locator("[data-cell='RES-01 toy']").count() == 0
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.emulate_media(media="print")
        assert evidence["expected"] in page.inner_text("#paper")
        assert page.locator("#bar").is_hidden()
        browser.close()
    assert errors == []
    assert [u for u in asked if not u.startswith(("file:", "data:"))] == []
