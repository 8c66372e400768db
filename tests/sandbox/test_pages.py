"""Lists by cursor: opaque, complete, and unmoved by what comes and goes in between."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.sandbox.toy import Toy


async def page(toy: Toy, **query: Any) -> dict[str, Any]:
    """A page, its jobs as ids."""
    answer = await toy.send("GET", "/v1/tasks", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return {**body, "data": [one["id"] for one in body["data"]]}


async def made(toy: Toy, count: int) -> list[str]:
    """So many jobs, newest first."""
    return [await toy.create() for _ in range(count)][::-1]


@pytest.mark.parametrize("order", ["desc", "asc"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_hold_every_job_once_forwards_and_backwards(order: str, limit: int) -> None:
    toy = Toy()
    ids = await made(toy, 5)
    expected = ids if order == "desc" else ids[::-1]
    pages = [await page(toy, limit=limit, order=order)]
    while pages[-1]["next"]:
        pages.append(await page(toy, limit=limit, order=order, cursor=pages[-1]["next"]))
    assert [id for one in pages for id in one["data"]] == expected
    assert pages[0]["previous"] is None
    for before, here in pairwise(pages):
        back = await page(toy, limit=limit, order=order, cursor=here["previous"])
        assert back["data"] == before["data"]
        assert bool(back["previous"]) is bool(before["previous"])
        assert (await page(toy, limit=limit, order=order, cursor=back["next"]))["data"] == here[
            "data"
        ]


async def test_what_comes_or_goes_in_between_moves_nothing() -> None:
    toy = Toy()
    ids = await made(toy, 6)
    first = await page(toy)
    newer = await made(toy, 3)
    assert (await toy.send("DELETE", f"/v1/tasks/{ids[1]}")).status_code == 204
    assert (await toy.send("DELETE", f"/v1/tasks/{ids[2]}")).status_code == 204
    second = await page(toy, cursor=first["next"])
    assert second["data"] == ids[3:5]
    assert (await page(toy, cursor=second["previous"]))["data"] == [newer[-1], ids[0]]


async def test_a_page_may_begin_behind_a_job_that_is_named() -> None:
    toy = Toy()
    ids = await made(toy, 4)
    assert (await page(toy, after=ids[1]))["data"] == ids[2:]
    assert (await page(toy, after=ids[1], order="asc"))["data"] == ids[:1]
    assert (await page(toy, after=ids[3]))["data"] == []


@pytest.mark.parametrize("cursor", ["x", "A" * 999, "0", "=", "é"])
async def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    toy = Toy()
    await made(toy, 1)
    answer = await toy.send("GET", "/v1/tasks", params={"cursor": cursor})
    assert answer.status_code == 400


async def test_a_long_list_is_read_to_its_end() -> None:
    toy = Toy()
    ids = await made(toy, 90)
    seen, cursor = [], ""
    while True:
        one = await page(toy, limit=7, cursor=cursor)
        seen += one["data"]
        cursor = one["next"]
        if not cursor:
            break
    assert seen == ids
