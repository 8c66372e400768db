"""`bodydouble doctor NAME`: what a vendor still lacks, line by line, until nothing is missing.

It looks at ours and at other people's packages alike, and runs what they would have to run: the
provider's own suite and, where it is installed, the judge. It mends nothing.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
import yaml

from bodydouble import providers as installed
from bodydouble.core.errors import Refused
from bodydouble.core.provider import Provider
from bodydouble.data import PROVIDERS, document_path, exchanges_dir, package_of
from bodydouble.web.pipeline.routing import routes_of

JUDGE_TIMEOUT_S = 600
_METHODS = frozenset(("get", "put", "post", "delete", "patch"))


def doctor(
    name: Annotated[str, typer.Argument(help="a vendor")],
    judge: Annotated[bool, typer.Option(help="run the judge, too: a few seconds")] = True,
) -> None:
    """Say what a vendor lacks, and exit with 1 until nothing is missing."""
    try:
        provider = installed.load(name)
    except Exception as error:  # whatever somebody's module does when it is imported
        typer.echo(f"bodydouble: {_unloadable(name, error)}", err=True)
        raise typer.Exit(1) from None
    lacking = 0
    for what, problems in _examined(provider, judge):
        lacking += bool(problems)
        typer.echo(f"{'missing' if problems else 'ok':8} {what}")
        for problem in problems:
            for line in problem.splitlines():
                typer.echo(f"         {line}")
    for note in _placeholders(name):
        typer.echo(f"{'note':8} {note}")
    typer.echo(f"{name}: {lacking or 'nothing'} missing")
    raise typer.Exit(1 if lacking else 0)


def _unloadable(name: str, error: Exception) -> str:
    if name in installed.names():
        return f"the provider {name!r} cannot be loaded: {type(error).__name__}: {error}"
    return (
        f'{error}; if it is written, name it under [project.entry-points."{PROVIDERS}"] in its '
        "pyproject.toml and install that package again"
    )


def _examined(provider: Provider, judge: bool) -> Iterator[tuple[str, list[str]]]:
    yield "a provider with every word, and its golden exchanges", _suite(provider)
    yield f"a document: {document_path(provider.name).name}", _document(provider)
    folder = tests_folder(provider.name)
    yield f"tests: {folder.name}/", [] if any(folder.glob("test_*.py")) else [f"none in {folder}"]
    if judge:
        yield "a profile, and a content judge", _judged(provider.name)


def _suite(provider: Provider) -> list[str]:
    from bodydouble.testing import check_provider

    try:
        check_provider(provider)
    except AssertionError as error:
        return [str(error)]
    return []


def _document(provider: Provider) -> list[str]:
    path = document_path(provider.name)
    try:
        document: Any = yaml.safe_load(path.read_text("utf-8"))
    except OSError as error:
        return [f"{path}: {error.strerror}"]
    except yaml.YAMLError as error:
        return [f"{path}: {error}"]
    paths = document.get("paths") if isinstance(document, dict) else None
    if not isinstance(paths, dict) or not paths:
        return [f"{path}: it describes no paths"]
    base = _base(document)
    told = [
        (method.upper(), base + route, _spelled(document, base + route, item))
        for route, item in paths.items()
        for method in item
        if method in _METHODS
    ]
    routes, wrong, paid = routes_of(provider), [], False
    for method, route, spelled in told:
        try:
            found = [routes.find(method, one)[0] for one in spelled]
        except Refused:
            wrong.append(f"{path.name}: {method} {route} is described and not served")
        else:
            paid = paid or any(operation.billed for operation in found)
    if not paid:
        wrong.append(f"{path.name}: none of the operations that cost money is described")
    return sorted(wrong)


def _spelled(document: dict[str, Any], route: str, item: dict[str, Any]) -> list[str]:
    """A path with each of the values that a document lists for its parameters.

    What a document names by its path, a provider may serve by a parameter, and the other way round.
    """
    spelled = [route]
    for given in item.get("parameters", ()):
        one = given
        if "$ref" in given:
            known = document.get("components", {}).get("parameters", {})
            one = known.get(str(given["$ref"]).rpartition("/")[2], {})
        values = one.get("schema", {}).get("enum", ()) if one.get("in") == "path" else ()
        if values:
            place = "{" + str(one.get("name")) + "}"
            spelled = [path.replace(place, str(value)) for path in spelled for value in values]
    return spelled


def _base(document: dict[str, Any]) -> str:
    """What stands before each path: the document's server may be below its host."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else {}
    url = str(first.get("url", "")) if isinstance(first, dict) else ""
    return urlsplit(url).path.rstrip("/")


def tests_folder(name: str) -> Path:
    """Where a vendor's tests are: beside the package that brings it, or with ours."""
    package = package_of(name)
    if package is not None:
        return package.parent / "tests"
    return document_path(name).parents[1] / "tests" / "vendors" / name


def _judged(name: str) -> list[str]:
    if importlib.util.find_spec("bodydouble_contracts") is None:
        return ["the judge is not installed here: the extra `contracts` brings it"]
    command = [sys.executable, "-m", "bodydouble", "contracts", "run", "-p", name]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=JUDGE_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        return [f"the judge did not end within {JUDGE_TIMEOUT_S} s"]
    return [] if done.returncode == 0 else [(done.stderr + done.stdout).strip()[-4_000:]]


def _placeholders(name: str) -> list[str]:
    mark = f"docs.{name}.example"
    package = package_of(name)
    places = [document_path(name), *exchanges_dir(name).glob("*.json")]
    if package is not None:
        places += package.rglob("*.yaml")
    found = sorted({one.name for one in places if one.is_file() and mark in one.read_text("utf-8")})
    return [f"{one} still names the skeleton's own page {mark}" for one in found]
