"""A vendor's OpenAPI document in two strengths: as published, and with its overlay applied.

It finds the operation of a request and compiles one validator per response, once. What the
document does not say is no opinion: the caller decides what silence means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from bodydouble_contracts.data import document_path
from bodydouble_contracts.vendors.overlays import OverlayError, apply, narrowed
from bodydouble_contracts.vendors.profile import Profile

Json = Any
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
MAX_DEPTH = 40


class DocumentError(ValueError):
    """A document that cannot be used; the text names the file and what is wrong."""


@dataclass(slots=True)
class Answer:
    """What a document promises of one status of one operation."""

    root: Json
    data: Json
    _checks: dict[tuple[str, bool], Any] = field(default_factory=dict)

    @property
    def types(self) -> list[str]:
        """The media types promised; empty means no body."""
        return list(self.data.get("content", {}))

    @property
    def headers(self) -> dict[str, Json]:
        """The headers promised, by name, refs resolved."""
        found = self.data.get("headers", {})
        return {name: deref(self.root, h) for name, h in found.items()}

    def schema(self, media: str) -> Json | None:
        """Return the schema of a media type, or None where none is given."""
        content = self.data.get("content", {})
        entry = content.get(media)
        return entry.get("schema") if isinstance(entry, dict) else None

    def complaints(self, media: str, body: Json, strict: bool = False) -> list[str]:
        """Return what is wrong with a body, at most three sentences; strict forbids extras."""
        schema = self.schema(media)
        if schema is None:
            return []
        key = (media, strict)
        if key not in self._checks:
            self._checks[key] = compiled(self.root, schema, strict)
        check = self._checks[key]
        if check.is_valid(body):
            return []
        errors = list(check.iter_errors(body))[:3]
        return [
            "/" + "/".join(str(p) for p in e.instance_path) + ": " + e.message[:200] for e in errors
        ]


@dataclass(slots=True)
class Described:
    """One operation of a document."""

    root: Json
    path: str
    method: str
    data: Json
    _answers: dict[str, Answer | None] = field(default_factory=dict)

    @property
    def statuses(self) -> list[str]:
        """The statuses promised, as written (`200`, `4XX`, `default`)."""
        return [str(s) for s in self.data.get("responses", {})]

    def answer(self, status: int) -> Answer | None:
        """Return what is promised of a status, or None where it is not documented."""
        key = str(status)
        if key not in self._answers:
            found = None
            responses = {str(k): v for k, v in self.data.get("responses", {}).items()}
            for name in (key, f"{key[0]}XX", "default"):
                if name in responses:
                    found = Answer(self.root, deref(self.root, responses[name]))
                    break
            self._answers[key] = found
        return self._answers[key]


class Document:
    """One OpenAPI document with an index of its operations."""

    def __init__(self, data: Json, name: str) -> None:
        """Take the parsed document. Raises DocumentError if it describes no paths."""
        if not isinstance(data, dict) or not isinstance(data.get("paths"), dict):
            raise DocumentError(f"{name} is no OpenAPI document: it has no paths")
        self.data = data
        self.name = name
        servers = data.get("servers") or [{"url": ""}]
        self.base = urlsplit(str(servers[0].get("url", ""))).path.rstrip("/")

    @cached_property
    def operations(self) -> list[tuple[re.Pattern[str], Described]]:
        """All operations, concrete paths before templated ones."""
        out = []
        for path, item in sorted(self.data["paths"].items(), key=lambda p: p[0].count("{")):
            regex = re.compile(templated(self.base + path))
            for method in METHODS:
                if method in item:
                    out.append((regex, Described(self.data, path, method.upper(), item[method])))
        return out

    def find(self, method: str, path: str) -> Described | None:
        """Return the operation that answers a request, or None.

        A path without parameters hides every template that it fits, with all its methods.
        """
        for regex, described in self.operations:
            if not regex.fullmatch(path):
                continue
            if described.method == method:
                return described
            if "{" not in described.path and not self._has(described.path, method):
                return None
        return None

    def _has(self, path: str, method: str) -> bool:
        return method.lower() in self.data["paths"][path]


def templated(path: str) -> str:
    """Return the regular expression of a path with `{parameters}`."""
    parts = re.split(r"(\{[^}]*\})", path)
    return "".join("[^/]+" if p.startswith("{") else re.escape(p) for p in parts)


@cache  # every contract asks for every call, and finding it asks the disk
def document_file(profile_file: str, name: str) -> Path:
    """Return the file of a profile's document: the vendor's own by name, else one beside it."""
    if name.endswith((".yaml", ".yml")):
        return Path(profile_file).with_name(name)
    return document_path(name)


@cache
def document_for(path: Path, tight: bool = True) -> Document:
    """Load a document, with the overlay beside it where `tight`. Raises DocumentError."""
    data = read_yaml(path)
    if tight:
        overlay = path.with_name(path.stem + ".overlay.yaml")
        if overlay.is_file():
            try:
                data = narrowed(apply(data, read_yaml(overlay)))
            except OverlayError as error:
                raise DocumentError(f"{overlay.name}: {error}") from error
    return Document(data, path.name)


def document_of(profile: Profile, tight: bool = True) -> Document | None:
    """Return the profile's document, or None where it names none or the file is not there."""
    if not profile.document:
        return None
    try:
        return document_for(document_file(profile.file, profile.document), tight)
    except FileNotFoundError:
        return None


