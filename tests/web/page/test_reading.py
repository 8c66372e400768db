"""Somebody reads and presses keys: nothing moves under their eyes, and everything is in reach."""

from __future__ import annotations

from typing import Any

import pytest

from bodydouble.testing import Emulator
from bodydouble.testing.sandbox import Sandbox
from tests.vendors.asking import asking
from tests.web.browser import needed
from tests.web.page.furnished import furnished
from tests.web.page.opening import opened, order, ui

pytestmark = [pytest.mark.browser, needed]
# What can be pressed is put into the set `left`.
REACHABLE = (
    "(window.left = new Set([...document.querySelectorAll("
    "'a[href], button, input, select, textarea, summary')]"
    ".filter(one => one.checkVisibility() && !one.disabled)), left.size)"
)
# Where a row is on the screen, to a pixel.
TOP = "row => Math.round(row.getBoundingClientRect().top)"


def scrolled_to(page: Any, row: Any) -> int:
    """Scrolls until the row is in the middle; where it is then."""
    page.wait_for_selector("#stream[data-state=live]")
    row.evaluate("row => row.scrollIntoView({block: 'center'})")
    page.wait_for_function("document.querySelector('[data-grows]').getBoundingClientRect().top < 0")
    top: int = row.evaluate(TOP)
    return top


