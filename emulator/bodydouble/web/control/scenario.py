"""The scenario of a sandbox: which one is in force, and another put in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from bodydouble.core.details import detail_of
from bodydouble.core.provider import Provider
from bodydouble.core.sandboxes import Sandbox
from bodydouble.core.scenarios.reading import (
    SCENARIO_NAME,
    ParametersText,
    RuleText,
    scripted,
)
from bodydouble.core.scenarios.scenario import SCENARIOS, Script
from bodydouble.sandbox.open_sandbox import OpenSandbox
from bodydouble.sandbox.outcomes import scenario_of, with_faulty_flag
from bodydouble.web.control.scenario_files import BadScenario, parse_scenario, scenario_files
from bodydouble.web.control.wire.access import (
    Services,
    asked_of,
    body_of,
    is_yaml,
    json_response,
    known_query,
    opened,
)
from bodydouble.web.control.wire.bodies import NewScenario
from bodydouble.web.control.wire.problems import Problem, Wrong, from_pydantic, invalid

_RULES = TypeAdapter(list[RuleText])


async def read_scenario(app: Services, request: Request) -> Response:
    """The scenario in force, and all there are."""
    known_query(request)
    async with opened(app, request) as sandbox:
        return json_response(await _body(sandbox))


async def put_scenario(app: Services, request: Request) -> Response:
    """Puts a scenario in force for the requests and jobs that come from now on.

    YAML is a scenario file's, and what is wrong with it is told with its line.
    """
    own = app.registry.own_scenario
    script: Script | None
    if is_yaml(request):
        script = read = _from_file((await body_of(request)).decode("utf-8", "replace"))
        name = read.scenario.name
    else:
        asked = await asked_of(request, NewScenario)
        name, script = chosen(
            asked.name,
            asked.parameters,
            asked.rules,
            own=own,
            base=asked.base,
            about=asked.about or "",
        )
    check_details(app.providers, script)
    async with opened(app, request) as sandbox:
        await put_in_force(sandbox, name, script)
        return json_response(await _body(sandbox))


def _from_file(text: str) -> Script:
    try:
        return parse_scenario("body", text)
    except BadScenario as bad:
        if ": no YAML" in bad.lines[0]:
            raise Problem(400, bad.lines[0]) from None
        told = [line.split(": ", 2) for line in bad.lines]
        wrongs = [
            Wrong(field, f"line {place.rpartition(':')[2]}: {problem}")
            for place, field, problem in ((*one, "", "")[:3] for one in told)
        ]
        raise invalid(*dict.fromkeys(wrongs)) from None


async def put_in_force(sandbox: OpenSandbox, name: str, script: Script | None) -> None:
    """Writes the scenario into the sandbox; the script it had is forgotten."""
    if sandbox.record.script:
        sandbox.tx.delete(Script, sandbox.record.script)
    if script is not None:
        sandbox.tx.put(script)
    sandbox.record = replace(sandbox.record, scenario=name, script=script.id if script else "")
    sandbox.record = await with_faulty_flag(sandbox)
    sandbox.tx.put(sandbox.record)


def under_scenario(record: Sandbox, name: str, script: Script | None) -> Sandbox:
    """The record of a sandbox that is not opened yet, under that scenario."""
    scenario = script.scenario if script is not None else SCENARIOS[name]
    id = script.id if script is not None else ""
    return replace(record, scenario=name, script=id, faulty=scenario.has_faults)


def chosen(
    name: str,
    parameters: dict[str, Any] | None,
    rules: list[dict[str, Any]] | None,
    *,
    field: str = "name",
    own: Script | None = None,
    base: str | None = None,
    about: str = "",
) -> tuple[str, Script | None]:
    """The scenario's name, and the script that is it where the core alone is not. Problem 422.

    ``field`` is what the client calls the name, ``own`` the server's own file. A name that nobody
    knows becomes one by a ``base``, by words ``about`` it or by rules.
    """
    try:
        files = dict(scenario_files())
    except BadScenario as bad:
        raise Problem(500, f"the scenario files cannot be used: {bad}") from None
    if own is not None:
        files[own.scenario.name] = own
    known = {**dict.fromkeys(SCENARIOS), **files}
    start = name
    if base is not None or (name not in known and (about or rules)):
        if not SCENARIO_NAME.fullmatch(name):
            raise invalid(Wrong(field, "a name is of small letters, digits and -"))
        start = base or "normal"
    if start not in known:
        listed, at = ", ".join(known), field if start == name else "base"
        raise invalid(Wrong(at, f"no scenario is called {start!r}: there are {listed}"))
    script = known[start]
    if start == name and not parameters and not rules and not about:
        return name, script
    begun = script.scenario if script is not None else SCENARIOS[start]
    turned = _parameters(parameters or {})
    return name, scripted(name, begun, turned, _rules(rules or []), about)


def check_details(providers: Mapping[str, Provider], script: Script | None) -> None:
    """Problem 422 for a detail that no vendor a rule means could tell: it would direct nothing."""
    for number, rule in enumerate(script.scenario.rules if script is not None else ()):
        directive = rule.directive
        if directive is None or not directive.detail:
            continue
        of = directive.refuse or directive.reason
        assert of is not None, "a detail is one of something"
        named = rule.match.provider
        meant = [named] if named in providers else [] if named else list(providers)
        if not any(detail_of(providers[name].details, of, directive.detail) for name in meant):
            text = f"no vendor that is meant tells a {of} called {directive.detail!r}"
            raise invalid(Wrong(f"rules.{number}.then", text))


def _parameters(given: dict[str, Any]) -> ParametersText:
    try:
        return ParametersText.model_validate_json(_json(given, "parameters"))
    except ValidationError as error:
        raise from_pydantic(error, "parameters") from None


def _rules(given: list[dict[str, Any]]) -> list[RuleText]:
    try:
        return _RULES.validate_json(_json(given, "rules"), strict=True)
    except ValidationError as error:
        raise from_pydantic(error, "rules") from None


def _json(given: Any, field: str) -> bytes:
    try:
        return orjson.dumps(given)
    except TypeError:
        raise invalid(Wrong(field, "holds a number that is too large")) from None


async def _body(sandbox: OpenSandbox) -> dict[str, Any]:
    scenario = await scenario_of(sandbox)
    known = {**SCENARIOS, **{name: one.scenario for name, one in scenario_files().items()}}
    known.setdefault(sandbox.record.scenario, scenario)
    return {
        "name": sandbox.record.scenario,
        "about": scenario.about,
        "rules": len(scenario.rules),
        "known": [{"name": name, "about": one.about} for name, one in known.items()],
    }
