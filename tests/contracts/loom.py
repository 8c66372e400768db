"""A second small vendor of our own, for all that the toy does not do.

It wants a header of its own with every request, has its key in another header, no error codes, two
ways to submit, slots, lists by cursor, links signed anew at each look and on another host, uploads
by form, a text limit in UTF-16 units, failures with reasons, and a cancel that says nothing and
leaves nothing. It keeps every promise of its profile.
"""

from __future__ import annotations

import json
import re
from typing import Any

from toy import FILM, STILL, Box, No, Toy  # type: ignore[import-not-found]  # stands beside this

Json = Any
DIALECT, LONGEST, SLOTS = "3", 40, 2
PRICES = {"wool": 120, "silk": 240}
REASONS = {"tangle": "YARN.TANGLED.TWICE", "rip": "LOOM.BROKEN"}
KEPT = "YARN"
ENDED = ("DONE", "FAILED")
OPEN = ("HELD", "PENDING", "RUNNING")
LINK_S = (86_400, 172_800)


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Loom(Toy):  # type: ignore[misc]  # which mypy does not find
    """The whole vendor; control plane and keys are the toy's."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: dict[str, bool] = {}

    # -- time ----------------------------------------------------------------------------------

    def control(self, method: str, path: str, body: bytes) -> tuple[int, Json, dict[str, str]]:
        parts = path.strip("/").split("/")
        if len(parts) == 3 and parts[2] == "clock":
            box, asked = self.boxes[parts[1]], json.loads(body or b"{}")
            due = [at for at in map(self.due, box.jobs.values()) if at is not None]
            step = asked.get("advance_s", max(0.0, min(due, default=box.now) - box.now))
            self.run(box, box.now + step)
            return 200, self.clock(box), {}
        told: tuple[int, Json, dict[str, str]] = super().control(method, path, body)
        return told

    def due(self, job: Json) -> float | None:
        wait = {"PENDING": 2, "RUNNING": 10}.get(job["state"])
        return None if wait is None else float(job["since"] + wait)

    def run(self, box: Box, until: float) -> None:
        """Let happen what is due, in its order, and hand on each slot at once."""
        while True:
            due = [(at, n, j) for n, j in enumerate(box.jobs.values()) if (at := self.due(j))]
            at, _, job = min(due, default=(until + 1, 0, None), key=lambda d: d[:2])
            if job is None or at > until:
                break
            box.now = at
            if job["state"] == "PENDING":
                self.turn(box, job, "RUNNING")
            else:
                self.turn(box, job, "FAILED" if job["reason"] else "DONE")
        box.now = until

    def turn(self, box: Box, job: Json, state: str) -> None:
        job["state"], job["since"] = state, box.now
        if state == "FAILED" and not job["reason"].startswith(KEPT):
            box.balance[job["owner"]] += job["cost"]
        self.hand_on(box, job)

    def hand_on(self, box: Box, job: Json) -> None:
        """Give free slots of a group to those that have waited longest."""
        group = [j for j in box.jobs.values() if same_group(j, job)]
        for held in [j for j in group if j["state"] == "HELD"]:
            if sum(j["state"] in ("PENDING", "RUNNING") for j in group) < SLOTS:
                held["state"], held["since"] = "PENDING", box.now

    # -- the wire ------------------------------------------------------------------------------

    def file(self, name: str, heads: Json, query: Json) -> tuple[int, Json, dict[str, str]]:
        id, _, kind = name.partition(".")
        box = self.boxes.get(id.removeprefix("weave").rpartition("x")[0])
        if (
            box is None
            or id not in box.jobs
            or box.now >= float(query.get("signed", 0)) + LINK_S[1]
        ):
            return 403, {"gone": name}, {}
        if kind == "jpg":
            return 200, STILL, {"content-type": "image/jpeg"}
        start, _, end = heads.get("range", "").removeprefix("bytes=").partition("-")
        film = FILM[:-16] + id.encode()[-16:].rjust(16)
        if not end:
            return 200, film, {"content-type": "video/mp4"}
        part = film[int(start) : int(end) + 1]
        told = f"bytes {start}-{int(start) + len(part) - 1}/{len(film)}"
        return 206, part, {"content-type": "video/mp4", "content-range": told}

    def vendor(
        self, method: str, path: str, query: Json, heads: Json, body: bytes
    ) -> tuple[int, Json, dict[str, str], bool]:
        if path.startswith("/drop/"):
            return *self.dropped(path[6:], heads, body), {}, False
        try:
            box, key = self.who(heads)
            if heads.get("loom-dialect") != DIALECT:
                told = "is not valid" if "loom-dialect" in heads else "is missing"
                raise No(400, f"The Loom-Dialect header {told}.")
            status, doc = self.answer(
                box, box.keys[key]["account"], method, path, query=query, body=body
            )
        except No as no:
            status, doc = no.status, {"fault": no.kind}
            if no.members:
                doc["issues"] = [{"path": [member, 0]} for member in no.members]
        return status, doc, {}, False

    def who(self, heads: Json) -> tuple[Box, str]:
        key = heads.get("loom-key", "")
        box = self.boxes.get(key.split("-")[1]) if key.count("-") == 2 else None
        data = box.keys.get(key) if box else None
        if box is None or data is None or data.get("revoked"):
            raise No(401, "Nobody has this key.")
        return box, key

    def dropped(self, id: str, heads: Json, body: bytes) -> tuple[int, Json]:
        """A form with the field we gave and a file, without key and dialect."""
        fine = b'name="ticket"' in body and b"\x89PNG" in body and id in self.pictures
        if not fine or {"loom-key", "loom-dialect"} & set(heads):
            return 403, {"fault": "This drop is not yours."}
        self.pictures[id] = True
        return 204, None

    def answer(
        self, box: Box, owner: str, method: str, path: str, *, query: Json, body: bytes
    ) -> tuple[int, Json]:
        route = (method, path)
        if route == ("GET", "/account"):
            return 200, {"credits": box.balance[owner]}
        if route == ("POST", "/pictures"):
            box.serial += 1
            id = f"pic{box.id}x{box.serial}"
            self.pictures[id] = False
            form = {"ticket": "t"}
            return 200, {"picture": id, "to": f"http://{self.host}/drop/{id}", "form": form}
        if route in (("POST", "/weave/text"), ("POST", "/weave/picture")):
            return 200, self.submit_to(box, owner, path.rpartition("/")[2], body)
        if route == ("GET", "/weaves"):
            return 200, self.rows(box, owner, query)
        if found := re.fullmatch(r"/weaves/([^/]+)", path):
            job = box.jobs.get(found[1])
            mine = job is not None and job["owner"] == owner
            if method == "DELETE":
                if job is not None and mine:
                    self.cancel(box, job)
                return 204, None
            if method == "GET" and job is not None and mine:
                return 200, self.view(box, job)
            if method == "GET":
                raise No(404, "No such weave.")
        raise No(404, "No such path.")

    def cancel(self, box: Box, job: Json) -> None:
        if job["state"] in ("HELD", "PENDING"):
            box.balance[job["owner"]] += job["cost"]
        del box.jobs[job["id"]]
        self.hand_on(box, job)

    def submit_to(self, box: Box, owner: str, kind: str, raw: bytes) -> Json:
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            raise No(400, "This is no JSON object.") from None
        if not isinstance(body, dict):
            raise No(400, "This is no JSON object.")
        wrong = [m for m in body if m not in ("text", "yarn", "picture")]
        text = body.get("text")
        if not isinstance(text, str) or not text or units(text) > LONGEST:
            wrong.append("text")
        if body.get("yarn") not in ("wool", "silk"):
            wrong.append("yarn")
        if kind == "picture" and self.pictures.get(str(body.get("picture"))) is not True:
            wrong.append("picture")
        if wrong:
            raise No(400, f"Invalid members: {', '.join(map(repr, wrong))}", wrong)
        cost = PRICES[body["yarn"]]
        if box.balance[owner] < cost:
            raise No(400, "You do not have enough credits.")
        box.balance[owner] -= cost
        box.serial += 1
        doomed = next((r for word, r in REASONS.items() if str(text).startswith(word)), "")
        job = {
            "id": f"weave{box.id}x{box.serial}", "owner": owner, "yarn": body["yarn"],
            "state": "HELD", "since": box.now, "made": box.now, "cost": cost, "text": text,
            "reason": doomed or ("LOOM.BROKEN" if box.scenario == "failed" else ""),
        }  # fmt: skip
        box.jobs[job["id"]] = job
        self.hand_on(box, job)
        return {"weave": job["id"], "estimate": {"credits": cost}}

    def view(self, box: Box, job: Json) -> Json:
        out = {k: job[k] for k in ("id", "state", "made", "text")}
        host = self.host.replace("127.0.0.1", "localhost")
        link = f"http://{host}/files/{job['id']}"
        done, failed = job["state"] == "DONE", job["state"] == "FAILED"
        mark = f"{box.now:.0f}"
        out["film"] = f"{link}.mp4?signed={mark}" if done else None
        out["still"] = f"{link}.jpg?signed={mark}" if done else None
        out["code"] = job["reason"] if failed else None
        lost = done or (failed and job["reason"].startswith(KEPT))
        out["charged"] = (job["cost"] if lost else 0) if done or failed else None
        return out

    def rows(self, box: Box, owner: str, query: Json) -> Json:
        mine = [j for j in reversed(box.jobs.values()) if j["owner"] == owner]
        after, count = query.get("after"), query.get("count", "10")
        size = min(max(int(count), 1), 50) if count.isascii() and count.isdigit() else 10
        if after is not None:
            ids = [j["id"] for j in mine]
            if after not in ids:
                raise No(400, "The cursor is not valid.")
            mine = mine[ids.index(after) + 1 :]
        page = mine[:size]
        following = page[-1]["id"] if len(mine) > size else None
        return {"weaves": [self.view(box, j) for j in page], "next": following}


def same_group(a: Json, b: Json) -> bool:
    """Whether two jobs share their slots."""
    return bool(a["owner"] == b["owner"] and a["yarn"] == b["yarn"])


app = Loom()
