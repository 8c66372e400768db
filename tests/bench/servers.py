"""The servers that are measured: ``servers.py bare`` and ``servers.py bodydouble [PACE [STORE]]``.

The bare one is a Starlette route that returns a constant body of a job's size; both run on the same
uvicorn, each in a process of its own. Prints one JSON line with the port once it answers.
"""

from __future__ import annotations

import asyncio
import json
import sys

import uvicorn

from bodydouble.core.keys import Key, digest
from bodydouble.stores import open_store
from bodydouble.web.app import Application
from bodydouble.web.server import Server, bound, config_for
from bodydouble.web.settings import Settings

KEY = "sqk_live_bench"
BODY = {
    "success": True,
    "data": {
        "id": "job_a1b2c3d4e5f6",
        "type": "video_generation",
        "status": "processing",
        "result": {},
        "error": {},
        "created_at": "2026-07-26T09:41:22Z",
        "updated_at": "2026-07-26T09:41:22Z",
    },
    "meta": {
        "request_id": "req_a929f654-05db-4780-898b-5c42f73bd919",
        "timestamp": "2026-07-26T09:41:22Z",
    },
}


def bare() -> uvicorn.Config:
    """One Starlette route that does nothing else."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    async def constant(request: Request) -> Response:
        return JSONResponse(BODY)

    return uvicorn.Config(
        Starlette(routes=[Route("/constant", constant)]),
        log_level="warning",
        access_log=False,
        server_header=False,
    )


def bodydouble(pace: str = "", store: str = "memory:") -> uvicorn.Config:
    """The emulator with a key that no rate limit and no empty wallet stops.

    On a ``frozen`` one jobs stay where they are, on a ``hasty`` one they end within milliseconds.
    """
    app = Application(
        Settings(
            seed=1,
            balances={"": "1000000.0000"},
            frozen=pace == "frozen",
            speed=1000.0 if pace == "hasty" else 1.0,
            store=store,
        )
    )
    key = Key(
        id=digest(KEY),
        sandbox="bench",
        provider="smartlyq",
        account="smartlyq/main",
        hint="bench",
        rate_limit=10**9,
    )

    async def keep() -> None:
        # A connection belongs to the loop it was opened on, and the server has its own.
        keeper = app.store if store == "memory:" else open_store(store)
        await keeper.put_key(key)
        if keeper is not app.store:
            await keeper.close()

    asyncio.run(keep())
    return config_for(app)


def main() -> None:
    """Serves until killed."""
    config = bare() if sys.argv[1] == "bare" else bodydouble(*sys.argv[2:])
    listener = bound("127.0.0.1", 0)
    port = listener.getsockname()[1]
    Server(config, lambda: print(json.dumps({"port": port}), flush=True)).run([listener])


if __name__ == "__main__":
    main()
