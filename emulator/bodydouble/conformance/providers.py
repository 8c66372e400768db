"""The conformance suite of `core.provider.Provider`: a word for everything the core can say.

Vendors are not judged here, only completeness: that no state, cause or reason is without a word
in a provider, that what it lists is consistent, and that nothing a client sends crashes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bodydouble.conformance import declarations, driven, hostile
from bodydouble.conformance.exchanges import (
    Example,
    GoldenExchange,
    examples_of,
    golden_exchanges,
)
from bodydouble.conformance.harness import (
    ProviderHarness,
    credential_place,
    file_of,
    filled_path,
    placed,
)
from bodydouble.conformance.running import run, sentence_of
from bodydouble.conformance.session import differences
from bodydouble.core.chance import Draw
from bodydouble.core.errors import Cause, FieldProblem, Flaw, Refused
from bodydouble.core.lifecycle import State
from bodydouble.core.provider import GATES, Provider
from bodydouble.core.wire import Call
from bodydouble.web.pipeline.routing import routes_of

SENTENCES_MAX = 20


def check_provider(provider: Provider, *examples: Example, exchanges: Path | None = None) -> None:
    """Holds a provider to every claim.

    ``exchanges`` is the folder of its golden exchanges: left out, ``fixtures/<name>/`` of the
    package that provides it. ``examples`` are requests that make a job, at least one of them in a
    new sandbox; without any, the golden exchanges that do are taken. AssertionError names the
    first claim that does not hold, and where.
    """
    for claim in (*CLAIMS, *declarations.CLAIMS):
        with sentence_of(claim):
            claim(provider)
    golden = golden_exchanges(provider, exchanges)
    with sentence_of(golden_exchanges_are_answered):
        run(golden_exchanges_are_answered(provider, golden))
    asked = examples or examples_of(provider, golden)
    for waiting in (*driven.CLAIMS, hostile.hostile_calls_are_refused):
        with sentence_of(waiting):
            run(waiting(provider, asked))


async def golden_exchanges_are_answered(
    provider: Provider, exchanges: Sequence[GoldenExchange]
) -> None:
    """Every golden exchange is answered as its file says."""
    found = [
        f"{one.file}: {sentence}"
        for one in exchanges
        for sentence in await differences(provider, one.content)
    ]
    more = [f"and {len(found) - SENTENCES_MAX} more"] if len(found) > SENTENCES_MAX else []
    assert not found, "\n  ".join(["", *found[:SENTENCES_MAX], *more])


def states_have_words(provider: Provider) -> None:
    """Every state has a word."""
    for state in State:
        assert provider.states.get(state), (
            f"Provider.states has none for State.{state.name} in {file_of(provider)}"
        )


def quirks_are_consistent(provider: Provider) -> None:
    """Every quirk is named after its provider and defaults to a choice."""
    names = [quirk.name for quirk in provider.quirks]
    assert len(names) == len(set(names)), f"a name occurs twice in {names}"
    for quirk in provider.quirks:
        assert quirk.name.startswith(f"{provider.name}."), f"{quirk.name} names another provider"
        if quirk.choices:
            assert quirk.default in quirk.choices, f"{quirk.name}: {quirk.default!r} is no choice"
        else:
            assert quirk.default is not None, f"{quirk.name} has neither choices nor a default"


def quirks_are_described(provider: Provider) -> None:
    """`standing.yaml` can be read, describes every quirk, and no other."""
    described = set(provider.standing().quirks)
    names = {quirk.short for quirk in provider.quirks}
    lost = sorted(names - described)
    assert not lost, f"standing.yaml does not describe {', '.join(lost)}"
    extra = sorted(described - names)
    assert not extra, f"standing.yaml describes {', '.join(extra)}, which is no quirk"


def keys_fit_their_shape(provider: Provider) -> None:
    """Minted keys fit the shape, differ, and are found where a client puts them."""
    keys = [provider.mint_key(Draw(seed, "key")) for seed in range(50)]
    assert len(set(keys)) == len(keys), "two draws gave the same key"
    for key in keys:
        assert provider.key_shape.fullmatch(key), f"{key} does not fit {provider.key_shape.pattern}"
        credential_place(provider, key)
    assert not provider.key_shape.fullmatch(""), "nothing at all is a well-formed key"
    if provider.key_pair is not None:
        pairs = [provider.key_pair(key) for key in keys]
        assert pairs == [provider.key_pair(key) for key in keys], "a key has two pairs"
        shown = {text for pair in pairs for text in pair} | set(keys)
        assert len(shown) == 3 * len(keys), "a pair repeats a key, its own half or another's"
        assert provider.key_pair("") == ("", ""), "no key has a pair"


def missing_keys_are_refused(provider: Provider) -> None:
    """A call without a readable key is refused for that, and not by a crash."""
    odd = ("", "Bearer", "Bearer ", "Basic eDp5", "é", "Bearer " + "x" * 5000)
    calls = [Call("GET", "/", headers=((b"authorization", one.encode()),)) for one in odd]
    try:
        provider.credential(Call("GET", "/"))
    except Refused as refused:
        cause = refused.refusal.cause
        assert cause in (Cause.NO_KEY, Cause.MALFORMED_KEY), f"the cause was {cause}"
    else:
        raise AssertionError("a call without any header has a key")
    for call in calls:
        try:
            assert isinstance(provider.credential(call), str)
        except Refused:
            continue


def operations_are_routable(provider: Provider) -> None:
    """Operations have names and routes of their own, and each is found at its route."""
    names = [one.name for one in provider.operations]
    assert names, "there are no operations"
    assert len(names) == len(set(names)), f"a name occurs twice in {names}"
    routes = routes_of(provider)
    for one in provider.operations:
        path = filled_path(one.path, "some-id")
        found, _ = routes.find(one.method, path)
        assert found is one, f"{one.method} {path} finds {found.name}, not {one.name}"
    assert any(one.billed for one in provider.operations), "no operation is billed"


def gates_are_known(provider: Provider) -> None:
    """The gates are the known ones, each at most once, and the key comes first."""
    assert set(provider.gates) <= set(GATES), f"unknown gates in {provider.gates}"
    assert len(provider.gates) == len(set(provider.gates)), f"a gate twice in {provider.gates}"
    assert provider.gates[:1] == ("key",), "whoever has no valid key learns nothing else"


def money_is_sane(provider: Provider) -> None:
    """Whole units read back as written, and the buckets are named and not negative."""
    currency = provider.currency
    assert currency.scale > 0, "a unit is divided into nothing"
    assert currency.decimals >= 0, "decimals are negative"
    for units in (0, 1, 15, 10_000):
        amount = units * currency.scale
        text = currency.text(amount)
        assert currency.parse(text) == amount, f"{amount} is written {text!r} and read otherwise"
    names = [name for name, _ in provider.starting_balance]
    assert names, "there is no bucket to keep money in"
    assert len(names) == len(set(names)), f"a bucket occurs twice in {names}"
    assert all(amount >= 0 for _, amount in provider.starting_balance), "a wallet opens with a debt"


def models_are_listed(provider: Provider) -> None:
    """The catalogue lists models, each with what it makes and costs."""
    rows = list(provider.models())
    assert rows, "no model is listed"
    for row in rows:
        assert all((row.model, row.makes, row.price)), f"{row} is not filled in"


def request_ids_are_drawn(provider: Provider) -> None:
    """Request ids come from the draw alone: equal for equal draws, else different."""
    ids = [provider.request_id(Draw(1, "request", n % 5), 1_785_000_000_000_000) for n in range(10)]
    assert ids[:5] == ids[5:], "the same draw gave two ids"
    # A vendor without request ids always gives the empty text.
    assert len(set(ids)) == 5 or set(ids) == {""}, f"different draws gave {ids[:5]}"


PROBLEMS = tuple(
    FieldProblem(f"field_{flaw}", flaw, given, allowed, "text")
    for flaw in Flaw
    for given, allowed in ((None, ()), ("given", ("a", "b")), (10**30, (1, 2)), ({"a": []}, ()))
)
# What core, account view and pipeline put into refusals; any of it may be needed for a reply.
WHY = "the reason as the console tells it"
DATA: dict[Cause, tuple[dict[str, Any], ...]] = {
    Cause.MALFORMED_KEY: ({"key": "sqk_live…"},),
    Cause.UNKNOWN_KEY: ({"key": "sqk_live…"}, {"key": "sqk_live…", "unproven": True}),
    Cause.REVOKED_KEY: ({"key": "sqk_live…"},),
    Cause.EXPIRED_KEY: ({"key": "sqk_live…"}, {"early": True}),
    Cause.SCOPE: ({"scope": "videos:write"},),
    Cause.HEADER: ({"name": "x-version", "given": None}, {"name": "x-version", "given": "é"}),
    Cause.NO_ROUTE: ({"path": "/v1/nothing", "method": "GET"},),
    Cause.METHOD: ({"path": "/v1", "method": "PUT", "allowed": ("GET", "POST")},),
    Cause.CONTENT_TYPE: ({}, {"given": "text/plain"}, {"coding": "br"}),
    Cause.TOO_LARGE: ({}, {"limit": 16 * 1024 * 1024}),
    Cause.NOT_FOUND: ({"id": "some-id"},),
    Cause.ALREADY_FINAL: ({"state": State.FAILED, "id": "some-id"},),
    Cause.IDEMPOTENCY: ({"key": "order-1"},),
    Cause.FUNDS: ({"required": 2800, "balance": 0},),
    Cause.SPENDING_LIMIT: ({"required": 2800, "balance": 0},),
    Cause.RATE: ({"limit": 60, "retry_after_s": 7},),
    Cause.QUEUE_FULL: ({"limit": 10, "waiting": 10},),
}


def causes_have_replies(provider: Provider) -> None:
    """Every cause is refused in the vendor's envelope, under every quirk, without a crash."""
    harnesses = [ProviderHarness(provider)]
    harnesses += [
        ProviderHarness(provider, {quirk.name: choice})
        for quirk in provider.quirks
        for choice in quirk.choices
    ]
    for harness in harnesses:
        for cause in Cause:
            for data in DATA.get(cause, ({},)):
                for fields in ((), PROBLEMS) if cause is Cause.INVALID else ((),):
                    _refused(harness, Refused(cause, WHY, fields=fields, **data))
                    _refused(harness, Refused(cause, fields=fields, **data))


