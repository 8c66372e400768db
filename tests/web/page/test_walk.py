"""A newcomer's walk through the page in a Chromium: nothing is reloaded, nothing is refused by the
policy, and what a button says is what the sandbox does."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bodydouble.testing import Emulator
from bodydouble.testing.sandbox import Sandbox
from tests.vendors.asking import asking
from tests.web.browser import needed
from tests.web.page.opening import opened

pytestmark = [pytest.mark.browser, needed]
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>{{7*7}}'


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1) as running:
        yield running


@pytest.fixture
def sandbox(emulator: Emulator) -> Iterator[Sandbox]:
    with emulator.sandbox(seed=7) as made:
        yield made


def order(sandbox: Sandbox, prompt: str = "a fox", vendor: str = "smartlyq", **more: Any) -> str:
    """A job, ordered over a socket as any client would; its id, or the status of a refusal."""
    known = asking(vendor)
    answer = httpx.post(
        sandbox.emulator.url + known.submit_path,
        json=known.body(prompt, **more),
        headers=known.headers(sandbox.keys[vendor]),
    )
    return known.job(answer) if answer.is_success else str(answer.status_code)


def ui(sandbox: Sandbox, tab: str) -> str:
    return f"/_bodydouble/ui/{sandbox.id}/{tab}"


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
                ".filter(one => !one.labels?.length && !one.getAttribute('aria-label')"
                " && !one.textContent.trim()).map(one => one.outerHTML)"
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
