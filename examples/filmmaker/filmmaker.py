"""Makes films with SmartlyQ: orders, waits, downloads, and knows what can go wrong on the way.

An order carries an idempotency key, so it can be repeated until it is answered and is paid once. A
refusal that names a pause gets that pause. Waiting has an end. What fails is refunded by the
vendor and told to the caller, never ordered again behind their back.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

ATTEMPTS = 5
POLL_S = 4.0
DEADLINE_S = 600.0
BACKOFF_S = 2.0
ENDED = {"completed", "failed", "cancelled"}


class NoFilm(Exception):
    """There is no film, and the text says why."""


class TooPoor(NoFilm):
    """The wallet does not hold what the film costs."""

    def __init__(self, message: str, details: dict[str, Any]) -> None:
        super().__init__(message)
        self.details = details


class Objectionable(NoFilm):
    """Moderation stopped it: another prompt is needed, another try is not."""


class Failed(NoFilm):
    """The provider could not make it; the vendor gives the money back."""


class TooLate(NoFilm):
    """It was not done by the deadline, and was cancelled."""


class Unreachable(NoFilm):
    """The vendor did not answer, however often it was asked."""


@dataclass(frozen=True, slots=True)
class Film:
    """A film that was made."""

    job: str
    url: str
    cost: str


class Filmmaker:
    """One customer of SmartlyQ. ``sleep`` is how it waits."""

    def __init__(
        self,
        api_key: str,
        base_url: str = "https://api.smartlyq.com/v1",
        *,
        sleep: Callable[[float], object] = time.sleep,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._http = httpx.Client(
            base_url=base_url, headers={"authorization": f"Bearer {api_key}"}, timeout=20
        )
        self._sleep = sleep
        self._deadline_s = deadline_s

    def close(self) -> None:
        """Lets go of the connections."""
        self._http.close()

    def film(self, prompt: str, model: str = "kling-v2-1") -> Film:
        """Orders a film and waits for it. NoFilm, by its kind, where there is none."""
        job, cost = self.order(prompt, model)
        return Film(job, self.wait(job), cost)

    def order(self, prompt: str, model: str = "kling-v2-1") -> tuple[str, str]:
        """(job, cost) of an accepted order. TooPoor, Objectionable, Unreachable, NoFilm."""
        asked = {"model": model, "type": "text_to_video", "prompt": prompt}
        # Made once, before the first attempt: a repeated order is the same order.
        key = str(uuid.uuid4())
        said = self._ask("POST", "/videos/generate", json=asked, headers={"Idempotency-Key": key})
        return str(said["data"]["job_uid"]), str(said["usage"]["cost"])

    def wait(self, job: str) -> str:
        """The film's address once it is done. Objectionable, Failed, TooLate, Unreachable."""
        waited_s = 0.0
        while True:
            found = self._ask("GET", f"/jobs/{job}")["data"]
            if found["status"] in ENDED:
                return self._address(found)
            if waited_s >= self._deadline_s:
                self._cancel(job)
                raise TooLate(f"{job} is {found['status']} after {waited_s:.0f} s")
            self._sleep(POLL_S)
            waited_s += POLL_S

    def download(self, film: Film) -> bytes:
        """The film itself. NoFilm where its address no longer works, even a fresh one."""
        for url in (film.url, None):
            reply = self._http.get(url or self.wait(film.job), follow_redirects=True)
            if reply.is_success and reply.headers["content-type"].startswith("video/"):
                return reply.content
        raise NoFilm(f"the address of {film.job} answers {reply.status_code}: order it again")

    def _address(self, job: dict[str, Any]) -> str:
        error = job["error"]
        if job["status"] == "completed" and job["result"].get("url"):
            return str(job["result"]["url"])
        if error.get("code") == "CONTENT_POLICY_VIOLATION":
            raise Objectionable(error["message"])
        if job["status"] == "completed":
            raise NoFilm(f"{job['id']} is completed and has no address: ask the vendor")
        raise Failed(error.get("message", f"{job['id']} was {job['status']}"))

    def _cancel(self, job: str) -> None:
        try:
            self._ask("POST", f"/jobs/{job}/cancel", json={})
        except NoFilm:
            return  # it ended while we gave it up

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        """The answer's JSON. What may pass is tried again; what may not is raised by its kind."""
        trouble = ""
        for attempt in range(ATTEMPTS):
            try:
                reply = self._http.request(method, path, **request)
                if reply.is_success:
                    return reply.json()
            except (httpx.TransportError, ValueError) as error:
                trouble = f"{type(error).__name__}: {error}"
                self._sleep(BACKOFF_S * 2**attempt)
                continue
            trouble = self._refusal(reply)
            self._sleep(float(reply.headers.get("retry-after", BACKOFF_S * 2**attempt)))
        raise Unreachable(f"{method} {path} failed {ATTEMPTS} times: {trouble}")

    def _refusal(self, reply: httpx.Response) -> str:
        """Why, where it is worth another try."""
        try:
            error = reply.json()["error"]
        except (ValueError, KeyError, TypeError):
            error = {"message": reply.text[:200]}
        message = str(error.get("message"))
        if reply.status_code == 402:
            raise TooPoor(message, dict(error.get("details") or {}))
        if error.get("code") == "CONTENT_POLICY_VIOLATION":
            raise Objectionable(message)
        if reply.status_code != 429 and reply.status_code < 500:
            raise NoFilm(f"{reply.status_code}: {message}")
        return f"{reply.status_code}: {message}"
