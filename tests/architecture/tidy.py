"""The house rules as functions from a file's text to findings.

Each rule takes a path relative to the checkout and the text, and returns sentences that say what
is wrong and where. The rules know nothing of the disk, so that a test can hand them a bad sample.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 60
POSITIONAL_MAX = 5

LONG_FILES: dict[str, str] = {}
"""At most three files may be longer than 300 lines: path to reason."""

BANNED_STEMS = frozenset(
    {"base", "bases", "common", "helper", "helpers", "manager", "managers", "misc", "stuff"}
    | {"tools", "util", "utilities", "utils"}
)

# Written with one-letter classes, so that this file does not convict itself.
UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X|NotImplemented[E]rror)\b")
MACHINE_PATH = re.compile(r"(?<![\w.:}/-])/(?:home|Users|root|work|private)/\w|\b[A-Z]:\\Users\\")
REGISTRY_HOST = re.compile(
    r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io|rubygems\.org"
    r"|proxy\.golang\.org|docker\.io|ghcr\.io)\b"
)

Rule = Callable[[str, str], list[str]]


def long_file(path: str, text: str) -> list[str]:
    """A file is read in one sitting."""
    count = len(text.splitlines())
    if count <= FILE_LINES_MAX or path in LONG_FILES:
        return []
    return [f"{path}: {count} lines; split it by idea, {FILE_LINES_MAX} is the limit"]


def vague_name(path: str, text: str) -> list[str]:
    """A module is named by what it holds, not by the fact that it holds something."""
    named = [PurePosixPath(part).stem for part in PurePosixPath(path).parts]
    return [
        f"{path}: `{name}` says nothing; name the idea" for name in named if name in BANNED_STEMS
    ]


def no_opening(path: str, text: str) -> list[str]:
    """Every file says what it is before it says how."""
    if not text.strip() or (ast.get_docstring(ast.parse(text)) or "").strip():
        return []
    return [f"{path}: open with a docstring: what it is, the rule it keeps, what it won't know"]


def unfinished(path: str, text: str) -> list[str]:
    """What is not done is not left lying about."""
    return _matches(path, text, UNFINISHED, "finish it or leave it out")


def machine_path(path: str, text: str) -> list[str]:
    """No file knows whose machine it was written on."""
    return _matches(path, text, MACHINE_PATH, "a path of one machine; make it relative")


def registry_host(path: str, text: str) -> list[str]:
    """Where packages come from is the reader's configuration."""
    return _matches(path, text, REGISTRY_HOST, "a package registry's host; name the package alone")


def long_function(path: str, text: str) -> list[str]:
    """A function fits on one screen; its docstring does not count."""
    return [
        f"{path}:{node.lineno}: {node.name} has {lines} lines; {FUNCTION_LINES_MAX} is the limit"
        for node in _functions(text)
        if (lines := _body_lines(node)) > FUNCTION_LINES_MAX
    ]


def many_positionals(path: str, text: str) -> list[str]:
    """Beyond five, arguments are named by the caller."""
    findings = []
    for node in _functions(text):
        names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
        count = len(names) - (names[:1] in (["self"], ["cls"]))
        if count > POSITIONAL_MAX:
            findings.append(f"{path}:{node.lineno}: {node.name} takes {count} positional arguments")
    return findings


TEXT_RULES: tuple[Rule, ...] = (machine_path, registry_host, unfinished)
PYTHON_RULES: tuple[Rule, ...] = (
    long_file,
    vague_name,
    no_opening,
    long_function,
    many_positionals,
)


def _matches(path: str, text: str, pattern: re.Pattern[str], advice: str) -> list[str]:
    return [
        f"{path}:{number}: {found.group()!r}: {advice}"
        for number, line in enumerate(text.splitlines(), 1)
        if (found := pattern.search(line))
    ]


def _functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    spoken = 0
    if ast.get_docstring(node) is not None:
        spoken = (first.end_lineno or first.lineno) - first.lineno + 1
    return (node.end_lineno or node.lineno) - node.lineno + 1 - spoken
