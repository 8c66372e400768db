"""The documentation builds strictly, holds every page, and fetches nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from bodydouble.providers import names
from docs.site import __main__ as site_builder
from docs.site import generated, pages


@pytest.fixture(scope="module")
def listed(site: Path) -> list[str]:
    places: list[str] = []
    for entry in pages.navigation(sources(site)):
        for found in entry.values():
            places += found if isinstance(found, list) else [str(found)]
    return places


def sources(site: Path) -> list[str]:
    found = (path.relative_to(site).as_posix() for path in sorted(site.rglob("*.md")))
    contracts = "reference/contracts/"
    return [one for one in found if not one.startswith(contracts) or one.endswith("index.md")]


@pytest.mark.slow
def test_every_page_is_in_the_navigation_once(site: Path, listed: list[str]) -> None:
    written = [path.relative_to(pages.DOCS).as_posix() for path in pages.DOCS.rglob("*.md")]
    assert sorted(listed) == sorted({*listed})
    assert set(written) <= set(listed)
    assert set(listed) == set(sources(site))


@pytest.mark.slow
def test_every_page_of_the_navigation_is_there_and_is_linked(site: Path, listed: list[str]) -> None:
    home = (site / "index.html").read_text("utf-8")
    for place in listed:
        html = place.removesuffix(".md") + ".html"
        assert (site / html).is_file(), place
        assert f'href="./{html}"' in home or place == "index.md", place


@pytest.mark.slow
def test_what_the_code_tells_is_on_its_pages(site: Path) -> None:
    vendors = site / "reference" / "vendors"
    assert {path.stem for path in vendors.glob("*.html")} == {"index", *names()}
    assert "BODYDOUBLE_PORT" in (site / "reference" / "cli.html").read_text("utf-8")
    plane = (site / "reference" / "control-plane.html").read_text("utf-8")
    assert "/sandboxes/{sandbox}/clock" in plane
    assert "#/components" not in plane
    api = (site / "reference" / "python.html").read_text("utf-8")
    assert "until_job" in api or "set_scenario" in api


@pytest.mark.slow
def test_a_program_finds_every_page_with_its_first_sentence(site: Path, listed: list[str]) -> None:
    index = (site / "llms.txt").read_text("utf-8")
    for place in listed:
        if place != "index.md":
            assert f"]({place})" in index, place
        assert pages.title((site / place).read_text("utf-8")), f"{place} has no heading"
    assert (site / "llms-full.txt").stat().st_size > 50_000


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ('<script src="https://cdn.example/x.js"></script>', "fetches"),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', "fetches"),
        ("<style>@import url(https://x.example/a.css);</style>", "fetches"),
        ('<img alt="" src="gone.png">', "not there"),
        ('<a href="gone.yaml#x">a file</a>', "not there"),
        ('<a href="here.png#x">a file</a>', ""),
        ('<a href="https://example.com">said, not fetched</a>', ""),
        ('<img alt="" src="here.png">', ""),
    ],
)
def test_what_is_fetched_or_missing_is_found(tmp_path: Path, page: str, problem: str) -> None:
    (tmp_path / "index.html").write_text(page)
    (tmp_path / "here.png").touch()
    found = list(site_builder.faults(tmp_path))
    assert bool(found) == bool(problem)
    assert all(problem in one for one in found)


@pytest.mark.slow
@pytest.mark.parametrize("link", ["[a](nowhere.md)", "[a](bounds.md#no-such-heading)"])
def test_a_dead_link_ends_the_build(
    link: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Path
) -> None:
    written = [*pages.written(), ("dead.md", f"# Dead\n\n{link}\n")]
    monkeypatch.setattr(pages, "written", lambda: iter(written))
    monkeypatch.setattr(generated, "pages", lambda: iter(()))
    with pytest.raises(SystemExit, match="does not exist"):
        site_builder.build(tmp_path / "dead")


def test_a_link_out_of_the_pages_leads_to_a_copy_or_to_the_page_of_that_paper() -> None:
    text = (
        "[a](../openapi/control.yaml) [b](../../CONTRIBUTING.md#x) [c](https://e.example) [d](#y)"
    )
    wanted = "[a](../openapi/control.yaml) [b](../project/contributing.md#x)"
    told, files = pages.relinked(text, "how-to/x.md")
    assert told == f"{wanted} [c](https://e.example) [d](#y)"
    assert files == set()
    told, files = pages.relinked("[a](../openapi/control.yaml)\n```\n[a](../x)\n```\n", "x.md")
    assert told.startswith("[a](files/openapi/control.yaml)")
    assert "[a](../x)" in told
    assert files == {"openapi/control.yaml"}


def test_a_page_that_nobody_listed_is_found() -> None:
    nav = pages.navigation(["index.md", "how-to/new.md", "new.md"])
    assert nav == [{"Home": "index.md"}, {"How-to": ["how-to/new.md"]}, {"Reference": ["new.md"]}]


def test_a_pages_first_sentence_is_told_without_marks() -> None:
    text = "# T\n\n```sh\nx\n```\n\nIt is [a link](x.md) and `code`. More.\n"
    assert pages.opening(text) == "It is a link and `code`."
