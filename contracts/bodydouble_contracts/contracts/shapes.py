"""RES: replies held against the vendor's document and the prose laid over it."""

from __future__ import annotations

from bodydouble_contracts.contracts.contract import contract
from bodydouble_contracts.contracts.findings import Tally
from bodydouble_contracts.contracts.replies import body_start, judged
from bodydouble_contracts.history.pointers import MISSING
from bodydouble_contracts.reading.calls import Call, documented_5xx
from bodydouble_contracts.reading.view import View
from bodydouble_contracts.vendors.documents import Answer, Document, document_of
from bodydouble_contracts.vendors.profile import Profile


def described(view: View, call: Call) -> tuple[Document, list[str], Answer | None] | None:
    """Return document, documented statuses and the promise for this reply, if there are any."""
    document = document_of(view.profile)
    request = call.x.request
    if document is None or "%2f" in request.path.lower():
        return None
    path = request.path.removeprefix(view.profile.mount)
    operation = document.find(request.method, path)
    if operation is None:
        return None
    return document, operation.statuses, operation.answer(call.status)


@contract(
    "RES-02",
    "documented-status",
    source="the vendor's OpenAPI document",
    tier="0",
    kind="reply",
    needs=("document",),
)
def res_02(view: View, tally: Tally) -> None:
    """Every status is one that the document lists for the operation.

    Statuses the gate in front of all operations may send are listed under `gate_statuses`.
    """
    gate = view.profile.extra.get("gate_statuses", [])
    for call in judged(view):
        found = described(view, call)
        if found and not documented_5xx(call):
            fine = found[2] is not None or call.status in gate
            tally.check(fine, f"one of {', '.join(found[1])}", call.line(), call)


@contract(
    "RES-03",
    "body-matches-schema",
    source="the vendor's OpenAPI document and the prose laid over it",
    tier="0",
    kind="reply",
    needs=("document",),
)
def res_03(view: View, tally: Tally) -> None:
    """Every body has the shape that the document gives for its operation and status.

    The tightened document: required members, patterns, state-dependent members.
    """
    for call in judged(view):
        found = described(view, call)
        if "loopback" in call.intent:
            continue  # the inbox's own address is no address the vendor documents
        if found and found[2] is not None and "application/json" in found[2].types:
            if call.doc is MISSING:
                tally.check(False, "a JSON body", body_start(call), call)
                continue
            wrong = found[2].complaints("application/json", call.doc)
            tally.check(not wrong, "a body as documented", "; ".join(wrong), call)


@contract(
    "RES-07",
    "nothing-undocumented",
    level="SHOULD",
    source="the vendor's OpenAPI document",
    tier="0",
    kind="reply",
    needs=("document",),
)
def res_07(view: View, tally: Tally) -> None:
    """No reply carries members that the document does not describe.

    Guards against internals that leak; objects the document leaves open stay open.
    """
    for call in judged(view):
        found = described(view, call)
        if found and found[2] is not None and call.doc is not MISSING:
            wrong = found[2].complaints("application/json", call.doc, strict=True)
            extra = [w for w in wrong if "nevaluated" in w or "dditional" in w]
            tally.check(not extra, "described members only", "; ".join(extra), call)


def promised(profile: Profile) -> int:
    """Return how many headers the document describes at all."""
    document = document_of(profile)
    if document is None:
        return 0
    operations = [o for _, o in document.operations]
    quiet = {"429"} if profile.have("limits") == "no" else set()
    known = [(o, s) for o in operations for s in o.statuses if s.isdigit() and s not in quiet]
    answers = [o.answer(int(s)) for o, s in known]
    return sum(bool(h.get("required")) for a in answers if a for h in a.headers.values())


@contract(
    "RES-11",
    "promised-headers",
    source="the vendor's OpenAPI document and the prose laid over it",
    tier="0",
    kind="reply",
    needs=("document",),
    about=promised,
)
def res_11(view: View, tally: Tally) -> None:
    """Every header that the document requires of a reply is there, with a value of its type.

    Only headers marked required; integers must be integers and keep their minimum.
    """
    for call in judged(view):
        found = described(view, call)
        if not found or found[2] is None:
            continue
        for name, rule in found[2].headers.items():
            value = call.header(name)
            if value is None:
                if rule.get("required"):
                    tally.check(False, f"the header {name}", call.line(), call)
                continue
            fine = header_fits(value, rule.get("schema", {}))
            tally.check(fine, f"{name} as documented", value, call)


def header_fits(value: str, schema: dict[str, object]) -> bool:
    """Whether a header's text is a value of a schema (integers and their bounds)."""
    if schema.get("type") != "integer":
        return True
    try:
        number = int(value)
    except ValueError:
        return False
    low = schema.get("minimum")
    return not isinstance(low, int | float) or number >= low
