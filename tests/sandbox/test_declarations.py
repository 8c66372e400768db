"""The suite convicts a provider whose data contradict themselves, and names the field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bodydouble.core.bodies import Reads
from bodydouble.core.provider import RequiredHeader
from tests.sandbox.toy import TOY, check

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a coding nobody can undo": (
        {"reads": Reads(codings=("compress",))},
        "reads: .*compress",
    ),
    "no kind of body": ({"reads": Reads(media_types=())}, "Provider.reads"),
    "a header with capitals": ({"required_headers": (RequiredHeader("X-Toy"),)}, "capitals"),
    "a header no gate asks for": (
        {"required_headers": (RequiredHeader("x-toy"),), "gates": ("key", "rate")},
        "Provider.gates lacks headers",
    ),
    "a variable nobody can set": ({"client_env": (("toy-key", "{key}"),)}, "toy-key is no name"),
    "a variable without a value": ({"client_env": (("TOY_KEY", ""),)}, "TOY_KEY has no value"),
    "a variable of unknown parts": ({"client_env": (("TOY_KEY", "{token}"),)}, "filled in"),
    "a variable of broken parts": ({"client_env": (("TOY_KEY", "{key"),)}, "filled in"),
    "a word for slots, and no slots": ({"slots": None}, "Provider.slots is None"),
}


@pytest.mark.parametrize("flaw", WRONG)
def test_it_convicts(flaw: str) -> None:
    fields, sentence = WRONG[flaw]
    with pytest.raises(AssertionError, match=sentence):
        check(replace(TOY, **fields))
