"""A session with Gemini, and the orders that its tests make."""

from __future__ import annotations

from typing import Any

from bodydouble.core.chance import Draw
from bodydouble.providers import load
from tests.vendors.session import Session

MODEL = "gemini-omni-1.2-flash"
VEO = "veo-3.1-fast-generate-preview"
FORMAT = {"type": "video", "duration": "3s", "resolution": "360p", "delivery": "uri"}
INTERACTIONS = "/v1beta/interactions"
PREDICT = f"/v1beta/models/{VEO}:predictLongRunning"


def session(**settings: Any) -> Session:
    """A session whose key stands in the vendor's own header."""
    secret = load("gemini").mint_key(Draw(0, "tests"))
    made = Session("/gemini", secret, **settings)
    made.headers = {"x-goog-api-key": secret}
    return made


async def interaction(one: Session, text: str = "a boat", **more: Any) -> Any:
    """An interaction in the background, as it was answered."""
    asked = {"model": MODEL, "input": text, "background": True, "response_format": FORMAT}
    answer = await one.post(INTERACTIONS, {**asked, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def prediction(one: Session, prompt: str = "a boat", **parameters: Any) -> str:
    """The name of an operation."""
    parameters = {"durationSeconds": 4, **parameters}
    body = {"instances": [{"prompt": prompt}], "parameters": parameters}
    answer = await one.post(PREDICT, body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["name"])
