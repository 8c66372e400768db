"""Which vendor a request is for, and its path as that vendor sees it.

By the first segment of the path, at the root if one vendor is mounted there, or by ``Host``. Where
the vendor at the root has paths below another's name, they are its own.
Pipelines are built when first needed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property

from starlette.types import Scope

from bodydouble.core.caches import TEXT_REMEMBERED_MAX
from bodydouble.core.provider import Provider
from bodydouble.web.http.messages import host_of
from bodydouble.web.http.streams import Streams
from bodydouble.web.keys.registry import Registry
from bodydouble.web.pipeline.context import Observer
from bodydouble.web.pipeline.pipeline import Pipeline
from bodydouble.web.webhooks.scheduler import Scheduler

log = logging.getLogger("bodydouble")

PATHS_REMEMBERED_MAX = 4_096

# Paths of ours at the root; a vendor mounted there does not get them.
OWN_ROOTS = frozenset(("_bodydouble", "cdn", "uploads"))


class Mounts:
    """The vendors of one server; ``only`` names the one at the root."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        registry: Registry,
        scheduler: Scheduler,
        only: str | None,
        observers: tuple[Observer, ...] = (),
        *,
        streams: Streams,
        explains: bool = False,
    ) -> None:
        self._observers = observers
        self._streams = streams
        self._explains = explains
        self._providers = providers
        self._registry = registry
        self._scheduler = scheduler
        self._only = only
        self._pipelines: dict[str, Pipeline] = {}
        self._prefixed: dict[str, tuple[Pipeline, str]] = {}

    def pipeline(self, name: str) -> Pipeline:
        """The pipeline of one vendor. KeyError for one that is not there."""
        pipeline = self._pipelines.get(name)
        if pipeline is None:
            pipeline = self._pipelines[name] = Pipeline(
                self._providers[name],
                self._registry,
                self._providers,
                self._scheduler,
                self._observers,
                streams=self._streams,
                explains=self._explains,
            )
        return pipeline

    def find(self, scope: Scope) -> tuple[Pipeline, str] | None:
        """The vendor's pipeline and path; None for what is no vendor's."""
        path: str = scope["path"]
        # Whoever polls asks for the same path again and again.
        found = self._prefixed.get(path)
        return self._searched(scope, path) if found is None else found

    def _searched(self, scope: Scope, path: str) -> tuple[Pipeline, str] | None:
        root, slash, rest = path[1:].partition("/")
        if root in OWN_ROOTS:
            return None
        if slash and (root in self._pipelines or root in self._providers):
            if rest == "openapi.json" or rest == "docs" or rest.startswith("docs/"):
                return None
            if len(self._prefixed) >= PATHS_REMEMBERED_MAX:
                self._prefixed.clear()
            if self._only is not None and root in self._taken:
                found = self.pipeline(self._only), path
            else:
                found = self.pipeline(root), "/" + rest
            if len(path) <= TEXT_REMEMBERED_MAX:
                self._prefixed[path] = found
            return found
        host = host_of(scope).partition(":")[0]
        if self._only is not None:
            below = self._providers[self._only].host_paths.get(host, "")
            return self.pipeline(self._only), below + path
        if host and not host[0].isdigit() and not host.startswith(("localhost", "[")):
            found_by_host = self._by_host.get(host)
            if found_by_host is not None:
                name, below = found_by_host
                return self.pipeline(name), below + path
        return None

    @cached_property
    def _taken(self) -> frozenset[str]:
        """The names of other vendors below which the one at the root has paths of its own."""
        if self._only is None:
            return frozenset()
        paths = (one.path for one in self._providers[self._only].operations)
        roots = {path[1:].partition("/")[0] for path in paths}
        taken = roots.intersection(self._providers) - {self._only}
        for name in sorted(taken):
            log.warning(
                "%s is at the root and has paths below /%s/, which are its own here: a server "
                "without --only has both, %s at /%s/",
                *(self._only, name, name, name),
            )
        return frozenset(taken)

    @cached_property
    def _by_host(self) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for name, one in self._providers.items():
            for host in one.hosts:
                if host in found:
                    log.error(
                        "%s and %s both claim the host name %s: %s answers there; ask for the "
                        "other at /%s/, or serve it alone with --only %s",
                        *(found[host][0], name, host, found[host][0], name, name),
                    )
                else:
                    found[host] = name, one.host_paths.get(host, "")
        return found
