"""The control plane's pages, from its OpenAPI document: operations by tag, and the schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from docs.site.markdown import cell, code, table
from docs.site.pages import ROOT

METHODS = ("get", "post", "put", "patch", "delete")
Document = Mapping[str, Any]


def page() -> str:
    """Every operation with its parameters, body, answers; then every schema."""
    document = yaml.safe_load((ROOT / "openapi" / "control.yaml").read_text(encoding="utf-8"))
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    yield "# Control plane"
    yield ""
    yield cell(document["info"]["description"])
    yield ""
    yield "Addresses are below `/_bodydouble`. A server hands this document out as"
    yield "`/_bodydouble/openapi.json`, and shows it under `/_bodydouble/docs`."
    for tag in document["tags"]:
        yield ""
        yield f"## {tag['name']}"
        yield ""
        yield tag["description"]
        for path, item in document["paths"].items():
            for method in METHODS:
                if tag["name"] in item.get(method, {}).get("tags", ()):
                    yield from _operation(document, f"{method.upper()} {path}", item, item[method])
    yield ""
    yield "## Schemas"
    for name, schema in document["components"]["schemas"].items():
        yield ""
        yield f"### {name}"
        yield ""
        yield "```yaml"
        yield _yaml(schema)
        yield "```"


def _operation(document: Document, title: str, item: Document, one: Document) -> Iterator[str]:
    yield ""
    yield f"### {title}"
    yield ""
    yield f"{cell(one['summary'])}. {cell(one.get('description', ''))}"
    given = (*item.get("parameters", ()), *one.get("parameters", ()))
    parameters = [_resolved(document, each) for each in given]
    if parameters:
        rows = [
            (code(each["name"]), each["in"], cell(_short(each["schema"])), cell(_about(each)))
            for each in parameters
        ]
        yield from table(("parameter", "in", "type", "about"), rows)
    if "requestBody" in one:
        yield ""
        yield from _body("Body", _resolved(document, one["requestBody"]))
    for status, answer in one["responses"].items():
        if status != "default":
            yield ""
            yield from _body(f"**{status}**", _resolved(document, answer))


def _body(word: str, holder: Document) -> Iterator[str]:
    about = cell(holder.get("description", ""))
    for kind, media in holder.get("content", {}).items():
        schema = media.get("schema", {})
        name = _named(schema)
        where = f"[{name}](#{name.lower()})" if name else ""
        yield f"{word}, `{kind}`: {where} {about}".rstrip(": ")
        if not name and schema.get("properties"):
            yield ""
            yield "```yaml"
            yield _yaml(schema)
            yield "```"
        return
    yield f"{word}: {about}"


def _about(parameter: Document) -> str:
    return str(parameter.get("description") or parameter["schema"].get("description", ""))


def _short(schema: Document) -> str:
    shown = {key: value for key, value in schema.items() if key != "description"}
    return _yaml(shown, flow=True)


def _named(schema: Document) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]


def _resolved(document: Document, node: Document) -> Document:
    found: dict[str, Any] = dict(node)
    while "$ref" in found:
        at: Any = document
        for part in found["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        found = dict(at)
    return found


def _yaml(value: object, *, flow: bool = False) -> str:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    text = yaml.dump(
        value,
        Dumper=Plain,
        sort_keys=False,
        default_flow_style=flow or None,
        width=10_000 if flow else 110,
        allow_unicode=True,
    )
    return text.strip().replace("#/components/schemas/", "#")
