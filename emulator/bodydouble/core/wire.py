"""Calls and replies: one HTTP exchange as the packages hand it to each other.

A call is read lazily, so that a request nobody parses costs nothing. Nothing here knows sockets,
Starlette or a vendor; bad bytes become refusals, never crashes.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from bodydouble.core.bodies import JSON_ONLY, undone
from bodydouble.core.errors import Cause, Refused
from bodydouble.core.forms import FORMS, Form, media_type_of, read_form
from bodydouble.core.keys import Claim, Key
from bodydouble.core.records import record
from bodydouble.core.scenarios.faults import ReplyFault
from bodydouble.core.webhooks import Delivery

if TYPE_CHECKING:
    from bodydouble.core.account_view import AccountView
    from bodydouble.core.jobs import Job

QUERY_FIELDS_MAX = 200
# What is deeper cannot be written again by whoever keeps or shows it.
JSON_DEPTH_MAX = 200
_UNREAD = object()

# The web package replaces this with a faster decoder, which also refuses NaN and lone surrogates.
decode_json: Callable[[bytes], Any] = json.loads


def read_json(content: bytes, decode: Callable[[bytes], Any] | None = None) -> Any:
    """The value of a JSON text. ValueError for what is none, or is nested too deeply."""
    try:
        value = (decode or decode_json)(content)
    except RecursionError as error:
        raise ValueError(str(error)) from None
    # Few texts have so many brackets, so that few values are gone through.
    if content.count(b"[") + content.count(b"{") >= JSON_DEPTH_MAX:
        level, depth = [value], 0
        while level:
            depth += 1
            if depth > JSON_DEPTH_MAX:
                raise ValueError(f"nested deeper than {JSON_DEPTH_MAX} levels")
            level = [
                inner
                for one in level
                if isinstance(one, dict | list)
                for inner in (one.values() if isinstance(one, dict) else one)
            ]
    return value


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# This too, with the one that its replies are written by.
encode_json: Callable[[Any], bytes] = _encoded


@record
class Reply:
    """An answer: ``body`` is JSON-able, bytes, `Served`, `Events`, or None for no body at all.

    ``secrets`` are masked before the reply is logged. With ``deferred`` the reply is not final;
    with ``fault`` its bytes are damaged or late. Who asks for a coding gets it if the body is worth
    it, with ``folds`` however small it is.
    """

    status: int
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = "application/json"
    secrets: tuple[str, ...] = ()
    deferred: DeferredReply | AwaitedJob | None = None
    fault: ReplyFault | None = None
    folds: bool = False


@dataclass(frozen=True, slots=True)
class DeferredReply:
    """A delivery that must have been tried before the reply is known.

    The pipeline commits, has it sent while nobody waits for the sandbox, and asks ``reply`` for the
    reply with the delivery as it then stands.
    """

    delivery: str
    reply: Callable[[Delivery], Reply]


@dataclass(frozen=True, slots=True)
class AwaitedJob:
    """A job that a reply waits for, until it is over or ``until_us`` (virtual) has come.

    The pipeline commits and waits while nobody waits for the sandbox. If the job is over in time,
    ``reply`` says so with the job as it then is; else the reply it was given with stands. While a
    clock stands still nothing is waited for, and never longer in real time than asked in virtual.
    """

    job: str
    until_us: int
    reply: Callable[[Job, AccountView], Reply]


@dataclass(frozen=True, slots=True)
class Events:
    """A reply's body that is a stream of events: what ``look`` tells, whenever it tells another.

    ``look`` gives what is to be told (JSON-able) and whether nothing comes after it; ``first`` is
    what it gave at first. The pipeline fills in the ``key`` whose account is looked at.
    With ``named`` what is told is a list that grows: each new member is an event of its own, and
    its member of that name is the event's type.
    """

    first: tuple[Any, bool]
    look: Callable[[AccountView], Awaitable[tuple[Any, bool]]]
    key: Key | None = None
    named: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """A reply's body that is a job's own media file, handed through, not linked.

    It is the film (``mp4``), its first frame (``jpg``, ``webp``), or with ``sheet`` several frames
    in one picture (``jpg``). A provider may not read files; the pipeline fills in the ``sandbox``,
    and whoever sends the reply reads the bytes. With ``within`` they stand in base64 between those
    two, as in a JSON text.
    """

    job_id: str
    extension: str
    sandbox: str = ""
    sheet: bool = False
    within: tuple[bytes, bytes] | None = None


class Call:
    """One request. ``path`` is the vendor's, without our prefix; ``origin`` is how we were reached.

    ``now_us``, ``request_id`` and ``quirks`` are filled in by the pipeline before a provider
    sees it, and ``reads`` is the provider's own. ``foreign``: a web page sent it that is neither
    this machine's nor known to whoever started the server. ``listening`` gives the address that
    links lead to where we were reached without one. ``asked_path`` is the path with our prefix.
    ``claim`` is left by `Provider.credential` where what it found names a key and is not its
    secret.
    """

    reads = JSON_ONLY
    claim: Claim | None = None
    foreign = False
    listening: Callable[[], str] | None = None
    asked_path = ""

    def __init__(
        self,
        method: str,
        path: str,
        *,
        query: bytes = b"",
        headers: tuple[tuple[bytes, bytes], ...] = (),
        body: bytes = b"",
        origin: str = "",
    ) -> None:
        self.method = method
        self.path = path
        self.query_string = query
        self.raw_headers = headers
        # Of a repeated header, the first counts.
        self.named = dict(reversed(headers))
        self.body = body
        self.origin = origin
        self.params: Mapping[str, str] = {}
        self.now_us = 0
        self.request_id = ""
        self.quirks: Mapping[str, Any] = {}
        self._json: Any = _UNREAD

    def header(self, name: bytes) -> str | None:
        """The first header called ``name`` (lower case), decoded as Latin-1."""
        value = self.named.get(name)
        return None if value is None else value.decode("latin-1")

    @property
    def root(self) -> str:
        """The address below which the vendor's paths stand for this client."""
        return self.origin + self.asked_path.removesuffix(self.path)

    @cached_property
    def query(self) -> dict[str, str]:
        """Query parameters; of a repeated one, the first counts."""
        return dict(reversed(self._queried))

    def query_all(self, name: str) -> list[str]:
        """Every value of a query parameter that may be repeated, in the order they came."""
        return [value for one, value in self._queried if one == name]

    @cached_property
    def _queried(self) -> list[tuple[str, str]]:
        if not self.query_string:
            return []
        try:
            return parse_qsl(
                self.query_string.decode("latin-1"),
                keep_blank_values=True,
                errors="replace",
                max_num_fields=QUERY_FIELDS_MAX,
            )
        except ValueError:
            raise Refused(Cause.BAD_BODY, "too many query parameters") from None

    @property
    def content(self) -> bytes:
        """The body with its content coding undone. Refused: CONTENT_TYPE, BAD_BODY, TOO_LARGE."""
        return self._undone if b"content-encoding" in self.named else self.body

    @cached_property
    def _undone(self) -> bytes:
        return undone(self.body, self.header(b"content-encoding") or "", self.reads.codings)

    @cached_property
    def media_type(self) -> str:
        """What the body says it is, without parameters; empty where it says nothing."""
        return media_type_of(self.header(b"content-type") or "")

    @property
    def json(self) -> Any:
        """The decoded body; Refused(BAD_BODY) if it is not JSON."""
        if self._json is _UNREAD:
            try:
                self._json = read_json(self.content)
            except ValueError as error:
                raise Refused(Cause.BAD_BODY, str(error)) from None
        return self._json

    def json_object(self) -> dict[str, Any]:
        """The decoded body, which must be an object."""
        value = self.json
        if not isinstance(value, dict):
            raise Refused(Cause.BAD_BODY, "the body must be a JSON object")
        return value

    @cached_property
    def form(self) -> Form:
        """The body as a form. Refused: CONTENT_TYPE, BAD_BODY, TOO_LARGE."""
        kind = self.media_type
        if kind not in FORMS or kind not in self.reads.media_types:
            raise self._unread()
        return read_form(self.header(b"content-type") or "", self.content)

    def fields(self) -> dict[str, Any]:
        """The body by name: of a JSON object its members, of a form its texts and its files.

        For whoever reads both; which kinds are read says ``reads``. Refused: as `json_object`,
        and CONTENT_TYPE.
        """
        if self.media_type in FORMS:
            return {**self.form.fields, **self.form.files}
        if self.media_type not in self.reads.media_types:
            raise self._unread()
        return self.json_object()

    def _unread(self) -> Refused:
        given = self.media_type[:100]
        return Refused(
            Cause.CONTENT_TYPE, f"{given or 'a body of no type'} is not read here", given=given
        )

    def peek(self) -> Any:
        """The decoded body for whoever only looks; None where it is neither form nor object."""
        try:
            if self.media_type in FORMS:
                return self.form.fields
            return self.json if self.content.lstrip()[:1] == b"{" else None
        except Refused:
            return None

    def canonical(self) -> bytes:
        """What makes two bodies the same, where a form may be: see `Form.canonical`."""
        try:
            return self.form.canonical() if self.media_type in FORMS else self.content
        except Refused:
            return self.body

    def quirk(self, name: str) -> Any:
        """How the vendor's reading called ``name`` (in full) is served to this caller."""
        return self.quirks.get(name)
