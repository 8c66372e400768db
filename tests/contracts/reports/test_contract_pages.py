"""The page of each contract, as a run of the command writes it."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from bodydouble_contracts.cli.app import app
from bodydouble_contracts.judging.catalogue import all_contracts
from bodydouble_contracts.mutants.matrix import own_mutants


def test_every_contract_has_a_page_with_its_sources_scripts_and_mutants(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["pages", str(tmp_path), "-p", "uniall"])
    assert told.exit_code == 0, told.output
    assert {p.stem for p in tmp_path.glob("*.md")} == {c.id for c in all_contracts()} | {"index"}
    for one in all_contracts():
        page = (tmp_path / f"{one.id}.md").read_text()
        assert one.sentence in page
        assert "| UniAll |" in page
        convicted = [m for m in own_mutants() if one.id in m.convicts]
        assert all(f"- {m.id}: {m.title}" in page for m in convicted)
    assert "`bad_keys`" in (tmp_path / "ACC-01.md").read_text()
    assert "`bad_keys`" not in (tmp_path / "BIL-04.md").read_text()
