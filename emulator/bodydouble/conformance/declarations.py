"""Claims about what a provider declares as data: details, bodies, headers, environment, slots.

Each looks at one field of `Provider` and says what is wrong with it; nothing is played.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bodydouble.conformance.harness import ProviderHarness
from bodydouble.core.bodies import CODINGS
from bodydouble.core.details import NAME
from bodydouble.core.errors import Cause
from bodydouble.core.provider import Provider
from bodydouble.core.scenarios.directives import REFUSABLE, directed_refusal
from bodydouble.core.wire import Call

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")


def details_are_named(provider: Provider) -> None:
    """Every detail has a name of its own that can be asked for, and a word that a refusal says."""
    names = [(type(one.of), one.of, one.name) for one in provider.details]
    assert len(names) == len(set(names)), f"Provider.details: a name occurs twice in {names}"
    for one in provider.details:
        where = f"Provider.details: {one.of}:{one.name}"
        assert NAME.fullmatch(one.name), f"{where}: a name is lower case, digits and hyphens"
        assert one.word, f"{where} has no word"
        assert one.about, f"{where} is not explained"
        if isinstance(one.of, Cause):
            assert one.of in REFUSABLE, f"{where}: nothing can be refused for {one.of} on cue"
            said = _refusal(provider, one.of, one.name)
            assert one.word.encode() in said, (
                f"{where}: Provider.refuse does not say {one.word!r}: {said[:300]!r}"
            )


def _refusal(provider: Provider, cause: Cause, detail: str) -> bytes:
    pipeline = ProviderHarness(provider).app.pipeline(provider.name)
    call = Call("POST", "/v1/some/path", origin="http://test")
    body = pipeline.refused(call, directed_refusal(cause, detail=detail)).body
    return body if isinstance(body, bytes) else b""


def bodies_are_known(provider: Provider) -> None:
    """The content codings that are read can be undone."""
    unknown = set(provider.reads.codings) - set(CODINGS)
    assert not unknown, f"Provider.reads: {unknown} cannot be undone: there are {CODINGS}"
    assert provider.reads.media_types, "Provider.reads: no kind of body is read"


def headers_are_asked_for(provider: Provider) -> None:
    """Headers that are required are in lower case, and some gate asks for them."""
    required = provider.required_headers
    for one in required:
        assert one.name == one.name.lower(), f"Provider.required_headers: {one.name} has capitals"
    assert not required or "headers" in provider.gates, (
        "Provider.gates lacks headers, so that Provider.required_headers are never asked for"
    )


def clients_find_their_environment(provider: Provider) -> None:
    """What official clients read from the environment has names that can be set, and values."""
    known = {"key": "k", "base_url": "b", "root": "r"}
    if provider.key_pair is not None:
        known |= {"access_key": "a", "secret_key": "s"}
    for name, value in provider.client_env:
        where = f"Provider.client_env: {name}"
        assert _VARIABLE.fullmatch(name), f"{where} is no name of a variable"
        try:
            filled = value.format_map(known)
        except (KeyError, ValueError, IndexError) as error:
            raise AssertionError(f"{where}: {value!r} cannot be filled in: {error!r}") from None
        assert filled, f"{where} has no value"


def slots_have_their_word(provider: Provider) -> None:
    """A word for jobs that wait for a slot comes with slots to wait for."""
    assert provider.slots is not None or not provider.awaiting_slot_state, (
        "Provider.awaiting_slot_state is a word for jobs without a slot, and Provider.slots is None"
    )


CLAIMS: tuple[Callable[[Provider], None], ...] = (
    details_are_named,
    bodies_are_known,
    headers_are_asked_for,
    clients_find_their_environment,
    slots_have_their_word,
)
