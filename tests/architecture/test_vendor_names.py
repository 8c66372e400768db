"""A vendor is added in its own places: no other file has a list of vendors to be extended."""

from __future__ import annotations

import re

import pytest

from bodydouble.providers import names
from tests.architecture import tree
from tests.architecture.vendor_names import CLIENTS, ENTRY_POINTS, findings, own_places

VENDORS = names()
ONE, TWO, THREE, *_ = VENDORS
PROVIDERS = tree.ROOT / "emulator" / "bodydouble" / "providers"
DIALECTS = tuple(
    path.name
    for path in sorted(PROVIDERS.iterdir())
    if (path / "__init__.py").is_file() and path.name not in VENDORS
)
CATALOGUES = {
    path.parent.name: path.read_text("utf-8") for path in PROVIDERS.glob("*/catalogue.json")
}
# Whose models carry its name and are sold by others, too, is known by them, not as a vendor alone.
MAKERS = tuple(
    vendor
    for vendor in VENDORS
    if {vendor} < {of for of, text in CATALOGUES.items() if re.search(f'"{vendor}[-_]', text)}
)

PLANTED = {
    "a tuple in the emulator": ("emulator/bodydouble/cli/demo.py", f'ALL = ("{ONE}",)\n'),
    "a docstring of the judge": (
        "contracts/bodydouble_contracts/runs.py",
        f'"""As {ONE} does."""\n',
    ),
    "an enumeration of a schema": ("fixtures/exchange.schema.json", f'{{"enum": ["{ONE}"]}}'),
    "the control plane's document": ("openapi/control.yaml", f"enum: [{ONE}]\n"),
    "a variable of the environment": ("Makefile", f"export {ONE.upper()}_KEY=x\n"),
    "a drawn page": ("docs/cues.md", f"| `finish` | succeeds | {ONE} |\n"),
    "a dependency": ("pyproject.toml", f'dev = ["{ONE}>=1"]\n'),
    "another vendor's folder": (f"emulator/bodydouble/providers/{TWO}/errors.py", f"# as {ONE}\n"),
    "another vendor's profile": (
        f"contracts/bodydouble_contracts/vendors/profiles/{TWO}.yaml",
        f"mount: /{ONE}\n",
    ),
    "a collection of a shared test": (
        "tests/web/test_x.py",
        f'for one in ["{ONE}", "{TWO}"]: ...\n',
    ),
    "a table of a shared test": (
        "tests/web/test_x.py",
        f'ORDERS = {{\n    "{ONE}": 1,\n    "{TWO}": 2,\n}}\n',
    ),
    "three vendors in a shared test": (
        "tests/web/test_x.py",
        f'A = "{ONE}"\nB = "{TWO}"\nC = "{THREE}"\n',
    ),
    "a data file of shared tests": ("tests/contracts/toy.yaml", f"mount: /{ONE}\n"),
}
if MAKERS:
    PLANTED["a maker as a vendor"] = ("emulator/bodydouble/cli/demo.py", f'ALL = "{MAKERS[0]}"\n')
ALLOWED = {
    "prose": ("README.md", f"{ONE}, {TWO}, {THREE}\n"),
    "an example in a guide": ("docs/testing.md", f"bodydouble.{ONE}.client()\n"),
    "its own folder": (f"emulator/bodydouble/providers/{ONE}/errors.py", f"# {ONE}\n"),
    "a model of another maker": (
        f"emulator/bodydouble/providers/{TWO}/catalogue.json",
        f'["{ONE}-gen-4"]\n',
    ),
    "its own overlay": (f"openapi/{ONE}.overlay.yaml", f"x: {ONE}\n"),
    "its own tests": (f"tests/vendors/{ONE}/test_x.py", f'ALL = ("{ONE}", "{ONE}")\n'),
    "its entry point": ("pyproject.toml", f'{ENTRY_POINTS}\n{ONE} = "x:PROVIDER"\n\n[tool.x]\n'),
    "its official client": (CLIENTS, f'{{ vendor = "{ONE}" }}\n'),
    "one example of a shared test": ("tests/web/test_x.py", f'A = ("{ONE}", "{ONE}")\n'),
    "a second example of a shared test": ("tests/web/test_x.py", f'A = "{ONE}"\nB = "{TWO}"\n'),
    "a word that has the name in it": ("emulator/bodydouble/core/a.py", f"x = '{ONE}ish'\n"),
}


def found(path: str, text: str) -> list[str]:
    return findings(path, text, VENDORS, DIALECTS, makers=MAKERS)


def test_no_file_but_a_vendors_own_names_it() -> None:
    files = [*tree.text_files(), *tree.text_files(".github")]
    assert {path for path, _ in files} >= {"Makefile", "pyproject.toml", "openapi/control.yaml"}
    assert [told for path, text in files for told in found(path, text)] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_place_of_a_vendor_is_there_and_names_it(vendor: str) -> None:
    missing = [place for place in own_places(vendor) if not (tree.ROOT / place).exists()]
    assert missing in ([], [f"openapi/{vendor}.overlay.yaml"])


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_name_is_found(kind: str) -> None:
    path, text = PLANTED[kind]
    assert len(found(path, text)) == 1
    assert found(path, text)[0].startswith(f"{path}:")


@pytest.mark.parametrize("kind", ALLOWED)
def test_a_name_that_may_stand_there_is_not(kind: str) -> None:
    assert found(*ALLOWED[kind]) == []
