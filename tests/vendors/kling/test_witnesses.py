"""Kling has no official client: PyJWT signs, httpx asks as its pages show, its verifier verifies.

The signed part is written as the vendor's own samples are, and once as new-api has it; over a
socket, with the environment that the emulator hands out. The verifier is the one that the
vendor's page on callbacks names.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator
from typing import Any

import httpx
import pytest

from bodydouble.testing import Emulator, Sandbox
from tests.vendors import clients

SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="
BOAT = {"model_name": "kling-v2-5-turbo", "prompt": "a boat", "mode": "std", "duration": "5"}
TURBO = {"prompt": "a boat", "settings": {"duration": 3}}
PATH = "/v1/videos/text2video"

pytestmark = [
    pytest.mark.registry,
    pytest.mark.slow,
    # The library's own warning of a short secret, whose class no other process could load.
    pytest.mark.filterwarnings("ignore:The HMAC key"),
]


@pytest.fixture(scope="module")
def jwt() -> Any:
    return clients.imported("PyJWT", "2.15.1", "jwt")


@pytest.fixture(scope="module")
def standardwebhooks() -> Any:
    return clients.imported("standardwebhooks", "1.1.0", "standardwebhooks.webhooks")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(seed=1, strict_keys=True) as running:
        yield running


@pytest.fixture
def sandbox(emulator: Emulator) -> Iterator[Sandbox]:
    with emulator.sandbox(seed=1) as fresh:
        yield fresh


class Signer(httpx.Auth):
    """A token for each request, as the samples of the authentication page make it."""

    def __init__(self, jwt: Any, sandbox: Sandbox, **changes: Any) -> None:
        env = sandbox.vendor("kling").env
        self.jwt, self.changes = jwt, changes
        self.access, self.secret = env["KLINGAI_ACCESS_KEY"], env["KLINGAI_SECRET_KEY"]

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        now = int(time.time())
        told = {"iss": self.access, "exp": now + 1800, "nbf": now - 5}
        told |= {name: now + by for name, by in self.changes.items() if name in told}
        secret = self.changes.get("secret", self.secret)
        algorithm = self.changes.get("algorithm", "HS256")
        token = self.jwt.encode(told, secret, algorithm=algorithm, headers={"typ": "JWT"})
        request.headers["Authorization"] = f"Bearer {token}"
        yield request


def asked(sandbox: Sandbox, auth: httpx.Auth | None = None, **headers: str) -> httpx.Client:
    vendor = sandbox.vendor("kling")
    return httpx.Client(base_url=vendor.base_url, auth=auth, headers=headers, timeout=60)


def test_a_signed_request_makes_a_film_that_downloads(jwt: Any, sandbox: Sandbox) -> None:
    with asked(sandbox, Signer(jwt, sandbox)) as client:
        made = client.post(PATH, json=BOAT).json()
        assert (made["code"], made["data"]["task_status"]) == (0, "submitted")
        id = made["data"]["task_id"]
        assert client.get(f"{PATH}/{id}").json()["data"]["task_status"] == "submitted"
        sandbox.clock.advance("6s")
        assert client.get(f"{PATH}/{id}").json()["data"]["task_status"] == "processing"
        sandbox.clock.advance("10m")
        done = client.get(f"{PATH}/{id}").json()["data"]
        assert (done["task_status"], done["final_unit_deduction"]) == ("succeed", "1.5")
        film = done["task_result"]["videos"][0]
        # Whoever downloads shows no token.
        file = httpx.get(film["url"], timeout=60)
        assert (file.status_code, file.headers["content-type"]) == (200, "video/mp4")
        assert (file.content[4:8], film["duration"]) == (b"ftyp", "5")
        # The sandbox's clock is ahead by now; a token is good by the clock of who signed it.
        assert client.get(PATH).json()["data"][0]["task_id"] == id


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": "x" * 32}, 1000),
        ({"algorithm": "HS512"}, 1002),
        ({"nbf": 60}, 1003),
        ({"exp": -1}, 1004),
    ],
)
def test_a_bad_token_is_refused_with_a_code_of_its_own(
    jwt: Any, sandbox: Sandbox, changes: dict[str, Any], code: int
) -> None:
    with asked(sandbox, Signer(jwt, sandbox, **changes)) as client:
        answer = client.get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_no_token_is_1001_and_a_strangers_is_1002(jwt: Any, sandbox: Sandbox) -> None:
    with asked(sandbox) as client:
        assert client.get(PATH).json()["code"] == 1001
    stranger = Signer(jwt, sandbox)
    stranger.access = "A" * 32
    with asked(sandbox, stranger) as client:
        assert client.get(PATH).json()["code"] == 1002


def test_the_newer_api_takes_keys_alone(jwt: Any, sandbox: Sandbox) -> None:
    with asked(sandbox, Signer(jwt, sandbox)) as client:
        answer = client.post("/text-to-video/kling-3.0-turbo", json=TURBO)
        assert (answer.status_code, answer.json()["code"]) == (401, 1002)
        assert "does not support AK/SK" in answer.json()["message"]
    key = sandbox.vendor("kling").env["KLINGAI_API_KEY"]
    with asked(sandbox, Authorization=f"Bearer {key}") as client:
        id = client.post("/text-to-video/kling-3.0-turbo", json=TURBO).json()["data"]["id"]
        sandbox.clock.advance("10m")
        (done,) = client.get("/tasks", params={"task_ids": id}).json()["data"]
    assert (done["status"], done["billing"][0]["amount"]) == ("succeeded", "2.4")
    assert httpx.get(done["outputs"][0]["url"], timeout=60).content[4:8] == b"ftyp"


def test_a_token_may_go_by_the_sandboxs_clock_instead(jwt: Any, emulator: Emulator) -> None:
    quirks = {"kling.token_clock": "sandbox"}
    with (
        emulator.sandbox(seed=1, quirks=quirks) as sandbox,
        asked(sandbox, Signer(jwt, sandbox)) as client,
    ):
        assert client.get(PATH).json()["code"] == 0
        sandbox.clock.advance("1h")
        assert client.get(PATH).json()["code"] == 1004


def test_new_api_orders_and_polls_as_it_does(jwt: Any, sandbox: Sandbox) -> None:
    # relay/channel/task/kling/adaptor.go: model twice, a scale always, and its own User-Agent.
    body = {
        "prompt": "a boat",
        "mode": "std",
        "duration": "5",
        "aspect_ratio": "1:1",
        "model_name": "kling-v1",
        "model": "kling-v1",
        "cfg_scale": 0.5,
    }
    headers = {"User-Agent": "kling-sdk/1.0", "Accept": "application/json"}
    with asked(sandbox, Signer(jwt, sandbox), **headers) as client:
        id = client.post(PATH, json=body).json()["data"]["task_id"]
        sandbox.clock.advance("10m")
        done = client.get(f"{PATH}/{id}").json()
    assert (done["code"], done["data"]["task_status"]) == (0, "succeed")
    assert done["data"]["task_result"]["videos"][0]["url"].endswith(".mp4")


def test_what_clients_are_refused_for(jwt: Any, sandbox: Sandbox) -> None:
    with asked(sandbox, Signer(jwt, sandbox)) as client:
        for _ in range(5):
            assert client.post(PATH, json=BOAT).status_code == 200
        crowded = client.post(PATH, json=BOAT)
        assert (crowded.status_code, crowded.json()["code"]) == (429, 1303)
        sandbox.clock.advance("10m")
        sandbox.accounts.set_balance("kling/main", "1")
        poor = client.post(PATH, json=BOAT)
        assert (poor.status_code, poor.json()["code"]) == (429, 1102)
        sandbox.accounts.top_up("kling/main", "10")
        prompt = "a boat [[bodydouble: fail=moderated after=1s]]"
        id = client.post(PATH, json={**BOAT, "prompt": prompt}).json()["data"]["task_id"]
        sandbox.clock.advance("10m")
        failed = client.get(f"{PATH}/{id}").json()["data"]
    assert failed["task_status"] == "failed"
    assert failed["task_status_msg"] == "Failure to pass the risk control system"
    assert failed["final_unit_deduction"] == "0"


def test_the_verifier_verifies_the_vendors_own_example(standardwebhooks: Any) -> None:
    body = (
        '{"id":"1234567890","status":"succeeded","message":"",'
        '"create_time":1781080778802,"update_time":1781080794151}'
    )
    signed = standardwebhooks.Webhook(SECRET).sign
    at = standardwebhooks.datetime.fromtimestamp(1781080794, tz=standardwebhooks.timezone.utc)
    told = signed("9876543210", at, body)
    assert told == "v1,UsKlJP00XoQyOn410NM9xv34sP+Gl0jnOO9Lcpr7NJ4="


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        (PATH, {**BOAT}, ["submitted", "processing", "succeed"]),
        ("/text-to-video/kling-3.0-turbo", TURBO, ["submitted", "processing", "succeeded"]),
    ],
)
def test_every_change_is_called_back_and_its_verifier_agrees(
    standardwebhooks: Any, sandbox: Sandbox, path: str, body: dict[str, Any], words: list[str]
) -> None:
    key = str(sandbox.add_key("kling", callback_secret=SECRET)["key"])
    inbox = sandbox.webhooks
    where = {"callback_url": inbox.url}
    order = {**body, **where} if path == PATH else {**body, "options": where}
    with asked(sandbox, Authorization=f"Bearer {key}") as client:
        assert client.post(path, json=order).status_code == 200
    sandbox.clock.advance("10m")
    inbox.settle()
    verifier = standardwebhooks.Webhook(SECRET)
    # The verifier looks at the real time, and the sandbox's is ahead: five minutes are allowed.
    told = [json.loads(one.body) for one in inbox.received]
    assert [one.get("task_status", one.get("status")) for one in told] == words
    first = inbox.received[0]
    assert verifier.verify(first.body, dict(first.headers)) == told[0]
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        verifier.verify(first.body.replace(b"submitted", b"succeeded"), dict(first.headers))


def test_without_a_secret_nothing_is_signed(sandbox: Sandbox) -> None:
    inbox = sandbox.webhooks
    with sandbox.vendor("kling").client() as client:
        client.post(PATH, json={**BOAT, "callback_url": inbox.url}).raise_for_status()
    sandbox.clock.advance("10m")
    inbox.settle()
    assert len(inbox.received) == 3
    assert not any("webhook-signature" in dict(one.headers) for one in inbox.received)
