"""Profiles, overlays and documents: read whole, and refused with a sentence where broken."""

from __future__ import annotations

import re

import pytest

from bodydouble_contracts.history.pointers import MISSING, drop, get, put
from bodydouble_contracts.vendors.documents import Document, DocumentError, document_of
from bodydouble_contracts.vendors.overlays import OverlayError, apply, steps
from bodydouble_contracts.vendors.reader import load, names


@pytest.mark.parametrize("name", names())
def test_every_shipped_profile_loads_and_finds_its_document(name: str) -> None:
    profile = load(name)
    assert profile.samples
    assert profile.refusals
    for tight in (True, False):
        document = document_of(profile, tight)
        assert document is not None
        assert document.operations


@pytest.mark.parametrize("name", names())
def test_every_operation_of_a_profile_is_in_the_vendors_document(name: str) -> None:
    profile = load(name)
    document = document_of(profile)
    assert document is not None
    unknown = [
        o.name
        for o in profile.operations.values()
        if document.find(o.method, re.sub(r"[{}]|\?.*", "", o.path)) is None
    ]
    assert not unknown


def test_an_overlay_merges_joins_and_removes_without_touching_the_original() -> None:
    document = {"paths": {"/a": {"get": {"x": [1], "y": 2}}}, "gone": 1}
    overlay = {
        "actions": [
            {"target": "$.paths['/a'].get", "update": {"x": [1, 2], "z": 3}},
            {"target": "$.gone", "remove": True},
        ]
    }
    made = apply(document, overlay)
    assert made == {"paths": {"/a": {"get": {"x": [1, 2], "y": 2, "z": 3}}}}
    assert document["gone"] == 1


def test_an_overlay_changes_only_one_of_two_places_that_share_an_anchor() -> None:
    shared = {"k": 1}
    made = apply({"a": shared, "b": shared}, {"actions": [{"target": "$.a", "update": {"k": 2}}]})
    assert made == {"a": {"k": 2}, "b": {"k": 1}}


@pytest.mark.parametrize("target", ["paths", "$.nothing.here", "$..deep", "$.a[*]", "$.a['x'"])
def test_an_action_that_matches_nothing_is_refused(target: str) -> None:
    with pytest.raises(OverlayError):
        apply({"a": {}}, {"actions": [{"target": target, "update": {"b": 1}}]})


def test_targets_may_quote_and_index() -> None:
    assert steps("$.a['b/c.d'][0]") == ["a", "b/c.d", 0]


def test_a_document_without_paths_is_refused() -> None:
    with pytest.raises(DocumentError, match="no paths"):
        Document({"openapi": "3.1.0"}, "x.yaml")


def test_a_path_without_parameters_hides_the_template_it_fits_with_all_its_methods() -> None:
    paths: dict[str, dict[str, dict[str, str]]] = {
        "/hooks/{id}": {"get": {}, "put": {}},
        "/hooks/logs": {"get": {}},
    }
    document = Document({"paths": paths}, "x.yaml")
    found = document.find("GET", "/hooks/logs")
    assert found is not None
    assert found.path == "/hooks/logs"
    assert document.find("PUT", "/hooks/logs") is None
    changed = document.find("PUT", "/hooks/7")
    assert changed is not None
    assert changed.path == "/hooks/{id}"


def test_pointers_tell_a_null_from_what_is_not_there() -> None:
    doc = {"a": {"b/c": [None, 1]}}
    assert get(doc, "/a/b~1c/0") is None
    assert get(doc, "/a/b~1c/7") is MISSING
    assert put(doc, "/a/b~1c/1", 2)
    assert get(doc, "/a/b~1c/1") == 2
    assert drop(doc, "/a/b~1c")
    assert not drop(doc, "/a/x/y")
