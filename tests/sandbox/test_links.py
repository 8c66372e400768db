"""Links that are signed anew at each read, each with a life of its own, beside plain ones."""

from __future__ import annotations

from dataclasses import replace

from bodydouble.core.clock import DAY_US
from bodydouble.core.links import LinkRules
from tests.sandbox.toy import TOY, Toy

SIGNED = LinkRules(DAY_US, "_jwt", expired_status=410)


async def done(toy: Toy) -> str:
    """A job that is over."""
    id = await toy.create()
    await toy.advance(60)
    return id


async def link(toy: Toy, id: str) -> str:
    """The link in a reply about the job, given just now."""
    return str((await toy.send("GET", f"/v1/tasks/{id}")).json()["output"])


async def opened(toy: Toy, url: str) -> int:
    """What following a link answers."""
    return (await toy.client.head(url)).status_code


async def test_each_read_gives_a_link_that_lives_from_there() -> None:
    toy = Toy(replace(TOY, links=SIGNED))
    id = await done(toy)
    first = await link(toy, id)
    assert first == await link(toy, id), "the same instant signs the same link"
    await toy.advance(3600)
    second = await link(toy, id)
    assert (first.partition("?")[0], first) != (second.partition("?")[0], second)
    assert [await opened(toy, url) for url in (first, second)] == [200, 200]
    await toy.advance(86_400 - 3600)
    assert [await opened(toy, url) for url in (first, second)] == [410, 200]
    assert await opened(toy, await link(toy, id)) == 200


async def test_a_link_that_was_not_given_does_not_work() -> None:
    toy = Toy(replace(TOY, links=SIGNED))
    url = await link(toy, await done(toy))
    bare, _, token = url.partition("?_jwt=")
    for wrong in (bare, f"{bare}?_jwt=", f"{bare}?_jwt={token[:-1]}", f"{bare}?other={token}"):
        assert await opened(toy, wrong) == 410, wrong
    assert await opened(toy, url.replace(".mp4", ".jpg")) == 410


async def test_a_plain_link_lives_from_the_end_of_its_job() -> None:
    toy = Toy(replace(TOY, links=LinkRules(DAY_US)))
    id = await done(toy)
    url = await link(toy, id)
    assert "?" not in url
    assert await opened(toy, url) == 200
    await toy.advance(86_400)
    assert await opened(toy, await link(toy, id)) == 403
