"""What is done on the page, and looked for in its log: a job canceled, a refusal by its cause."""

from __future__ import annotations

import httpx
import pytest

from bodydouble.testing import Emulator
from bodydouble.testing.sandbox import Sandbox
from tests.web.browser import needed
from tests.web.page.opening import opened, order, ui

pytestmark = [pytest.mark.browser, needed]


def test_a_job_is_canceled_where_it_is_listed_and_by_the_fixture(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    from playwright.sync_api import expect

    first, second = order(sandbox), order(sandbox)
    with opened(emulator, ui(sandbox, "jobs")) as page:
        page.locator("tr.job", has_text=first).get_by_role("button", name="cancel").click()
        expect(page.locator("tr.job", has_text=first).locator(".chip").first).to_have_text(
            "canceled"
        )
        assert sandbox.jobs.get(first)["state"] == "canceled"
        page.wait_for_selector("#stream[data-state=live]")
        assert sandbox.jobs.cancel(second)["state"] == "canceled"
        expect(page.locator(".chip.canceled")).to_have_count(2)
        assert page.get_by_role("button", name="cancel").count() == 0


def test_a_refusal_is_armed_by_its_cause_and_found_by_its_decision(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    from playwright.sync_api import expect

    with opened(emulator, ui(sandbox, "direct")) as page:
        arrival = page.get_by_role("form", name="arrival")
        arrival.locator("[name=cause]").select_option("funds")
        arrival.get_by_role("button", name="arm").click()
        expect(page.locator("#f1")).to_contain_text("status at arrival funds")
        assert order(sandbox) == "402"
        order(sandbox, "a fox [[bodydouble: refuse=rate]]")
        order(sandbox)
        page.goto(emulator.url + ui(sandbox, "requests"))
        expect(page.locator(".rows tbody tr")).to_have_count(3)
        for decision, serial in (("fault", 1), ("limit", 2), ("answered", 3)):
            page.get_by_label("decision").select_option(decision)
            page.get_by_role("button", name="filter").click()
            expect(page.locator(".rows tbody tr")).to_have_count(1)
            expect(page.locator(f"#r{serial}")).to_be_visible()
        for serial, words in (
            (1, "a fault or a scenario's rule met it"),
            (2, "a rate limit or a full queue was reached"),
            (3, "nothing stood in its way"),
        ):
            page.goto(emulator.url + ui(sandbox, f"requests/{serial}"))
            expect(page.locator(".verdict")).to_contain_text(words)


def test_keys_are_listed_masked_with_their_rights(emulator: Emulator, sandbox: Sandbox) -> None:
    from playwright.sync_api import expect

    with opened(emulator, ui(sandbox, "keys")) as page:
        before = page.locator(".rows tbody tr").count()
        page.locator("[name=provider]").select_option("smartlyq")
        page.locator("[name=account]").fill("team")
        page.locator("[name=scopes]").fill("jobs:read, jobs:write")
        page.locator("[name=rate_limit]").fill("7")
        page.locator("[name=expired]").check()
        page.get_by_role("button", name="make a key").click()
        secret = page.locator("#made-key").text_content()
        row = page.locator(".rows tbody tr", has_text="smartlyq/team")
        expect(row).to_contain_text(secret[:8] + "…")
        expect(row).to_contain_text("jobs:read, jobs:write")
        expect(row.locator("td").nth(3)).to_have_text("7")
        expect(row.locator(".chip")).to_have_text("expired")
        page.goto(emulator.url + ui(sandbox, "keys"))
        expect(page.locator(".rows tbody tr")).to_have_count(before + 1)
        assert secret not in page.content()


def test_a_replay_is_called_one(emulator: Emulator, sandbox: Sandbox) -> None:
    headers = {"idempotency-key": "once", "authorization": f"Bearer {sandbox.keys['smartlyq']}"}
    body = {"model": "kling-v2-1", "type": "text_to_video", "prompt": "a fox"}
    for _ in range(2):
        url = emulator.url + "/smartlyq/v1/videos/generate"
        assert httpx.post(url, json=body, headers=headers).status_code == 202
    told = httpx.get(emulator.url + ui(sandbox, "requests?decision=idempotency")).text
    assert '<span class="chip warn">replayed</span>' in told
    assert "1–1 of 1 requests" in told
