"""Each statement of the pages the project was given at its start, asked of the server, one by one.

The statements stand in each vendor's `seed.yaml`: what the page says, in our words, where it
says so, and a request with what must come of it. It knows no vendor; a file names its own.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bodydouble import providers
from tests.vendors.session import Session

FOLDER = Path(__file__).parent
FILES = {
    path.parent.name: yaml.safe_load(path.read_text("utf-8")) for path in FOLDER.glob("*/seed.yaml")
}
REPEATED = re.compile(r"\{(\d+) (\S)\}")


def dug(found: Any, pointer: str) -> Any:
    """What stands at ``a.0.b``; KeyError or IndexError where nothing does."""
    for part in pointer.split("."):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def filled(value: Any, saved: Mapping[str, Any]) -> Any:
    """``value`` with each ``{name}`` in it replaced by what stands under it; alone, by it itself;
    and each ``{2500 x}`` by as many of that character."""
    if isinstance(value, str):
        for name, known in saved.items():
            if value == f"{{{name}}}":
                return known
            value = value.replace(f"{{{name}}}", str(known))
        return REPEATED.sub(lambda found: found[2] * int(found[1]), value)
    if isinstance(value, dict):
        return {str(filled(name, saved)): filled(part, saved) for name, part in value.items()}
    return [filled(part, saved) for part in value] if isinstance(value, list) else value


def spread(statement: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One statement for each row of ``each``, whose columns are filled in; else itself."""
    each = statement.get("each")
    if each is None:
        yield statement
        return
    rest = {name: part for name, part in statement.items() if name != "each"}
    for row in zip(*each.values(), strict=True):
        yield filled(rest, dict(zip(each, row, strict=True)))


STATEMENTS = [
    (name, one)
    for name, file in sorted(FILES.items())
    for written in file["statements"]
    for one in spread(written)
]


def agrees(found: Any, wanted: Any) -> bool:
    """Equal, or matched whole by ``~pattern``, or of the type that ``:int`` and the like name."""
    kinds = {":int": int, ":str": str, ":dict": dict, ":list": list, ":bool": bool}
    if isinstance(wanted, str) and wanted in kinds:
        return type(found) is kinds[wanted]
    if isinstance(wanted, str) and wanted.startswith("~"):
        return isinstance(found, str) and re.fullmatch(wanted[1:], found, re.DOTALL) is not None
    return bool(found == wanted)


class Play:
    """One statement being played: a session of its vendor's, and what was saved on the way."""

    def __init__(self, file: dict[str, Any], statement: dict[str, Any]) -> None:
        self.file = file
        self.saved: dict[str, str] = {}
        key = statement.get("key", file["key"])
        options = {name: statement[name] for name in ("balance", "quirks") if name in statement}
        self.session = Session(file["prefix"], key, **options)

    async def ask(self, asked: dict[str, Any]) -> Any:
        """Sends a request: a named one of the file's with changes to its body, or any."""
        if "look" in asked:
            return await self.session.client.get(self.steering(asked["look"]))
        known = self.file["requests"].get(asked.get("send", "create"), {})
        request = {**known, **{name: asked[name] for name in asked if name != "change"}}
        body = request.get("body")
        if "change" in asked:
            body = {**(body or {}), **asked["change"]}
            body = {name: value for name, value in body.items() if value != "~absent"}
        more: dict[str, Any] = {} if body is None else {"json": filled(body, self.saved)}
        if "raw" in request:
            more = {"content": request["raw"]}
        if "headers" in request:
            more["headers"] = {**self.session.headers, **request["headers"]}
        if request.get("keyless"):
            more["headers"] = {}
        path = filled(request["path"], self.saved)
        return await self.session.send(request.get("method", "POST"), path, **more)

    def steering(self, noun: str) -> str:
        """The tester's path to ``noun``."""
        return f"http://localhost/_bodydouble/sandboxes/{self.session.sandbox}/{noun}"

    async def steer(self, noun: str, body: dict[str, Any]) -> None:
        """What a tester does to the sandbox; a key that is made is used from then on."""
        answer = await self.session.client.post(self.steering(noun), json=body)
        answer.raise_for_status()
        if noun == "keys":
            self.session.headers = {"authorization": f"Bearer {answer.json()['key']}"}

    async def upload(self, url: str) -> None:
        """A picture, posted as a form with the ``fields`` that were saved before."""
        fields, picture = json.loads(self.saved["fields"]), base64.b64decode(self.file["picture"])
        file = {"file": ("a.png", picture, "image/png")}
        await self.session.client.post(filled(url, self.saved), data=fields, files=file)

    async def step(self, step: dict[str, Any]) -> None:
        """One step of the way to what a statement speaks of."""
        if "advance" in step:
            await self.session.advance(step["advance"])
        elif "steer" in step:
            await self.steer(step["steer"], step["body"])
        elif "upload" in step:
            await self.upload(step["upload"])
        elif "scenario" in step:
            await self.session.scenario(step["scenario"])
        else:
            for _ in range(step.get("times", 1)):
                answer = await self.ask(step)
                wanted = step.get("status", answer.is_success and answer.status_code)
                assert answer.status_code == wanted, answer.text
                saving = step.get("save", self.file.get("save", {}))
                self.saved |= {n: str(dug(answer.json(), at)) for n, at in saving.items()}


@pytest.mark.parametrize(
    ("name", "statement"),
    STATEMENTS,
    ids=[f"{name}:{number}" for number, (name, _) in enumerate(STATEMENTS)],
)
async def test_a_statement_of_a_seed_page_holds(name: str, statement: dict[str, Any]) -> None:
    play = Play(FILES[name], statement)
    for step in (*FILES[name].get("first", ()), *statement.get("first", ())):
        await play.step(step)
    answer = await play.ask(statement.get("ask", {}))
    about = f"{statement['says']} ({statement['at']}): {answer.text}"
    assert answer.status_code == statement.get("status", FILES[name]["status"]), about
    for pointer, wanted in statement.get("has", {}).items():
        assert agrees(dug(answer.json(), pointer), filled(wanted, play.saved)), about
    for pointer in statement.get("lacks", ()):
        with pytest.raises((KeyError, IndexError)):
            dug(answer.json(), pointer)
    for header, wanted in statement.get("headers", {}).items():
        assert agrees(answer.headers.get(header, ""), wanted), about


def test_every_statement_says_where_it_stands_and_none_twice() -> None:
    told = [(name, one["says"]) for name, one in STATEMENTS]
    assert len(set(told)) == len(told) > 550
    assert all(one["at"] for _, one in STATEMENTS)


def test_a_statement_that_is_not_served_by_default_names_a_quirk_that_is_listed() -> None:
    turned = {(name, quirk) for name, one in STATEMENTS for quirk in one.get("quirks", {})}
    listed = {
        (name, f"{name}.{quirk}")
        for name in FILES
        for quirk in providers.load(name).standing().quirks
    }
    assert turned
    assert turned <= listed
