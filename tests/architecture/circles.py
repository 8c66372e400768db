"""Finds circles of imports in Python source, wherever an import stands.

A module's imports are all of them: at its top, inside functions, under TYPE_CHECKING, and through
`importlib.import_module` of a literal name. A circle that only runs when something is called is a
circle all the same: neither module can be read, moved or tested without the other.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

Graph = Mapping[str, Mapping[str, str]]
"""Module to the modules it imports, each with the place where it does: `path:line`."""


def graph(files: Iterable[tuple[str, str]]) -> Graph:
    """Return who imports whom among ``files``, given as (path below a source root, text)."""
    texts = {_module(path): (path, text) for path, text in files}
    found: dict[str, dict[str, str]] = {module: {} for module in texts}
    for module, (path, text) in texts.items():
        package = module if path.endswith("/__init__.py") else module.rpartition(".")[0]
        for line, name in _names(ast.parse(text), package):
            imported = _known(name, texts)
            if imported and imported != module:
                found[module].setdefault(imported, f"{path}:{line}")
    return found


def circles(imports: Graph) -> list[list[str]]:
    """Return a shortest circle through each group of modules that import one another."""
    found: list[list[str]] = []
    seen: set[str] = set()
    for module in sorted(imports):
        if module in seen or not (way := _way_back(imports, module)):
            continue
        group = _reached(imports, module) & _reached(_reversed(imports), module)
        seen |= group
        found.append(min((_way_back(imports, one) for one in sorted(group)), key=len) or way)
    return found


def told(circle: list[str], imports: Graph) -> str:
    """Say one circle, import by import, with the place of each."""
    steps = zip(circle, [*circle[1:], circle[0]], strict=True)
    return "\n".join(f"  {imports[one][other]} imports {other}" for one, other in steps)


def _module(path: str) -> str:
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _names(tree: ast.Module, package: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            prefix = ".".join(above) if node.level else ""
            origin = ".".join(part for part in (prefix, node.module or "") if part)
            yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _called(node.func) in ("import_module", "__import__"):
            literals = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            yield from ((node.lineno, name) for name in literals if isinstance(name, str))


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _known(name: str, texts: Mapping[str, object]) -> str:
    """Return the module that ``name`` is, or is in; an empty text for one of elsewhere."""
    while name and name not in texts:
        name = name.rpartition(".")[0]
    return name


def _way_back(imports: Graph, start: str) -> list[str]:
    """Return the shortest way from ``start`` to itself, ``start`` first; empty if there is none."""
    before: dict[str, str] = {}
    queue = [start]
    for module in queue:
        for other in sorted(imports[module]):
            if other == start:
                way = [module]
                while way[0] != start:
                    way.insert(0, before[way[0]])
                return way
            if other not in before:
                before[other] = module
                queue.append(other)
    return []


def _reached(imports: Graph, start: str) -> set[str]:
    found, queue = {start}, [start]
    for module in queue:
        fresh = set(imports[module]) - found
        found |= fresh
        queue += sorted(fresh)
    return found


def _reversed(imports: Graph) -> Graph:
    back: dict[str, dict[str, str]] = {module: {} for module in imports}
    for one, those in imports.items():
        for other, place in those.items():
            back[other][one] = place
    return back
