"""A small vendor of our own, for testing the judge: it keeps every promise its profile makes.

Plain ASGI, in memory, a logical clock, and the control plane the judge speaks. Its dialect is
nobody else's, so whatever works here works without a line of Python per vendor.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

Json = Any
PROFILE = str(Path(__file__).with_name("toy.yaml"))
START = 1_800_000_000
PRICES = {("reed", 4): 120, ("reed", 8): 240, ("oak", 4): 500}
FINAL = ("done", "broken", "stopped")
WINDOW_S, LIMIT, KEY_LIFE_S, FILE_LIFE_S = 60, 90, 3600, 86400
BOX = b"\0\0\0\x10"
FILM = BOX + b"ftypmp42\0\0\0\0" + BOX + b"moovnoscenes" + b"\0\0\1\0mdat" + bytes(range(248))
STILL = b"\xff\xd8\xff\xe0 a still"


class No(Exception):
    """A refusal in the toy's envelope."""

    def __init__(self, status: int, kind: str, members: list[str] | None = None) -> None:
        super().__init__(kind)
        self.status, self.kind, self.members = status, kind, members or []


class Box:
    """One sandbox."""

    def __init__(self, serial: int, balance: int) -> None:
        self.id, self.now, self.scenario = f"box{serial}", float(START), "normal"
        self.keys: dict[str, dict[str, Json]] = {}
        self.balance = {"main": balance}
        self.jobs: dict[str, dict[str, Json]] = {}
        self.replays: dict[tuple[str, str], tuple[float, Json, int, Json]] = {}
        self.windows: dict[str, tuple[float, int]] = {}
        self.serial = self.requests = 0
        self.faults: list[dict[str, Json]] = []

    def settle(self) -> None:
        for job in self.jobs.values():
            age = self.now - job["made"]
            if job["state"] == "waiting" and age >= 2:
                self.turn(job, "busy", job["made"] + 2)
            if job["state"] == "busy" and age >= 12:
                self.turn(job, "broken" if job["doomed"] else "done", job["made"] + 12)

    def turn(self, job: Json, state: str, at: float) -> None:
        if state == "broken" or (state == "stopped" and job["state"] == "waiting"):
            self.balance[job["owner"]] += job["cost"]
        job["state"], job["touched"] = state, at


