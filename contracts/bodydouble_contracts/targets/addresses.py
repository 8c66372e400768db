"""From what a user names to a target: `module:app`, `loop:module:app`, or a URL near by.

A URL beyond this machine and its own networks is refused: only a guarded live run goes there.
"""

from __future__ import annotations

import importlib
import ipaddress
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bodydouble_contracts.targets.http import Url
from bodydouble_contracts.targets.in_process import InLoop, InProcess
from bodydouble_contracts.targets.target import App, Target, TargetError
from bodydouble_contracts.vendors.profile import Profile

EMULATOR = "bodydouble.asgi:app"
NEAR_NAMES = (".localhost", ".local", ".internal", ".test", ".lan", ".home.arpa")


def open_target(spec: str, profiles: Sequence[Profile]) -> Target:
    """Resolve a target; what the profiles want in the environment is set before it is imported."""
    for profile in profiles:
        for name, value in profile.section("control").get("environment", {}).items():
            os.environ.setdefault(name, str(value))
    return resolve(spec)


def resolve(spec: str) -> Target:
    """Return the target a user named: `module:app`, `loop:module:app` for an app that really
    waits, or a URL. Raises TargetError."""
    if spec.startswith(("http://", "https://")):
        check_near(spec)
        return Url(spec)
    if spec.endswith(".jsonl") or Path(spec).is_file():
        raise TargetError(f"{spec} is a cassette: judge it with `rejudge`, it answers no requests")
    if spec.startswith("loop:"):
        inner = spec.removeprefix("loop:")
        return InLoop(find_app(inner), spec, fresh=lambda: find_app(inner, anew=True))
    return InProcess(find_app(spec), spec, fresh=lambda: find_app(spec, anew=True))


def check_near(url: str) -> None:
    """Raise TargetError for a URL beyond this machine and its own networks: only a guarded live
    run goes there."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        address = ipaddress.ip_address(host)
        near = address.is_loopback or address.is_private
    except ValueError:
        near = "." not in host or host.endswith(NEAR_NAMES)
    if not near:
        raise TargetError(
            f"{host} leaves this machine: judge a vendor with run --live PROVIDER --budget AMOUNT "
            "--plan FILE, and a mock by a name of your own network"
        )


def find_app(spec: str, anew: bool = False) -> App:
    """Import `module:attribute`, or run the module once more for another app like it.

    Raises TargetError naming what is missing.
    """
    module, _, attribute = spec.partition(":")
    if not attribute:
        raise TargetError(f"a target is module:app, a URL or a cassette, not {spec!r}")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found = importlib.import_module(module)
        app: App = getattr(importlib.reload(found) if anew else found, attribute)
    except ModuleNotFoundError as error:
        raise TargetError(f"cannot import {module!r} ({error}): is it installed?") from error
    except AttributeError as error:
        raise TargetError(f"{module!r} has no {attribute!r}") from error
    return app
