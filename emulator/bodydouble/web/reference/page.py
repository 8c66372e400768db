"""An OpenAPI document as one readable HTML page: no script, no address to fetch.

Every text of the document is escaped. Schemas are shown as far as they are described and no
deeper than a reader can follow; a reference that leads back to itself is named, not followed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

Json = Any
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
DEPTH_MAX = 8
EXAMPLE_CHARS_MAX = 6_000
_LONG, _ENDS = re.compile(r"\S{16,}"), re.compile(r"([/.?=:+-]|&amp;|(?<=\w{24})_)(?=[\w{])")
STYLE = Path(__file__).with_name("reference.css")


def page(document: Json, name: str) -> str:
    """The whole page."""
    info = document.get("info", {})
    title = str(info.get("title", name))
    groups, style = grouped(document), STYLE.read_text(encoding="utf-8")
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<title>{escape(title)}</title><link rel="icon" href="data:,">',
            f"<style>{style}</style>",
            f'</head><body><div class="page"><nav>{menu(groups)}</nav><main>',
            f"<h1>{escape(title)}</h1>",
            f'<p class="soft">version {escape(str(info.get("version", "")))} · ',
            '<a href="openapi.json">openapi.json</a></p>',
            text(info.get("description")),
            servers(document),
            *(operation(document, *found) for rows in groups.values() for found in rows),
            "</main></div></body></html>",
        )
    )


def breakable(text: str) -> str:
    """Escaped text; what is long without a blank may break where its parts end, and not in them."""
    return _LONG.sub(lambda found: _ENDS.sub(r"\1<wbr>", found[0]), escape(text))


def grouped(document: Json) -> dict[str, list[tuple[str, str, Json]]]:
    """Operations as (method, path, operation) under their first tag, tags in their order."""
    out: dict[str, list[tuple[str, str, Json]]] = {
        str(t.get("name")): [] for t in document.get("tags", [])
    }
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if isinstance(item.get(method), dict):
                tags = item[method].get("tags") or ["Other"]
                shared = item.get("parameters", [])
                found = {
                    **item[method],
                    "parameters": [*shared, *item[method].get("parameters", [])],
                }
                out.setdefault(str(tags[0]), []).append((method, path, found))
    return {tag: rows for tag, rows in out.items() if rows}


def menu(groups: dict[str, list[tuple[str, str, Json]]]) -> str:
    """The list of operations."""
    out = []
    for tag, rows in groups.items():
        items = "".join(
            f'<li><a href="#{anchor(m, p)}">{badge(m)}{breakable(o.get("summary") or p)}</a></li>'
            for m, p, o in rows
        )
        out.append(f"<h2>{escape(tag)}</h2><ul>{items}</ul>")
    return "".join(out)


def servers(document: Json) -> str:
    """Where the API is answered."""
    rows = "".join(
        f"<li><code>{breakable(str(s.get('url')))}</code> "
        f"{breakable(str(s.get('description', '')))}</li>"
        for s in document.get("servers", [])
    )
    return f"<ul>{rows}</ul>" if rows else ""


def operation(document: Json, method: str, path: str, op: Json) -> str:
    """One operation: what it takes and every answer it gives."""
    return "".join(
        (
            f'<article id="{anchor(method, path)}"><h3>{breakable(op.get("summary") or path)}</h3>',
            f"<p>{badge(method)} <code>{breakable(path)}</code></p>",
            text(op.get("description")),
            source(op),
            parameters(document, op.get("parameters", [])),
            body(document, op.get("requestBody")),
            "<h4>Answers</h4>",
            *(answer(document, str(s), r) for s, r in op.get("responses", {}).items()),
            "</article>",
        )
    )


def parameters(document: Json, found: Json) -> str:
    """The table of parameters."""
    rows = []
    for raw in found:
        p = resolve(document, raw)
        must = ' <span class="req">required</span>' if p.get("required") else ""
        kind = kind_of(resolve(document, p.get("schema", {})))
        rows.append(
            f"<tr><td><code>{breakable(str(p.get('name')))}</code>{must}</td>"
            f"<td>{escape(str(p.get('in')))}</td><td>{breakable(kind)}</td>"
            f"<td>{breakable(str(p.get('description', '')))}</td></tr>"
        )
    if not rows:
        return ""
    head = "<tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>"
    return f"<h4>Parameters</h4><table>{head}{''.join(rows)}</table>"


def body(document: Json, raw: Json) -> str:
    """The request's body."""
    if not isinstance(raw, dict):
        return ""
    return "<h4>Body</h4>" + "".join(contents(document, resolve(document, raw)))


