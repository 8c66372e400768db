"""Records as JSON bytes and back, for stores that keep them outside this process.

The table of kinds is closed: what is not listed cannot be kept, so that a file never holds anything
but the core's own records. Bytes travel as base64, typed tuples come back as tuples; values inside
an untyped ``extra`` come back as JSON has them. It knows no database.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any, TypeVar, cast, get_type_hints

from pydantic import ConfigDict, TypeAdapter

from bodydouble.core.evidence.reports import HandedIn
from bodydouble.core.evidence.request_log import Exchange
from bodydouble.core.idempotency import Remembered
from bodydouble.core.jobs import Alias, Job
from bodydouble.core.keys import Key
from bodydouble.core.limits import WindowCount
from bodydouble.core.media.uploads import Blob, Upload
from bodydouble.core.money.ledger import Account, Entry
from bodydouble.core.sandboxes import Counter, Sandbox, Snapshot
from bodydouble.core.scenarios.faults import ArmedFault
from bodydouble.core.scenarios.scenario import Script
from bodydouble.core.schedule import Due, Line
from bodydouble.core.store import Journaled, Record
from bodydouble.core.webhooks import Delivery, Outgoing, Webhook

R = TypeVar("R", bound=Record)

# Names are written into files; renaming one loses what older files hold under it.
KINDS: dict[str, type[Any]] = {
    "account": Account,
    "alias": Alias,
    "blob": Blob,
    "counter": Counter,
    "delivery": Delivery,
    "due": Due,
    "entry": Entry,
    "exchange": Exchange,
    "fault": ArmedFault,
    "job": Job,
    "line": Line,
    "outgoing": Outgoing,
    "remembered": Remembered,
    "report": HandedIn,
    "sandbox": Sandbox,
    "script": Script,
    "snapshot": Snapshot,
    "upload": Upload,
    "webhook": Webhook,
    "window": WindowCount,
}
_NAMES: dict[type[Any], str] = {kind: name for name, kind in KINDS.items()}
_CONFIG = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


def name_of(kind: type[Any]) -> str:
    """The name a kind is kept under; TypeError if the table does not list it."""
    name = _NAMES.get(kind)
    if name is None:
        raise TypeError(f"{kind.__name__} is no kind a store keeps: list it in stores/codec.py")
    return name


def encode(record: Record) -> bytes:
    """The record as JSON; TypeError if its kind is not listed."""
    name_of(type(record))
    # Past `dump_json`, whose dozen options cost as much as a small record.
    return _adapter(type(record)).serializer.to_json((record,))


def decode(kind: type[R], data: bytes) -> R:
    """The record that `encode` made ``data`` of; ValueError if these bytes are something else."""
    found: tuple[R] = _adapter(kind).validator.validate_json(data)
    return found[0]


def encode_line(kind: type[Journaled], of: tuple[Any, ...]) -> bytes:
    """A journal's line, given by the values of a record that nobody made, as JSON."""
    return _line(kind).serializer.to_json(of)


def decode_line(kind: type[R], data: bytes) -> R:
    """The record whose values `encode_line` made ``data`` of."""
    return kind(*_line(kind).validator.validate_json(data))


def encode_key(key: Key) -> bytes:
    """A key as JSON."""
    return _adapter(Key).dump_json((key,))


def decode_key(data: bytes) -> Key:
    """The key that `encode_key` made ``data`` of."""
    found: tuple[Key] = _adapter(Key).validate_json(data)
    return found[0]


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    # pydantic lets no outer config into a dataclass itself, but does into a tuple that holds one.
    return TypeAdapter(tuple[kind], config=_CONFIG)  # type: ignore[valid-type]


@cache
def _line(kind: type[Any]) -> TypeAdapter[Any]:
    types = get_type_hints(kind)
    row = tuple[*[types[one.name] for one in fields(kind)]]  # type: ignore[misc, valid-type]
    return TypeAdapter(cast(Any, row), config=_CONFIG)
