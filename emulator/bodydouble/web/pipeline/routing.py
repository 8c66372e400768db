"""Routing by dictionary: from a vendor's method and path to its operation.

A fixed path is one lookup, a path that ends in its only parameter two; the few others are compared
segment by segment, in their order. Fixed paths win, then those that end in a verb behind their last
parameter (`/files/{id}:download`). It knows paths, not vendors.
"""

from __future__ import annotations

from collections.abc import Iterable

from bodydouble.core.caches import TEXT_REMEMBERED_MAX
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.provider import Operation, Provider

_Methods = dict[str, Operation]
_Free = list[tuple[tuple[str, ...], _Methods]]
_REMEMBERED_MAX = 4_096


class Routes:
    """The operations of one provider, ready to be found; ``head``: HEAD finds what GET finds.

    ``aliases`` are other base paths than ``base`` at which each of them answers as well.
    """

    def __init__(
        self,
        operations: Iterable[Operation],
        *,
        head: bool = False,
        base: str = "",
        aliases: Iterable[str] = (),
    ) -> None:
        self._head = head
        self._fixed: dict[str, _Methods] = {}
        self._tail: dict[str, tuple[str, _Methods]] = {}
        self._free: _Free = []
        self._verbs: dict[str, _Free] = {}
        self._found: dict[tuple[str, str], tuple[Operation, dict[str, str]]] = {}
        aliases = tuple(aliases)
        for operation in operations:
            self._add(operation, operation.path)
            before, here, behind = operation.path.partition(f"{base}/")
            for alias in aliases if here else ():
                self._add(operation, f"{before}{alias}/{behind}")

    def _add(self, operation: Operation, path: str) -> None:
        head, _, last = path.rpartition("/")
        if "{" not in path:
            methods = self._fixed.setdefault(path, {})
        elif "}:" in last:
            known, _, verb = path.rpartition(":")
            methods = _at(self._verbs.setdefault(verb, []), known)
        elif "{" not in head and not last.endswith("*}"):
            _, methods = self._tail.setdefault(head, (last[1:-1], {}))
        else:
            methods = _at(self._free, path)
        assert operation.method not in methods, f"two operations at {operation.method} {path}"
        methods[operation.method] = operation

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """The operation and its path parameters. Refused: NO_ROUTE, METHOD (with ``allowed``)."""
        # Whoever polls asks for the same path again and again.
        found = self._found.get((method, path))
        if found is None:
            found = self._searched(method, path)
            if len(self._found) >= _REMEMBERED_MAX:
                self._found.clear()
            if len(path) <= TEXT_REMEMBERED_MAX:
                self._found[method, path] = found
        return found

    def _methods(self, path: str) -> tuple[_Methods | None, dict[str, str]]:
        methods = self._fixed.get(path)
        params: dict[str, str] = {}
        if methods is None and self._verbs:
            known, colon, verb = path.rpartition(":")
            if colon and verb in self._verbs:
                methods, params = _compared(self._verbs[verb], known)
        if methods is None:
            head, _, last = path.rpartition("/")
            tail = self._tail.get(head)
            if tail is not None and last:
                methods, params = tail[1], {tail[0]: last}
            else:
                methods, params = _compared(self._free, path)
        return methods, params

    def _searched(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        methods, params = self._methods(path)
        if methods is None:
            raise Refused(Cause.NO_ROUTE, path=path, method=method)
        operation = methods.get("GET" if self._head and method == "HEAD" else method)
        if operation is None:
            allowed = self._allowed(methods)
            raise Refused(Cause.METHOD, path=path, method=method, allowed=allowed)
        return operation, params

    def allowed(self, path: str) -> tuple[str, ...]:
        """The methods that a path takes."""
        return self._allowed(self._methods(path)[0] or {})

    def _allowed(self, methods: _Methods) -> tuple[str, ...]:
        head = ("HEAD",) if self._head and "GET" in methods else ()
        return tuple(sorted((*methods, *head)))


def routes_of(provider: Provider) -> Routes:
    """A vendor's routes, at each of its base paths."""
    return Routes(
        provider.operations,
        head=provider.head,
        base=provider.base_path,
        aliases=provider.base_aliases,
    )


def _at(free: _Free, path: str) -> _Methods:
    """The methods at a path that is compared segment by segment; made where there are none yet."""
    segments = tuple(path.split("/"))
    methods = next((found for known, found in free if known == segments), {})
    if not methods:
        free.append((segments, methods))
    return methods


def _compared(free: _Free, path: str) -> tuple[_Methods | None, dict[str, str]]:
    segments = path.split("/")
    for template, found in free:
        params = _bound(template, segments)
        if params is not None:
            return found, params
    return None, {}


def _bound(template: tuple[str, ...], segments: list[str]) -> dict[str, str] | None:
    params = {}
    if template[-1].endswith("*}"):
        template, last = template[:-1], template[-1]
        params[last[1:-2]] = "/".join(segments[len(template) :])
        segments = segments[: len(template)]
    if len(template) != len(segments):
        return None
    for expected, given in zip(template, segments, strict=True):
        if expected.startswith("{"):
            if not given:
                return None
            params[expected[1:-1]] = given
        elif expected != given:
            return None
    return params