def answer(document: Json, status: str, raw: Json) -> str:
    """One answer: headers, shape, examples."""
    r = resolve(document, raw)
    told = {n: resolve(document, h).get("description", "") for n, h in r.get("headers", {}).items()}
    heads = "".join(
        f"<li><code>{breakable(n)}</code> {breakable(str(t))}</li>" for n, t in told.items()
    )
    title = breakable(str(r.get("description", "")))
    return (
        f"<details><summary><b>{escape(status)}</b> {title}</summary>"
        + (f'<p class="soft">headers</p><ul class="tree">{heads}</ul>' if heads else "")
        + "".join(contents(document, r))
        + "</details>"
    )


def contents(document: Json, holder: Json) -> Iterator[str]:
    """Each media type: its schema and its examples."""
    for media, spec in (holder.get("content") or {}).items():
        yield f'<p class="soft">{breakable(media)}</p>'
        if "schema" in spec:
            yield f'<ul class="tree">{tree(document, spec["schema"])}</ul>'
        shown = {"example": {"value": spec["example"]}} if "example" in spec else {}
        for name, raw in {**shown, **(spec.get("examples") or {})}.items():
            value = resolve(document, raw).get("value")
            told = (
                value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
            )
            shape = breakable(told[:EXAMPLE_CHARS_MAX])
            yield f'<p class="soft">{breakable(name)}</p><pre>{shape}</pre>'


def tree(document: Json, raw: Json, seen: tuple[str, ...] = ()) -> str:
    """A schema as nested list items."""
    ref = raw.get("$ref", "") if isinstance(raw, dict) else ""
    if ref in seen or len(seen) > DEPTH_MAX:
        return f"<li>{escape(ref.rpartition('/')[2] or '…')} (as above)</li>"
    seen = (*seen, ref or "inline")
    schema = resolve(document, raw)
    if not isinstance(schema, dict):
        return ""
    out = []
    needed = schema.get("required", [])
    for name, inner in (schema.get("properties") or {}).items():
        part = resolve(document, inner)
        must = ' <span class="req">required</span>' if name in needed else ""
        told = breakable(str(part.get("description", ""))) if isinstance(part, dict) else ""
        deeper = tree(document, inner, seen) if nests(part) else ""
        nested = f'<ul class="tree">{deeper}</ul>' if deeper else ""
        kind = f'<span class="soft">{breakable(kind_of(part))}</span>'
        out.append(f"<li><code>{breakable(str(name))}</code> {kind}{must} {told}{nested}</li>")
    for word in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(word, []):
            out.append(tree(document, branch, seen))
    if "items" in schema:
        out.append(tree(document, schema["items"], seen))
    return "".join(out)


def nests(schema: Json) -> bool:
    """Whether a schema has members of its own to show."""
    words = ("properties", "items", "allOf", "anyOf", "oneOf")
    return isinstance(schema, dict) and any(w in schema for w in words)


def kind_of(schema: Json) -> str:
    """A schema's type, words and bounds in a few words."""
    if not isinstance(schema, dict):
        return "anything" if schema else "nothing"
    kind = schema.get("type", "")
    words = [" or ".join(kind) if isinstance(kind, list) else str(kind)]
    words += [str(schema["format"])] if "format" in schema else []
    words += (
        ["one of " + ", ".join(json.dumps(v) for v in schema["enum"])] if "enum" in schema else []
    )
    words += [f"always {json.dumps(schema['const'])}"] if "const" in schema else []
    bounds = ("minimum", "maximum", "minLength", "maxLength", "maxItems", "pattern", "default")
    words += [f"{b} {schema[b]}" for b in bounds if b in schema]
    return ", ".join(w for w in words if w)


def resolve(document: Json, node: Json) -> Json:
    """Follows references within the document; one that leads nowhere is an empty object."""
    for _ in range(DEPTH_MAX):
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            return node
        found: Json = document
        for token in node["$ref"].removeprefix("#/").split("/"):
            name = token.replace("~1", "/").replace("~0", "~")
            found = found.get(name, {}) if isinstance(found, dict) else {}
        node = found
    return {}


def source(op: Json) -> str:
    """Where the facts are from, and what in them is a guess."""
    out = []
    found = op.get("x-source")
    if isinstance(found, dict):
        told = f"{found.get('page', '')} ({found.get('date', '')})"
        out.append(f'<p class="soft">source: {breakable(told)}</p>')
    elif found:
        out.append(f'<p class="soft">source: {breakable(str(found))}</p>')
    if op.get("x-assumption"):
        out.append(
            f'<p><span class="note">assumption</span> {breakable(str(op["x-assumption"]))}</p>'
        )
    return "".join(out)


def text(raw: Json) -> str:
    """Paragraphs of a description."""
    parts = re.split(r"\n\s*\n", str(raw or "").strip())
    return "".join(f"<p>{breakable(p)}</p>" for p in parts if p)


def badge(method: str) -> str:
    """A method as a coloured word."""
    return f'<span class="m {escape(method)}">{escape(method.upper())}</span>'


def anchor(method: str, path: str) -> str:
    """A name for an operation's place on the page."""
    return re.sub(r"[^a-z0-9]+", "-", f"{method}-{path}".lower()).strip("-")