def test_new_requests_are_counted_and_move_nothing_until_one_goes_up(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    from playwright.sync_api import expect

    for number in range(45):
        order(sandbox, f"film {number}")
    with opened(emulator, ui(sandbox, "requests")) as page:
        page.set_viewport_size({"width": 1000, "height": 500})
        read = page.locator("#r20")
        top = scrolled_to(page, read)
        order(sandbox)
        expect(page.locator("#above")).to_have_text("1 new requests ↑")
        for _ in range(9):
            order(sandbox)
        expect(page.locator("#above")).to_have_text("10 new requests ↑")
        assert read.evaluate(TOP) == top
        assert page.locator("#r46").count() == 0
        # Of the newest fifty, some are older than was shown: what is read stays all the same.
        assert page.locator("#r1").count() == 1
        page.keyboard.press("u")
        expect(page.locator(".rows tbody tr").first).to_have_attribute("id", "r55")
        expect(page.locator("#above")).to_be_hidden()
        expect(page.locator(".rows tbody tr")).to_have_count(50)
        assert page.evaluate("scrollY") == 0
        order(sandbox)
        expect(page.locator("#r56")).to_be_visible()


def test_more_than_a_page_of_news_is_said_to_be_more(emulator: Emulator, sandbox: Sandbox) -> None:
    from playwright.sync_api import expect

    for _ in range(50):
        order(sandbox)
    with opened(emulator, ui(sandbox, "requests")) as page:
        page.set_viewport_size({"width": 1000, "height": 500})
        top = scrolled_to(page, page.locator("#r10"))
        for _ in range(51):
            order(sandbox)
        expect(page.locator("#above")).to_have_text("50 or more new requests ↑")
        assert page.locator("#r10").evaluate(TOP) == top
        page.locator("#above").click()
        expect(page.locator("#r101")).to_be_visible()


def test_a_job_one_reads_ends_where_it_is_while_others_come(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    from playwright.sync_api import expect

    jobs = [order(sandbox, f"film {number}") for number in range(12)]
    with opened(emulator, ui(sandbox, "jobs")) as page:
        page.set_viewport_size({"width": 1000, "height": 500})
        read = page.locator(f"#job-{jobs[2]}")
        top = scrolled_to(page, read)
        order(sandbox)
        sandbox.jobs.cancel(jobs[2])
        expect(read.locator(".chip").first).to_have_text("canceled")
        expect(page.locator("#above")).to_have_text("1 new jobs ↑")
        # Without its buttons columns are as wide as others need; a row more would be 90 pixels.
        assert abs(read.evaluate(TOP) - top) < 40
        # Scrolled up by hand, the page is as new as if one had never been away.
        page.evaluate("scrollTo(0, 0)")
        expect(page.locator("tr.job")).to_have_count(13)
        expect(page.locator("#above")).to_be_hidden()


def test_a_question_mark_shows_the_keys_and_escape_closes_them(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    from playwright.sync_api import expect

    order(sandbox)
    order(sandbox)
    with opened(emulator, ui(sandbox, "requests")) as page:
        keys = page.locator("dialog#keys")
        expect(keys).to_be_hidden()
        page.keyboard.press("?")
        expect(keys).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("Escape")
        expect(keys).to_be_hidden()
        page.keyboard.press("j")
        expect(page.locator("#r2 a").first).to_be_focused()
        page.keyboard.press("j")
        expect(page.locator("#r1 a").first).to_be_focused()
        page.keyboard.press("/")
        expect(page.locator("input[type=search]")).to_be_focused()
        page.keyboard.type("?3")
        expect(keys).to_be_hidden()
        page.keyboard.press("Tab")
        page.locator("#main").focus()
        page.keyboard.press("3")
        expect(page.locator("h1")).to_have_text("Wallet")
        page.get_by_role("button", name="keys").click()
        expect(keys).to_be_visible()
        page.get_by_role("button", name="close").click()
        expect(keys).to_be_hidden()


def test_all_that_can_be_pressed_can_be_reached_by_the_tabulator(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    with opened(emulator) as page:
        for path in furnished(emulator, sandbox):
            page.goto(emulator.url + path)
            if page.locator("#stream").count():
                page.wait_for_selector("#stream[data-state=live]")
            wanted = page.evaluate(REACHABLE)
            for _ in range(2 * wanted + 40):
                page.keyboard.press("Tab")
                left = page.evaluate("(left.delete(document.activeElement), left.size)")
                if not left:
                    break
            assert not left, page.evaluate("[...left].map(one => one.outerHTML)")


def test_a_key_made_elsewhere_appears(emulator: Emulator, sandbox: Sandbox) -> None:
    from playwright.sync_api import expect

    with opened(emulator, ui(sandbox, "keys")) as page:
        page.wait_for_selector("#stream[data-state=live]")
        before = page.locator(".rows tbody tr").count()
        sandbox.add_key("smartlyq", account="elsewhere")
        expect(page.locator(".rows tbody tr")).to_have_count(before + 1)
        # Where one is told, as well, and what is told stays.
        page.get_by_role("button", name="make a key").click()
        page.wait_for_selector("#stream[data-state=live]")
        told = page.locator("#made-key").text_content()
        sandbox.add_key("leonardo", account="elsewhere")
        expect(page.locator(".rows tbody tr", has_text="leonardo/elsewhere")).to_have_count(1)
        assert page.locator("#made-key").text_content() == told


def test_who_has_no_receiver_reads_what_was_sent_in_the_inbox(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    from playwright.sync_api import expect

    with opened(emulator, ui(sandbox, "webhooks")) as page:
        page.wait_for_selector("#stream[data-state=live]")
        inbox = page.locator("#inbox").text_content()
        sandbox.webhooks.subscribe(vendor="smartlyq", url=inbox + "films")
        expect(page.locator("table").first).to_contain_text(inbox + "films")
        sandbox.jobs.finish(order(sandbox))
        sandbox.clock.advance(1)
        page.get_by_role("link", name="job.completed").first.click()
        expect(page.locator("h2 .chip")).to_have_text("delivered")
        expect(page.locator(".facts .chip.good")).to_have_text("valid")
        expect(page.locator("#payload")).to_contain_text("job.completed")
        expect(page.locator("main")).to_contain_text("kept in the inbox")
    assert sandbox.webhooks.received == []


@pytest.mark.parametrize("vendor", ["leonardo"])
def test_the_inbox_takes_what_a_keys_address_is_told(
    emulator: Emulator, sandbox: Sandbox, vendor: str
) -> None:
    key = sandbox.webhooks.callback_key(vendor, url="https://inbox.example/")
    known = asking(vendor)
    import httpx

    answer = httpx.post(
        emulator.url + known.submit_path, json=known.body("a fox"), headers=known.headers(key)
    )
    sandbox.jobs.finish(known.job(answer))
    sandbox.clock.advance(1)
    (one,) = sandbox.control.deliveries(sandbox.id)
    assert (one["status"], one["attempts"][0]["code"]) == ("delivered", 200)
