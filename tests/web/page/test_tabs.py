"""The other tabs in a Chromium: requests, webhooks, snapshots, wallet and keys; and what holds for
every page: hostile words, phones, no JavaScript, hidden tabs."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from bodydouble.testing import Emulator
from bodydouble.testing.sandbox import Sandbox
from tests.vendors.asking import asking
from tests.web.browser import needed
from tests.web.page.furnished import REPORT, TABS, crowded
from tests.web.page.opening import opened, order, ui

pytestmark = [pytest.mark.browser, needed]
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>{{7*7}}'


def test_requests_are_filtered_in_the_address_and_live(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    from playwright.sync_api import expect

    order(sandbox, "a heron")
    order(sandbox, "a fox")
    with opened(emulator, ui(sandbox, "requests")) as page:
        page.locator("input[type=search]").fill("heron")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("text=heron"))
        page.wait_for_selector("#stream[data-state=live]")
        expect(page.locator(".rows tbody tr")).to_have_count(1)
        order(sandbox, "a second heron")
        order(sandbox, "a second fox")
        expect(page.locator(".rows tbody tr")).to_have_count(2)
        page.keyboard.press("Escape")
        page.locator("h1").click()
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("POST /v1/videos/generate")
        assert "heron" in page.locator("#request-body").text_content()
        assert "def test_request_1_again" in page.locator("#as-test").text_content()


def test_a_webhook_is_seen_checked_and_sent_again(emulator: Emulator, sandbox: Sandbox) -> None:
    from playwright.sync_api import expect

    inbox = sandbox.webhooks
    inbox.subscribe(vendor="smartlyq")
    inbox.answers = (500, 200)
    order(sandbox)
    sandbox.jobs.finish(sandbox.jobs.all()[0]["id"])
    with opened(emulator, ui(sandbox, "webhooks")) as page:
        page.locator(".rows a").first.click()
        expect(page.locator("dd .chip").first).to_have_text("valid")
        expect(page.locator("#payload")).to_contain_text("job")
        sent = len(inbox.received)
        page.get_by_role("button", name="send it again now").click()
        expect(page.locator("h2 .chip")).to_have_text("delivered")
        assert len(inbox.received) > sent
        page.goto(emulator.url + ui(sandbox, "webhooks"))
        page.get_by_label("status").select_option("dead_letter")
        page.get_by_role("button", name="filter").click()
        expect(page.locator(".empty").first).to_contain_text("No delivery meets this filter.")
        page.get_by_role("link", name="Show all").click()
        expect(page.locator(".two .rows tbody tr")).not_to_have_count(0)


def test_a_state_is_saved_compared_forked_and_restored(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    from playwright.sync_api import expect

    with opened(emulator, ui(sandbox, "snapshots")) as page:
        page.locator("form[action$='do/save'] input").fill("empty")
        page.get_by_role("button", name="save this state").click()
        expect(page.locator("#n1")).to_contain_text("empty")
        job = order(sandbox)
        page.get_by_role("button", name="compare").click()
        expect(page.locator(".compared")).to_contain_text(job)
        page.get_by_role("button", name="restore empty").click()
        expect(page.locator("#n1")).to_be_attached()
        assert sandbox.jobs.all() == []
        page.get_by_role("button", name="fork").click()
        expect(page.locator("h1")).to_have_text("Your sandbox is ready")


def test_money_is_put_in_and_a_key_is_made(emulator: Emulator, sandbox: Sandbox) -> None:
    from playwright.sync_api import expect

    order(sandbox)
    before = float(sandbox.accounts.get("smartlyq")["balance"])
    with opened(emulator, ui(sandbox, "wallet")) as page:
        page.locator("[name=amount]").fill("2.5")
        page.get_by_role("button", name="top up").click()
        expect(page.locator(".big").first).to_have_text(f"{before + 2.5:.4f}")
        page.get_by_role("link", name="keys").click()
        page.locator("[name=provider]").select_option("smartlyq")
        page.locator("[name=revoked]").check()
        page.get_by_role("button", name="make a key").click()
        key = page.locator("#made-key").text_content()
    known = asking("smartlyq")
    refused = httpx.get(emulator.url + "/smartlyq/v1/me", headers=known.headers(key))
    assert refused.status_code == 401


def test_a_balance_that_rested_for_a_day_says_so(emulator: Emulator, sandbox: Sandbox) -> None:
    for _ in range(3):
        order(sandbox)
        sandbox.clock.advance(10)
    sandbox.clock.advance("27h")
    told = httpx.get(emulator.url + ui(sandbox, "wallet")).text
    assert told.count('<line class="pause"') == 1
    assert "where nothing was booked for 1 day, 3:00:10" in told


def test_a_hostile_prompt_stays_text_everywhere(emulator: Emulator, sandbox: Sandbox) -> None:
    job = order(sandbox, HOSTILE)
    sandbox.jobs.finish(job)
    sandbox.control.save_snapshot(sandbox.id, name=HOSTILE)
    with opened(emulator, ui(sandbox, "jobs")) as page:
        tabs = ("jobs", f"jobs/{job}", "requests", "requests/1", "snapshots", "wallet?account=x")
        for tab in (*tabs, f"requests?text={HOSTILE}", "time", "nowhere<script>"):
            page.goto(emulator.url + ui(sandbox, tab))
            assert page.title() not in ("1", "2")
            assert page.locator("img, main script").count() == 0
            if tab in tabs[:2]:
                assert "onerror" in page.locator("main").text_content()
            if page.locator("[role=alert]").count():
                page.troubles.clear()  # the browser notes a 404 or 422 itself
        assert page.troubles == []


def test_every_tab_is_readable_on_a_phone(emulator: Emulator, sandbox: Sandbox) -> None:
    job = order(sandbox, "a very long prompt " * 10)
    order(sandbox, vendor="leonardo")
    sandbox.jobs.finish(job)
    with opened(emulator, ui(sandbox, "jobs")) as page:
        page.set_viewport_size({"width": 360, "height": 740})
        for tab in (
            *("jobs", "requests", "wallet", "time", "direct", "webhooks", "snapshots", "keys"),
            *(f"jobs/{job}", "requests/1"),
        ):
            page.goto(emulator.url + ui(sandbox, tab))
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, tab
            unnamed = page.evaluate(
                "[...document.querySelectorAll('button, input:not([type=hidden]), select')]"
                ".filter(one => !one.hidden && !one.labels?.length"
                " && !one.getAttribute('aria-label') && !one.textContent.trim())"
                ".map(one => one.outerHTML)"
            )
            assert unnamed == [], tab


def test_forms_work_without_javascript(emulator: Emulator, sandbox: Sandbox) -> None:
    from tests.web.browser import chromium

    order(sandbox)
    with chromium() as running:
        page = running.new_context(java_script_enabled=False).new_page()
        page.goto(emulator.url + ui(sandbox, "jobs"))
        page.get_by_role("button", name="finish").click()
        assert page.locator(".chip.succeeded").text_content() == "succeeded"


def test_a_hidden_tab_lets_its_stream_go_and_takes_it_up_again(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    from playwright.sync_api import expect

    streams = emulator.app.streams
    with opened(emulator, ui(sandbox, "jobs")) as page:
        page.wait_for_selector("#stream[data-state=live]")
        assert streams.open == 1
        hide = (
            "hidden => { Object.defineProperty(document, 'hidden',"
            " {value: hidden, configurable: true});"
            " document.dispatchEvent(new Event('visibilitychange')); }"
        )
        page.evaluate(hide, True)
        expect(page.locator("#live-word")).to_have_text("paused")
        for _ in range(100):
            if not streams.open:
                break
            page.wait_for_timeout(50)
        assert streams.open == 0
        order(sandbox)
        page.evaluate(hide, False)
        expect(page.locator("tr.job")).to_have_count(1)
        assert streams.open == 1


def test_a_report_of_the_judge_is_handed_in_and_opened(emulator: Emulator) -> None:
    from playwright.sync_api import expect

    with opened(emulator, "/_bodydouble/ui/judge") as page:
        expect(page.locator(".empty")).to_contain_text("No report was handed in yet")
        emulator.control.put_report(REPORT)
        page.reload()
        expect(page.locator(".matrix tbody tr")).to_have_count(2)
        page.get_by_role("link", name="broken").click()
        expect(page.locator("#opened")).to_have_text("MON-01 at a/b: broken")
        expect(page.locator("main")).to_contain_text("expected <b>that</b>")
        assert page.locator("main b").count() == 0
        page.locator("textarea").fill(json.dumps({**REPORT, "cells": []}))
        page.get_by_role("button", name="open").click()
        expect(page.locator(".matrix .chip")).to_have_count(0)
        assert emulator.control.report()["cells"] == []


def test_what_is_no_report_is_refused_and_the_last_one_stays(emulator: Emulator) -> None:
    from bodydouble.client import ControlError

    emulator.control.put_report(REPORT)
    for bad in ({}, {**REPORT, "report": 2}, {**REPORT, "cells": [{"verdict": "held"}]}):
        with pytest.raises(ControlError):
            emulator.control.put_report(bad)
    assert emulator.control.report()["made"] == REPORT["made"]


def test_ten_thousand_of_everything_are_paged_and_asked_for_a_page_at_a_time(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    sandbox.webhooks.subscribe(vendor="smartlyq")
    job = order(sandbox, "x" * 1000)
    sandbox.jobs.finish(job)
    sandbox.clock.advance(1)
    made = emulator.control.import_sandbox(crowded(sandbox.control.export(sandbox.id)))["id"]

    def told(tab: str) -> str:
        answer = httpx.get(f"{emulator.url}/_bodydouble/ui/{made}/{tab}", timeout=60)
        assert answer.status_code == 200, tab
        assert len(answer.content) < 150_000, tab
        return answer.text

    for tab in TABS:
        told(tab)
    for tab, count in (("jobs", 10_000), ("requests", 4_000), ("webhooks", 10_000)):
        what = {"webhooks": "deliveries"}.get(tab, tab)
        assert f"1–50 of {count} {what}" in told(tab)
        last = told(f"{tab}?offset={count - 50}")
        assert f"{count - 49}–{count} of {count} {what}" in last
        assert ">older<" not in last
        assert f"{tab} from:#stream" in told(tab)
        assert f"{tab} from:#stream" not in last, "rows of an older page move by themselves"
    assert "the newest 200 of 10002" in told("wallet")
    assert told("wallet?cost=1").count("nobody asked for it") == 50
    (charge,) = sandbox.control.entries(sandbox.id, "smartlyq/main", job=job)
    assert told(f"jobs/{job}").count(f'<td class="n">{charge["amount"]}</td>') == 50


def test_the_token_is_asked_for_once_and_opens_everything() -> None:
    from playwright.sync_api import expect

    with Emulator(seed=1, control_token="hush") as emulator, opened(emulator) as page:
        page.troubles.clear()  # the browser notes the 401 itself
        page.locator("[name=token]").fill("hush")
        page.keyboard.press("Enter")
        page.wait_for_selector("#stream[data-state=live]")
        page.get_by_role("button", name="make a sandbox").click()
        page.get_by_role("link", name=re.compile("^open ")).click()
        expect(page.locator("#live .empty")).to_contain_text("No job yet.")
        assert page.evaluate("document.cookie") == ""
