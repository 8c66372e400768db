"""An event is told by the sandbox it happened in: not by its copy, and again if it is rewound."""

from __future__ import annotations

from typing import Any

from bodydouble.web.control.sandbox_copies import LEFT
from tests.webhooks.session import WebhookSession, receiving

PLANE = "http://127.0.0.1/_bodydouble/sandboxes"
# A job of some four seconds ends soon, and not before a snapshot and a fork are made.
BRISK = 4.0


async def plane(session: WebhookSession, method: str, path: str, body: Any = None) -> Any:
    """The JSON of a request to the control plane that must succeed."""
    reply = await session.client.request(method, PLANE + path, json=body)
    assert reply.status_code < 300, reply.text
    return reply.json()


async def deliveries(session: WebhookSession, id: str) -> list[Any]:
    """A sandbox's deliveries: status, number of tries, and the last error."""
    listed = (await plane(session, "GET", f"/{id}/deliveries"))["deliveries"]
    return [
        (one["status"], one["attempt"], one["attempts"][-1]["error"] if one["attempts"] else "")
        for one in listed
    ]


async def copied(session: WebhookSession, how: str) -> str:
    """A copy of the session's sandbox that is a sandbox of its own; its id."""
    if how == "fork":
        return str((await plane(session, "POST", f"/{session.sandbox}/forks"))["id"])
    document = await plane(session, "GET", f"/{session.sandbox}/export")
    return str((await plane(session, "POST", "/import", document))["id"])


async def test_what_is_undelivered_is_left_to_the_original_of_a_copy() -> None:
    for how in ("fork", "import"):
        session = WebhookSession()
        async with receiving(500, 200) as receiver:
            await session.hook(receiver.url)
            await session.job()
            await session.travel(60)
            assert await deliveries(session, session.sandbox) == [
                ("pending", 1, "the receiver answered 500")
            ]
            copy = await copied(session, how)
            await plane(session, "PATCH", f"/{copy}/clock", {"advance_s": 7200})
            assert len(receiver.got) == 1, f"the {how} sent it, too"
            assert await deliveries(session, copy) == [("dead_letter", 1, LEFT)]
            await session.travel(7200)
        assert len(receiver.got) == 2
        assert (await deliveries(session, session.sandbox))[0][:2] == ("delivered", 2)


async def test_what_waits_to_be_sent_at_the_instant_of_a_fork_leaves_once() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.jump(60)
        # Somebody looks, so that what was due is put out for sending.
        await plane(session, "GET", f"/{session.sandbox}")
        copy = await copied(session, "fork")
        await plane(session, "PATCH", f"/{copy}/clock", {"advance_s": 7200})
        assert receiver.got == []
        await session.travel(1)
    assert len(receiver.got) == 1


async def test_what_a_fork_did_not_send_can_be_sent_from_it_by_hand() -> None:
    session = WebhookSession()
    async with receiving(500, 200) as receiver:
        await session.hook(receiver.url)
        await session.job()
        await session.travel(60)
        copy = await copied(session, "fork")
        sent = await plane(session, "POST", f"/{copy}/deliveries/1/retry")
    assert (sent["status"], len(receiver.got)) == ("delivered", 2)


async def test_what_happens_after_a_fork_is_told_by_each_of_the_two() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        job = await session.job()
        copy = await copied(session, "fork")
        await plane(session, "PATCH", f"/{copy}/jobs/{job}", {"fail": "timeout"})
        await session.travel(60)
    assert [got.json["event"] for got in receiver.got] == ["job.failed", "job.completed"]


async def test_a_rewound_sandbox_tells_its_future_again() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.hook(receiver.url)
        await session.job()
        saved = await plane(session, "POST", f"/{session.sandbox}/snapshots")
        await session.travel(60)
        await plane(session, "PUT", f"/{session.sandbox}/snapshots/{saved['id']}/restore")
        await session.travel(60)
    assert len(receiver.got) == 2
    assert receiver.got[0].body == receiver.got[1].body


async def test_webhooks_of_a_fork_and_of_a_rewound_sandbox_leave_although_nobody_asks() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        await session.app.startup()
        await session.hook(receiver.url)
        await session.job()
        await plane(session, "PATCH", f"/{session.sandbox}/clock", {"rate": BRISK})
        saved = await plane(session, "POST", f"/{session.sandbox}/snapshots")
        await copied(session, "fork")
        await receiver.until(2)
        await plane(session, "PUT", f"/{session.sandbox}/snapshots/{saved['id']}/restore")
        await receiver.until(3)
        await session.app.shutdown()
    assert len({got.body for got in receiver.got}) == 1


async def test_the_links_of_a_forks_callbacks_lead_into_the_fork() -> None:
    session = WebhookSession()
    async with receiving() as receiver:
        made = await plane(session, "POST", "", {"rate": 0})
        asked = {"provider": "leonardo", "callback_url": receiver.url}
        key = (await plane(session, "POST", f"/{made['id']}/keys", asked))["key"]
        reply = await session.client.post(
            "http://127.0.0.1/leonardo/api/rest/v1/generations-text-to-video",
            json={"prompt": "a curtain rises", "resolution": "RESOLUTION_480"},
            headers={"authorization": f"Bearer {key}"},
        )
        assert reply.status_code == 200, reply.text
        fork = await plane(session, "POST", f"/{made['id']}/forks")
        await plane(session, "PATCH", f"/{fork['id']}/clock", {"advance_s": 3600})
    (image,) = receiver.got[0].json["data"]["object"]["images"]
    assert f"/cdn/{fork['id']}/" in image["motionMP4URL"]
