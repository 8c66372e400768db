"""Nothing that is typed into an address or a form breaks the page: it is refused in words."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urljoin

import pytest

from bodydouble.web.page.forms import FORMS
from bodydouble.web.page.tabs import TABS
from tests.control.session import ControlSession, control_session
from tests.vendors.asking import asking
from tests.web.page.test_frame import LINK, OWN

GARBAGE = ("", "x", "-1", "1e999", "²", "\x00", "../..", "//evil.example", "' \"<b>", "9" * 400)
NAMES = (
    *("job", "verb", "reason", "advance", "to", "until", "rate", "name", "point", "kind", "status"),
    *("times", "retry_after_s", "ms", "hold_s", "probability", "provider", "operation", "fault"),
    *("account", "amount", "how", "delivery", "snapshot", "scopes", "rate_limit", "balance"),
)
QUERIES = ("offset", "provider", "state", "status", "text", "path", "account", "delivery")


def ui(session: ControlSession, rest: str) -> str:
    return f"/_bodydouble/ui/{session.id}/{rest}"


async def furnished(session: ControlSession) -> str:
    job = asking("smartlyq").job(await session.submit())
    await session.submit(prompt="a fox")
    await session.done("PATCH", f"/jobs/{job}", {"finish": True})
    await session.done("POST", "/snapshots", {})
    return job


async def test_no_query_breaks_a_tab() -> None:
    async with control_session() as session:
        await furnished(session)
        for tab in TABS:
            for name in (*QUERIES, "from", "to", "cost", "unrouted"):
                for value in GARBAGE:
                    path = ui(session, f"{tab}?{name}={quote(value)}")
                    answer = await session.client.get(path)
                    assert answer.status_code < 500, path
                    assert "<b>" not in answer.text


@pytest.mark.parametrize("verb", [*FORMS, "key", "fork", "nonsense"])
async def test_no_form_breaks_the_page_or_leads_elsewhere(verb: str) -> None:
    async with control_session() as session:
        await furnished(session)
        for value in GARBAGE:
            for form in ({}, dict.fromkeys(NAMES, value), {"back": value, "name": value}):
                address = ui(session, f"do/{verb}")
                answer = await session.client.post(address, data=form, headers=OWN)
                assert answer.status_code < 500, (verb, value)
                if answer.status_code == 303:
                    there = urljoin(f"http://localhost{address}", answer.headers["location"])
                    assert there.startswith("http://localhost/"), there
                else:
                    assert answer.status_code in (201, 400, 404, 409, 413, 422)


async def test_a_name_that_is_nobody_s_is_told_so_on_every_page() -> None:
    async with control_session() as session:
        known: Any = session.id
        for rest in ("nonsense", "jobs/nobody", "requests/99", "webhooks?delivery=99", "changes/x"):
            assert (await session.client.get(ui(session, rest))).status_code == 404
        for tab in (*TABS, "changes", "state", "jobs/x", "requests/1"):
            path = ui(session, tab).replace(known, "nobody")
            assert (await session.client.get(path)).status_code == 404, path
        assert (await session.client.put(ui(session, "jobs"))).status_code == 405


async def test_every_link_of_every_page_is_relative_and_leads_somewhere() -> None:
    async with control_session() as session:
        job = await furnished(session)
        seen = 0
        for rest in (*TABS, f"jobs/{job}", "requests/1", "snapshots?from=n1", "wallet?cost=1"):
            page = f"http://localhost{ui(session, rest)}"
            answer = await session.client.get(page)
            assert answer.status_code == 200, rest
            assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", answer.text)
            for link in set(LINK.findall(answer.text)):
                assert not re.match(r"/|\w+:", link), link
                below = urljoin(page.replace("localhost", "localhost/a/prefix"), link)
                assert re.match(r"http://localhost/a/prefix/(_bodydouble|cdn)/", below), link
                if "/do/" not in link and not link.startswith("#"):
                    found = await session.client.head(urljoin(page, link.replace("&amp;", "&")))
                    assert found.status_code == 200, link
                    seen += 1
        assert seen > 100