def _refused(harness: ProviderHarness, refused: Refused) -> None:
    cause = refused.refusal.cause
    call = Call("POST", "/v1/some/path", origin="http://test")
    try:
        reply = harness.app.pipeline(harness.provider.name).refused(call, refused)
    except Exception as error:
        raise AssertionError(
            f"Provider.refuse has no reply for Cause.{cause.name} with the data "
            f"{dict(refused.refusal.data)}: {placed(error, harness.provider)}"
        ) from error
    assert reply.status >= 400, f"{cause} is answered with status {reply.status}"
    if cause in (Cause.UNAVAILABLE, Cause.INTERNAL):
        assert reply.status >= 500, f"{cause} blames the client with status {reply.status}"
        ours = refused.refusal.text.encode()
        said = reply.body if isinstance(reply.body, bytes) else b""
        assert not ours or ours not in said, (
            f"{cause} tells the client its text, which is for whoever runs the server: {said!r}"
        )
    assert reply.body is None or isinstance(reply.body, bytes), f"{cause}: a body of no bytes"
    for name, value in reply.headers:
        assert {type(name), type(value)} == {str}, f"{cause}: header {name!r}"
        assert name == name.lower(), f"{cause}: header {name} is not in lower case"


CLAIMS: tuple[Callable[[Provider], None], ...] = (
    states_have_words,
    quirks_are_consistent,
    quirks_are_described,
    keys_fit_their_shape,
    missing_keys_are_refused,
    operations_are_routable,
    gates_are_known,
    money_is_sane,
    models_are_listed,
    request_ids_are_drawn,
    causes_have_replies,
)
