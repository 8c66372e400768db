"""The codec knows every record of the core, and brings each back as it was."""

import dataclasses
import importlib
import inspect
import pkgutil
from dataclasses import dataclass

import pytest

import bodydouble.core
from bodydouble.conformance import samples
from bodydouble.core.keys import Key
from bodydouble.core.money.ledger import Account
from bodydouble.core.sandboxes import Counter
from bodydouble.stores.codec import KINDS, decode, decode_key, encode, encode_key


def core_records() -> set[type]:
    """Every dataclass of the core that has what a record must have."""
    found = set()
    for info in pkgutil.walk_packages(bodydouble.core.__path__, "bodydouble.core."):
        module = importlib.import_module(info.name)
        for _, one in inspect.getmembers(module, inspect.isclass):
            if one.__module__ == info.name and dataclasses.is_dataclass(one):
                names = {field.name for field in dataclasses.fields(one)}
                if {"id", "group", "order"} <= names:
                    found.add(one)
    return found


def test_every_record_of_the_core_is_listed() -> None:
    assert core_records() == set(KINDS.values())


def test_every_listed_kind_has_a_sample() -> None:
    assert {type(record) for record in samples.records()} == set(KINDS.values())


@pytest.mark.parametrize("record", samples.records(), ids=lambda one: type(one).__name__)
def test_a_record_comes_back_equal_and_tuples_stay_tuples(record: Account) -> None:
    back = decode(type(record), encode(record))
    assert back == record
    assert repr(back) == repr(record)


def test_a_key_comes_back_equal() -> None:
    for key in (samples.key("k", "s"), Key("k", "s", "p", "p/main", "h")):
        assert decode_key(encode_key(key)) == key


def test_a_kind_that_is_not_listed_is_refused_by_name() -> None:
    @dataclass(frozen=True)
    class Stranger:
        id: str
        group: str = ""
        order: int = 0

    with pytest.raises(TypeError, match="Stranger"):
        encode(Stranger("a"))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"[{}]", b"\xff", b'[{"id":"a"}]'])
def test_bytes_that_are_no_record_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="validation error"):
        decode(Counter, data)