def read_yaml(path: Path) -> Json:
    """Parse a YAML file. Raises DocumentError with file and line."""
    if not path.is_file():
        raise FileNotFoundError(path)
    try:
        return yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise DocumentError(f"{path.name} is not YAML: {error}") from error


def deref(root: Json, node: Json) -> Json:
    """Follow `$ref` until there is none. Raises DocumentError for one that leads nowhere."""
    seen = 0
    while isinstance(node, dict) and "$ref" in node:
        ref, seen = node["$ref"], seen + 1
        target = root
        for token in str(ref).lstrip("#/").split("/"):
            name = token.replace("~1", "/").replace("~0", "~")
            target = target.get(name) if isinstance(target, dict) else None
        if target is None or seen > MAX_DEPTH:
            raise DocumentError(f"the reference {ref!r} leads nowhere")
        node = target
    return node


def compiled(root: Json, schema: Json, strict: bool) -> Any:
    """Return a compiled validator of draft 2020-12; strict forbids what is not described."""
    import jsonschema_rs

    if strict:
        return jsonschema_rs.Draft202012Validator(closed(root, schema, True, 0))
    wrapped = {**schema, "components": root.get("components", {})}
    return jsonschema_rs.Draft202012Validator(wrapped, validate_formats=True)


def closed(root: Json, schema: Json, outer: bool, depth: int) -> Json:
    """Return a schema with refs inlined that refuses members no branch describes.

    Within a branch (`allOf`, `then`) nothing is closed: what lies deeper may be described by
    another branch of the same object.
    """
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return schema if not isinstance(schema, dict) else {}
    schema = deref(root, schema)
    out: dict[str, Json] = {}
    for key, value in schema.items():
        if key == "properties" and isinstance(value, dict):
            out[key] = {k: closed(root, v, outer, depth + 1) for k, v in value.items()}
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            out[key] = closed(root, value, outer, depth + 1)
        elif key in ("allOf", "anyOf", "oneOf") and isinstance(value, list):
            out[key] = [closed(root, v, False, depth + 1) for v in value]
        elif key in ("if", "then", "else", "not") and isinstance(value, dict):
            out[key] = closed(root, value, False, depth + 1)
        elif key not in ("example", "examples", "$defs", "default"):
            out[key] = value
    named = any(k in out for k in ("properties", "allOf", "anyOf", "oneOf"))
    if outer and named and "additionalProperties" not in out and describes(out):
        out["unevaluatedProperties"] = False
    return out


def describes(schema: Json) -> bool:
    """Whether a schema, or a branch of it, names any property at all."""
    if schema.get("properties"):
        return True
    branches = [b for k in ("allOf", "anyOf", "oneOf") for b in schema.get(k, [])]
    return any(isinstance(b, dict) and describes(b) for b in branches)
