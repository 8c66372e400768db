"""YAML that is small and would not end is refused at once, in a body and in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from bodydouble.yaml_files import VALUES_MAX, BadYaml, read
from tests.control.session import control_session

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
BOMBS = {
    "a billion laughs": LAUGHS,
    "an alias of itself": "a: &a [*a]\n",
    "a mapping in itself": "&a {b: *a}\n",
    "brackets": "a: " + "[" * 5_000,
    "depth": "{a: " * 3_000,
    "many keys": "\n".join(f"k{n}: v" for n in range(VALUES_MAX)),
    "no end": "a: " + "x" * 300_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
async def test_a_body_that_would_not_end_is_refused(bomb: str) -> None:
    async with control_session() as session:
        for method, path in (("POST", "/faults"), ("PUT", "/scenario"), ("POST", "/keys")):
            told = await session.client.request(
                method,
                f"/_bodydouble/sandboxes/{session.id}{path}",
                content=bomb,
                headers={"content-type": "application/yaml"},
            )
            assert told.status_code in (400, 413, 422)
            assert told.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("bomb", list(BOMBS.values())[:5], ids=list(BOMBS)[:5])
def test_a_file_that_would_not_end_is_one_sentence(bomb: str, tmp_path: Path) -> None:
    with pytest.raises(BadYaml, match=r"mine\.yaml:\d+: ") as caught:
        read("mine.yaml", bomb, dict)
    assert len(caught.value.lines) == 1


def test_an_alias_that_is_meant_is_followed() -> None:
    assert read("a.yaml", "a: &a {b: 1}\nc: *a\n", dict).content == {"a": {"b": 1}, "c": {"b": 1}}
