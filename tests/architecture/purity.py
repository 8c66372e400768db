"""Finds the wall clock and unseeded chance in Python source, through whatever name they came in.

Import aliases are resolved to full dotted names first, so `from time import time as t` hides
nothing. A mention counts as much as a call, because `default_factory=uuid4` is a call later.
"""

import ast
import sys
from collections.abc import Iterator

BANNED = frozenset(
    {"datetime.date.today", "datetime.datetime.now", "datetime.datetime.today"}
    | {"datetime.datetime.utcnow", "os.getrandom", "os.urandom", "random.SystemRandom"}
    | {f"time.{name}" for name in ("ctime", "gmtime", "localtime", "sleep")}
    | {
        f"time.{clock}{unit}"
        for clock in ("time", "monotonic", "perf_counter", "process_time")
        for unit in ("", "_ns")
    }
    | {"uuid.uuid1", "uuid.uuid4", "uuid.uuid6", "uuid.uuid7"}
)
BANNED_MODULES = ("secrets",)
SEEDED = "random.Random"


def impurities(path: str, text: str) -> list[tuple[str, str]]:
    """Return (dotted name, finding) for each use of real time or unseeded chance in `text`."""
    module = ast.parse(text)
    names = _imported(module)
    found = []
    for node in ast.walk(module):
        dotted = _unseeded(node, names) or _dotted(node, names)
        if dotted and _is_banned(dotted):
            found.append((dotted, f"{path}:{getattr(node, 'lineno', 0)}: {dotted}"))
    return found


def foreign_imports(path: str, text: str, allowed: frozenset[str]) -> list[str]:
    """Return a finding for each import from neither the standard library nor `allowed`."""
    known = sys.stdlib_module_names | allowed
    return [
        f"{path}:{line}: imports {name}"
        for line, name in _import_names(ast.parse(text))
        if not _starts_with(name, known)
    ]


def _is_banned(dotted: str) -> bool:
    if dotted in BANNED or dotted == "random.Random()":
        return True
    top, _, rest = dotted.partition(".")
    # random.choice and its kin draw from one global generator, seeded by nobody.
    global_draw = top == "random" and rest.islower() and bool(rest)
    return global_draw or top in BANNED_MODULES


def _unseeded(node: ast.AST, names: dict[str, str]) -> str | None:
    if not isinstance(node, ast.Call) or _dotted(node.func, names) != SEEDED:
        return None
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    seeded = any(not (isinstance(arg, ast.Constant) and arg.value is None) for arg in given)
    return None if seeded else f"{SEEDED}()"


def _dotted(node: ast.AST, names: dict[str, str]) -> str | None:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value, names)
        return f"{owner}.{node.attr}" if owner else None
    return None


def _imported(module: ast.Module) -> dict[str, str]:
    names = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _import_names(module: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def _starts_with(name: str, known: frozenset[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:end]) in known for end in range(1, len(parts) + 1))
