"""A newcomer's walk through the page in a Chromium: nothing is reloaded, nothing is refused by the
policy, and what a button says is what the sandbox does."""

from __future__ import annotations

import subprocess

import pytest

from bodydouble.testing import Emulator
from bodydouble.testing.sandbox import Sandbox
from tests.web.browser import needed
from tests.web.page.opening import opened, order, ui

pytestmark = [pytest.mark.browser, needed]


def test_a_newcomer_pastes_sees_plays_fails_and_moves_time(emulator: Emulator) -> None:
    from playwright.sync_api import expect

    with opened(emulator) as page:
        page.wait_for_selector("#stream[data-state=live]")
        snippet = page.locator("#snippet-smartlyq-curl").text_content()
        done = subprocess.run(["bash", "-c", snippet], capture_output=True, check=False, timeout=60)
        assert b"job_" in done.stdout, done
        page.locator("#live tbody a").first.click()
        page.wait_for_selector("#stream[data-state=live]")
        rows = page.locator("tr.job")
        expect(rows).to_have_count(1)
        # Another arrives while somebody looks.
        subprocess.run(["bash", "-c", snippet], capture_output=True, check=True, timeout=60)
        expect(rows).to_have_count(2)
        expect(page.locator("rect.future").first).to_be_attached()
        # The newer is let fail; its money comes back.
        rows.nth(0).get_by_role("button", name="fail", exact=True).click()
        expect(rows.nth(0).locator(".chip.failed")).to_have_text("failed")
        expect(rows.nth(0)).to_contain_text("refunded")
        page.get_by_role("link", name="wallet").click()
        expect(page.locator("#live")).to_contain_text("refund")
        expect(page.locator("polyline")).to_be_attached()
        # Time is moved until the other ends, from its own page, and its film is played.
        page.get_by_role("link", name="jobs").click()
        rows.nth(1).locator("a").click()
        page.get_by_role("button", name="move time until it ends").click()
        expect(page.locator("h1 .chip")).to_have_text("succeeded")
        film = page.locator("video")
        assert page.evaluate("fetch(document.querySelector('video').poster).then(a => a.status)")
        film.evaluate("video => { video.muted = true; return video.play(); }")
        page.wait_for_timeout(0)
        film.evaluate(
            "video => new Promise(done => video.addEventListener('timeupdate',"
            " () => video.currentTime > 0 && done()))"
        )
        width = film.evaluate("video => [video.videoWidth, video.videoHeight]")
        assert width == film.evaluate(
            "video => [+video.getAttribute('width'), +video.getAttribute('height')]"
        )


def test_a_film_plays_on_while_other_jobs_come(emulator: Emulator, sandbox: Sandbox) -> None:
    from playwright.sync_api import expect

    order(sandbox, small=True)
    sandbox.clock.until_idle()
    with opened(emulator, ui(sandbox, "jobs")) as page:
        page.wait_for_selector("#stream[data-state=live]")
        page.locator("video").evaluate("video => { window.film = video; video.load(); }")
        order(sandbox)
        expect(page.locator("tr.job")).to_have_count(2)
        assert page.evaluate("document.querySelector('video') === window.film")


def test_the_clock_freezes_flows_and_goes_to_what_is_next(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    from playwright.sync_api import expect

    job = order(sandbox, "a fox [[bodydouble: finish after=60s]]")
    with opened(emulator, ui(sandbox, "time")) as page:
        before = sandbox.clock.read()["now_us"]
        page.get_by_role("button", name="+10 s").click()
        expect(page.locator("h1")).to_have_text("Time")
        assert sandbox.clock.read()["now_us"] == before + 10_000_000
        page.get_by_role("button", name=f"until {job} ends").click()
        expect(page.locator("#live")).to_contain_text("Nothing is due.")
        assert sandbox.jobs.get(job)["state"] == "succeeded"
        order(sandbox)
        expect(page.locator("#live")).not_to_contain_text("Nothing is due.")
        due = sandbox.control.schedule(sandbox.id)[0]["at"]
        page.get_by_role("button", name="next event").click()
        expect(page.locator("h1")).to_have_text("Time")
        assert sandbox.clock.read()["now"] == due
        page.get_by_role("button", name="×10").click()
        expect(page.locator("#state .chip")).to_have_text("×10")
        assert sandbox.clock.read()["rate"] == 10
        page.get_by_role("button", name="freeze").click()
        expect(page.locator("#state .chip")).to_have_text("frozen")
        # What a script does is seen, too.
        sandbox.clock.flow(3)
        expect(page.locator("#state .chip")).to_have_text("×3")
        sandbox.clock.freeze()
        page.locator("input[name=to]").fill("1999-01-01T00:00:00Z")
        with_error = page.expect_response(lambda answer: "/do/clock" in answer.url)
        with with_error as caught:
            page.get_by_role("button", name="go").click()
        assert caught.value.status == 409
        expect(page.locator("[role=alert]")).to_contain_text("time only moves forward")
        page.troubles.clear()  # the browser notes the 409 itself


def test_a_fault_is_armed_strikes_once_and_says_so(emulator: Emulator, sandbox: Sandbox) -> None:
    from playwright.sync_api import expect

    with opened(emulator, ui(sandbox, "direct")) as page:
        arrival = page.get_by_role("form", name="arrival")
        arrival.locator("[name=status]").fill("503")
        arrival.get_by_role("button", name="arm").click()
        expect(page.locator("#f1")).to_contain_text("status at arrival 503")
        page.wait_for_selector("#stream[data-state=live]")
        assert order(sandbox) == "503"
        assert order(sandbox).startswith("job_")
        expect(page.locator("#f1 td").nth(4)).to_have_text("1")
        expect(page.locator("#f1 td").nth(3)).to_have_text("0")
        page.get_by_role("link", name="requests").click()
        expect(page.locator("#r1 .chip")).to_have_text("fault f1")
        page.locator("#r1 a").first.click()
        expect(page.locator(".verdict")).to_contain_text("503")
        assert '"status": 503' in page.locator("#as-fault").text_content()


def test_a_scenario_is_put_in_force_and_a_banner_says_so(
    emulator: Emulator, sandbox: Sandbox
) -> None:
    from playwright.sync_api import expect

    with opened(emulator, ui(sandbox, "direct")) as page:
        page.locator("select[name=name]").select_option("moderated")
        page.get_by_role("button", name="put in force").click()
        expect(page.locator("#state")).to_contain_text("scenario moderated")
        assert page.locator("#cue-1").text_content() == "[[bodydouble: finish]]"