class Toy:
    """The whole vendor."""

    def __init__(self) -> None:
        self.boxes: dict[str, Box] = {}
        self.host = ""
        self.serial = self.requests = 0

    async def __call__(self, scope: Json, receive: Json, send: Json) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        heads = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        query = {k: v[-1] for k, v in parse_qs(scope["query_string"].decode()).items()}
        lose = False
        if scope["path"].startswith("/_bodydouble"):
            status, doc, extra = self.control(scope["method"], scope["path"][12:], body)
        elif scope["path"].startswith("/files/"):
            status, doc, extra = self.file(scope["path"][7:], heads, query)
        else:
            self.host = heads["host"]
            status, doc, extra, lose = self.vendor(
                scope["method"], scope["path"], query, heads, body
            )
        if lose:
            return
        out = doc if isinstance(doc, bytes) else b"" if doc is None else json.dumps(doc).encode()
        pairs = {"content-type": "application/json", "content-length": str(len(out)), **extra}
        raw = [(k.encode(), str(v).encode()) for k, v in pairs.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        body = b"" if scope["method"] == "HEAD" else out
        await send({"type": "http.response.body", "body": body})

    # -- the files -----------------------------------------------------------------------------

    def file(self, name: str, heads: Json, query: Json) -> tuple[int, Json, dict[str, str]]:
        id, _, kind = name.rpartition(".")
        box = self.boxes.get(id.removeprefix("clip").rpartition("x")[0])
        job = box.jobs.get(id) if box else None
        if box is None or job is None or box.now >= job["made"] + 12 + FILE_LIFE_S:
            return 410, {"gone": name}, {}
        if kind == "jpg":
            return 200, STILL, {"content-type": "image/jpeg"}
        start, _, end = heads.get("range", "").removeprefix("bytes=").partition("-")
        film = FILM[:-16] + id.encode()[-16:].rjust(16)
        if not end:
            return 200, film, {"content-type": "video/mp4"}
        part = film[int(start) : int(end) + 1]
        told = f"bytes {start}-{int(start) + len(part) - 1}/{len(film)}"
        return 206, part, {"content-type": "video/mp4", "content-range": told}

    # -- the control plane ---------------------------------------------------------------------

    def control(self, method: str, path: str, body: bytes) -> tuple[int, Json, dict[str, str]]:
        data = json.loads(body or b"{}")
        parts = path.strip("/").split("/")
        if parts == ["sandboxes"]:
            self.serial += 1
            box = Box(self.serial, int(float(data.get("balance", "100.00")) * 100))
            self.boxes[box.id] = box
            key = self.issue(box, {"account": "main"})
            return 201, {"id": box.id, "clock": self.clock(box), "keys": {"toy": key}}, {}
        box = self.boxes[parts[1]]
        if method == "DELETE":
            del self.boxes[box.id]
            return 204, None, {}
        if parts[2] == "keys":
            box.balance.setdefault(data["account"], int(float(data.get("balance", "100.00")) * 100))
            return 201, {"key": self.issue(box, data), "account": data["account"]}, {}
        if parts[2] == "clock":
            step = 2 if any(j["state"] == "waiting" for j in box.jobs.values()) else 10
            box.now += data.get("advance_s", step)
            box.settle()
            return 200, self.clock(box), {}
        if parts[2] == "scenario":
            box.scenario = data["name"]
        elif parts[2] == "faults":
            box.faults.append(data)
        elif parts[2] == "accounts":
            box.balance[parts[3]] += int(float(data["amount"]) * 100)
        return 200, {}, {}

    def issue(self, box: Box, data: Json) -> str:
        key = f"toy-{box.id}-{len(box.keys)}"
        box.keys[key] = data
        return key

    def clock(self, box: Box) -> Json:
        return {"now": datetime.fromtimestamp(box.now, UTC).isoformat(), "rate": 0}

    # -- the vendor ----------------------------------------------------------------------------

    def vendor(
        self, method: str, path: str, query: Json, heads: Json, body: bytes
    ) -> tuple[int, Json, dict[str, str], bool]:
        extra: dict[str, str] = {}
        lose = False
        self.requests += 1
        trace = f"t{self.requests}"
        try:
            box, key = self.who(heads)
            box.requests += 1
            self.limit(box, key, extra)
            asked = {"query": query, "heads": heads, "body": body}
            status, doc = self.route(box, key, method, path, **asked)
            fault = next((f for f in box.faults if f["point"] == "acceptance"), None)
            if fault and status == 201:
                box.faults.remove(fault)
                lose = True
        except No as no:
            status = no.status
            doc = {"problem": {"kind": no.kind, "text": "no", "members": no.members}}
        return status, doc, {"x-trace": trace, **extra}, lose

    def who(self, heads: Json) -> tuple[Box, str]:
        scheme, _, key = heads.get("authorization", "").partition(" ")
        box = self.boxes.get(key.split("-")[1]) if key.count("-") == 2 else None
        data = box.keys.get(key) if box else None
        if scheme != "Token" or box is None or data is None or data.get("revoked"):
            raise No(401, "who_are_you")
        return box, key

    def limit(self, box: Box, key: str, extra: dict[str, str]) -> None:
        limit = int(box.keys[key].get("rate_limit", LIMIT))
        start, count = box.windows.get(key, (box.now, 0))
        if box.now >= start + WINDOW_S:
            start, count = box.now, 0
        left = WINDOW_S - int(box.now - start)
        full = count >= limit
        count += not full
        box.windows[key] = (start, count)
        extra["rl-limit"], extra["rl-left"], extra["rl-reset"] = (
            str(limit), str(limit - count), str(left),
        )  # fmt: skip
        if full:
            extra["retry-after"] = str(left)
            raise No(429, "slow_down")

    def route(
        self,
        box: Box,
        key: str,
        method: str,
        path: str,
        *,
        query: Json,
        heads: Json,
        body: bytes,
    ) -> tuple[int, Json]:
        data = box.keys[key]
        owner = data["account"]
        parts = path.strip("/").split("/")
        if path == "/api/wallet" and method == "GET":
            return 200, {"cents": box.balance[owner]}
        if path == "/api/clips" and method == "GET":
            return 200, self.page(box, owner, query)
        if path == "/api/clips" and method == "POST":
            if data.get("scopes") and "make" not in data["scopes"]:
                raise No(403, "not_yours_to_do")
            return self.submit(box, owner, heads.get("request-key"), body)
        if parts[:2] == ["api", "clips"] and len(parts) in (3, 4):
            job = box.jobs.get(parts[2])
            if job is None or job["owner"] != owner:
                raise No(404, "nothing_here")
            if len(parts) == 3 and method == "GET":
                return 200, self.show(job)
            if parts[3:] == ["stop"] and method == "POST":
                if job["state"] in FINAL:
                    raise No(409, "too_late")
                box.turn(job, "stopped", box.now)
                return 200, self.show(job)
        raise No(404, "nothing_here")

    def submit(self, box: Box, owner: str, key: str | None, raw: bytes) -> tuple[int, Json]:
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            raise No(400, "not_json") from None
        if not isinstance(body, dict):
            raise No(400, "not_json")
        if key and (owner, key) in box.replays:
            at, same, status, doc = box.replays[owner, key]
            if box.now < at + KEY_LIFE_S:
                if same != body:
                    raise No(409, "other_request")
                return status, doc
        wrong = [n for n in ("text", "voice") if not isinstance(body.get(n), str) or not body[n]]
        seconds = body.get("seconds", 4)
        if (
            isinstance(seconds, bool)
            or not isinstance(seconds, int | float)
            or seconds not in (4, 8)
        ):
            wrong.append("seconds")
        elif "voice" not in wrong and (body["voice"], seconds) not in PRICES:
            wrong.append("voice" if body["voice"] not in ("reed", "oak") else "seconds")
        if len(str(body.get("text", ""))) > 100:
            wrong.append("text")
        if wrong:
            raise No(422, "look_again", wrong)
        cost = PRICES[body["voice"], int(seconds)]
        if box.balance[owner] < cost:
            raise No(402, "too_dear")
        box.balance[owner] -= cost
        box.serial += 1
        job = {
            "id": f"clip{box.id}x{box.serial}", "owner": owner, "state": "waiting",
            "made": box.now, "touched": box.now, "cost": cost, "text": body["text"],
            "doomed": box.scenario == "failed",
        }  # fmt: skip
        box.jobs[job["id"]] = job
        doc = {"clip": job["id"], "state": "waiting", "price": cost, "left": box.balance[owner]}
        if key:
            box.replays[owner, key] = (box.now, body, 201, doc)
        return 201, doc

    def show(self, job: Json) -> Json:
        out = {k: job[k] for k in ("id", "state", "made", "touched", "text")}
        link = f"http://{self.host}/files/{job['id']}" if job["state"] == "done" else None
        out["file"], out["still"] = link and f"{link}.mp4", link and f"{link}.jpg"
        out["why"] = "the voice cracked" if job["state"] == "broken" else None
        return out

    def page(self, box: Box, owner: str, query: Json) -> Json:
        size = int(query.get("n", 10)) if query.get("n", "10").isdigit() else 10
        page = int(query.get("p", 1)) if query.get("p", "1").isdigit() else 1
        size, page = min(max(size, 1), 50), min(max(page, 1), 10**9)
        mine = [j for j in reversed(box.jobs.values()) if j["owner"] == owner]
        mine = [j for j in mine if query.get("state") in (None, j["state"])]
        rows = [self.show(j) for j in mine[(page - 1) * size : page * size]]
        meta = {"p": page, "n": size, "all": len(mine), "last": -(-len(mine) // size)}
        return {"clips": rows, "page": meta}


app = Toy()
