"""The log answers what was called, in other people's formats too, and tells no secret."""

from __future__ import annotations

from bodydouble.web.settings import Settings
from tests.control.session import control_session


async def test_the_log_is_filtered_and_told_with_every_decision() -> None:
    async with control_session() as session:
        job = (await session.submit()).json()["data"]["job_uid"]
        await session.poll(job)
        await session.poll("job_unknown")
        await session.submit("leonardo")

        async def serials(query: str) -> list[int]:
            listed = await session.done("GET", f"/requests?{query}")
            return [one["serial"] for one in listed["requests"]]

        assert await serials("") == [4, 3, 2, 1]
        assert await serials("provider=leonardo") == [4]
        assert await serials("path=/v1/jobs/*") == [3, 2]
        assert await serials("status=404") == [3]
        assert await serials(f"job={job}") == [2, 1]
        assert await serials("since=2&limit=1") == [4]
        assert await serials("since=2001-01-01") == [4, 3, 2, 1]
        assert (await session.ask("GET", "/requests?stauts=404")).status_code == 422
        first = await session.done("GET", "/requests/1")
        assert first["decisions"][0]["policy"] == "requests"
        assert first["cost"] == "0.0700"


async def test_verify_counts_and_shows_what_came_nearest() -> None:
    async with control_session() as session:
        await session.submit(prompt="a fox")
        asked = {"provider": "smartlyq", "method": "POST", "body": {"prompt": "a fox"}}
        verdict = await session.done("POST", "/requests/verify", {**asked, "times": 1})
        assert (verdict["matched"], verdict["ok"], verdict["nearest"]) == (1, True, None)
        asked["body"] = {"prompt": "a hen"}
        verdict = await session.done("POST", "/requests/verify", asked)
        assert (verdict["matched"], verdict["ok"]) == (0, False)
        assert verdict["nearest"]["differences"] == ["body.prompt: 'a fox', not 'a hen'"]
        never = {**asked, "times": 0}
        assert (await session.done("POST", "/requests/verify", never))["ok"] is True


async def test_har_and_curl_carry_the_request_and_no_secret() -> None:
    async with control_session() as session:
        await session.submit(prompt="it's a fox")
        har = await session.done("GET", "/requests.har")
        (entry,) = har["log"]["entries"]
        assert entry["request"]["url"].endswith("/smartlyq/v1/videos/generate")
        assert "it's a fox" in entry["request"]["postData"]["text"]
        command = (await session.done("GET", "/requests/1/curl"))["curl"]
        assert '-H "authorization: Bearer $BODYDOUBLE_KEY"' in command
        assert "it'\"'\"'s a fox" in command
        for path in ("/requests", "/requests.har", "/requests/1/curl", "/export"):
            assert session.keys["smartlyq"] not in (await session.ask("GET", path)).text


async def test_hints_say_why_and_without_them_there_is_no_trace() -> None:
    async with control_session(
        hints=True, quirks={"smartlyq.error_dialect": "examples"}
    ) as session:
        key = await session.done("POST", "/keys", {"provider": "smartlyq", "rate_limit": 1})
        session.keys["smartlyq"] = key["key"]
        await session.submit()
        hint = (await session.submit()).headers["x-bodydouble-hint"]
        assert "all 1 are used" in hint
        assert "advance it by 60 s" in hint
        assert "quirk smartlyq.error_dialect=examples" in hint
    async with control_session() as session:
        await session.done("POST", "/faults", {"point": "arrival", "kind": "status", "status": 500})
        answer = await session.submit()
        assert answer.status_code == 500
        assert not [name for name in answer.headers if "bodydouble" in name]
        assert "bodydouble" not in answer.text


async def test_a_slip_in_the_path_or_the_method_is_in_the_log_of_its_key() -> None:
    async with control_session() as session:
        await session.done("PATCH", "/clock", {"advance": "30d"})
        moved = (await session.submit()).json()["meta"]["timestamp"]
        key = {"authorization": f"Bearer {session.keys['smartlyq']}"}
        for method, path, status in (
            ("GET", "/smartlyq/v1/job/1", 404),
            ("DELETE", "/smartlyq/v1/videos/generate", 405),
        ):
            answer = await session.client.request(method, path, headers=key)
            assert answer.status_code == status
            assert answer.json()["meta"]["timestamp"] >= moved, "told by another clock"
            (line,) = (await session.done("GET", f"/requests?status={status}"))["requests"]
            assert (line["method"], line["path"]) == (method, path.removeprefix("/smartlyq"))
        without = await session.client.get("/smartlyq/v1/job/1")
        assert without.status_code == 404, "where nothing is, nobody is asked for a key"


async def test_where_nothing_is_nobody_is_told_that_there_is_no_room() -> None:
    async with control_session(Settings(seed=1, sandboxes_max=1)) as session:
        key = {"authorization": "Bearer sqk_live_somebody"}
        assert (await session.client.get("/smartlyq/v1/job/1", headers=key)).status_code == 404
        assert (await session.client.get("/smartlyq/v1/me", headers=key)).status_code >= 500
