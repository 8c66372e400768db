"""`bodydouble new-provider NAME`: a vendor that runs and is tested, to be rewritten from its pages.

Inside a checkout of bodydouble the files go where ours are; anywhere else they become a package of
their own, found by its entry point. Nothing is written unless everything can be. What the files say
is in `skeleton/`.
"""

from __future__ import annotations

import keyword
import re
import tomllib
from pathlib import Path
from typing import Annotated

import typer

from bodydouble import providers as installed
from bodydouble.core.clock import iso_s
from bodydouble.web.keys.registry import real_us

SKELETON = Path(__file__).with_name("skeleton")
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
HEADER = '[project.entry-points."bodydouble.providers"]'
# Paths and attributes that are ours beside the vendors'.
RESERVED = frozenset(
    ("accounts", "cdn", "clock", "emulator", "env", "faults", "id", "jobs", "keys", "lint", "media")
) | frozenset(("requests", "scenarios", "spend", "uploads", "vendor", "webhooks"))
PROVIDER = (
    "__init__.py",
    "catalogue.json",
    "catalogue.py",
    "errors.py",
    "operations.py",
    "standing.yaml",
)
TESTS = ("test_provider.py", "test_judge.py", "test_client.py")


class CannotWrite(ValueError):
    """The skeleton cannot be written; the text says why, in one sentence. Nothing was."""


def new_provider(
    name: Annotated[str, typer.Argument(help="the vendor: small letters, words joined by '-'")],
    title: Annotated[str, typer.Option(help="as people write it; the name, if left out")] = "",
) -> None:
    """Write a complete, running, tested vendor to be rewritten from the real one's pages."""
    here = Path.cwd()
    try:
        files = planned(name, title or name.replace("-", " ").title(), here)
        write(files)
    except (CannotWrite, OSError) as error:
        typer.echo(f"bodydouble: {error}", err=True)
        raise typer.Exit(2) from None
    for path in files:
        typer.echo(path.relative_to(here))
    install = "make test" if checkout(here) else f"pip install -e ./bodydouble-{name}"
    typer.echo(f"next: {install}, then bodydouble doctor {name}", err=True)


def checkout(folder: Path) -> bool:
    """Whether ``folder`` is a checkout of bodydouble itself."""
    pyproject = folder / "pyproject.toml"
    try:
        told = tomllib.loads(pyproject.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    ours = told.get("project", {}).get("name") == "bodydouble"
    return ours and (folder / "emulator" / "bodydouble").is_dir()


def planned(name: str, title: str, folder: Path) -> dict[Path, str]:
    """Every file to be written with its text, changed files included. CannotWrite if any cannot."""
    _check_name(name)
    if "\n" in title or '"' in title or not title.strip():
        raise CannotWrite(f"the title {title!r} cannot stand in a file: use one plain line")
    files = _in_checkout(name, folder) if checkout(folder) else _as_package(name, folder)
    words = {
        "@name@": name,
        "@NAME@": name.replace("-", "_").upper(),
        "@title@": title,
        "@module@": f"bodydouble_{name.replace('-', '_')}",
        "@date@": iso_s(real_us())[:10],
    }
    for path in files:
        if path.exists():
            raise CannotWrite(f"{path.relative_to(folder)} is there already: choose another name")
    made = {path: _filled(template, words) for path, template in files.items()}
    if checkout(folder):
        pyproject = folder / "pyproject.toml"
        made[pyproject] = _registered(pyproject, name)
    return made


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise CannotWrite(
            f"{name!r} is no name for a vendor: lower-case letters and digits, words joined by '-'"
        )
    if name.replace("-", "_") in RESERVED:
        raise CannotWrite(f"{name!r} means something else in a sandbox: choose another name")
    if name in installed.names():
        raise CannotWrite(f"a provider called {name!r} is installed already: choose another name")


def _in_checkout(name: str, root: Path) -> dict[Path, str]:
    module = name.replace("-", "_")
    package = root / "emulator" / "bodydouble" / "providers" / module
    profiles = root / "contracts" / "bodydouble_contracts" / "vendors" / "profiles"
    tests = root / "tests" / "vendors" / name
    place = f"bodydouble.providers.{module}"
    return {
        **{package / one: f"provider/{one}|{place}" for one in PROVIDER},
        root / "openapi" / f"{name}.yaml": "openapi.yaml",
        profiles / f"{name}.yaml": "profile.yaml",
        root / "fixtures" / name / "create.json": "create.json",
        **{tests / one: f"tests/{one}|{place}" for one in TESTS},
    }


def _as_package(name: str, folder: Path) -> dict[Path, str]:
    root = folder / f"bodydouble-{name}"
    module = f"bodydouble_{name.replace('-', '_')}"
    package, place = root / module, f"{module}.provider"
    return {
        root / "pyproject.toml": "package/pyproject.toml",
        root / "README.md": "package/README.md",
        package / "__init__.py": "package/__init__.py",
        **{package / "provider" / one: f"provider/{one}|{place}" for one in PROVIDER},
        package / "openapi" / f"{name}.yaml": "openapi.yaml",
        package / "profiles" / f"{name}.yaml": "profile.yaml",
        package / "fixtures" / name / "create.json": "create.json",
        **{root / "tests" / one: f"tests/{one}|{place}" for one in TESTS},
    }


def _filled(template: str, words: dict[str, str]) -> str:
    path, _, package = template.partition("|")
    text = (SKELETON / f"{path}.tmpl").read_text(encoding="utf-8")
    for word, value in {**words, "@package@": package}.items():
        text = text.replace(word, value)
    return text


def _registered(pyproject: Path, name: str) -> str:
    """The text of ``pyproject.toml`` with one line more, at the end of the providers' table."""
    lines = pyproject.read_text("utf-8").splitlines(keepends=True)
    try:
        at = next(n for n, line in enumerate(lines) if line.strip() == HEADER) + 1
    except StopIteration:
        raise CannotWrite(f"pyproject.toml has no line {HEADER}: add it") from None
    while at < len(lines) and lines[at].strip() and not lines[at].startswith("["):
        at += 1
    module = name.replace("-", "_")
    lines.insert(at, f'{name} = "bodydouble.providers.{module}:PROVIDER"\n')
    return "".join(lines)


def write(files: dict[Path, str]) -> None:
    """Writes them all, or none: what was written before one failed is taken away again."""
    before = {path: path.read_bytes() if path.exists() else None for path in files}
    folders = [folder for path in files for folder in path.parents if not folder.exists()]
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError:
        for path, content in before.items():
            if content is not None:
                path.write_bytes(content)
            elif path.exists():
                path.unlink()
        # The deepest first, so that each is empty when its turn comes.
        for folder in sorted(set(folders), key=lambda one: len(one.parts), reverse=True):
            if folder.is_dir():
                folder.rmdir()
        raise
