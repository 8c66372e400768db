"""How a Redis is reached: one server, or a cluster of them, by its URL.

No command is sent twice by the client itself: whoever sends it knows whether that would do harm. A
server that holds what another version kept is refused. It knows no transaction.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from redis import Redis as BlockingRedis
from redis import RedisCluster as BlockingCluster
from redis import RedisError
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisClusterException, ResponseError

FAILURES: tuple[type[Exception], ...] = (RedisError, RedisClusterException, TimeoutError)
LAYOUT = 2
_CLUSTER = "+cluster"
_PROBED_S = 3


# Numbers start anew in a Redis that was emptied, the clock does not.
_PROCESS = "return {redis.call('incr', KEYS[1]), redis.call('time')}"


def connected(url: str) -> tuple[Any, bytes]:
    """A client of the Redis at ``url``, and a name for this process that no other has there.

    ValueError if none answers, or it holds another layout.
    """
    scheme, _, rest = url.partition(":")
    plain = f"{scheme.removesuffix(_CLUSTER)}:{rest}"
    clustered = scheme.endswith(_CLUSTER)
    process = _probe(plain, BlockingCluster if clustered else BlockingRedis)
    once: Any = Retry(NoBackoff(), 0)
    if clustered:
        return RedisCluster.from_url(plain, retry=once, protocol=2), process
    return Redis.from_url(plain, retry=once, protocol=2), process


def _probe(url: str, client: Any) -> bytes:
    try:
        probe = client.from_url(url, socket_connect_timeout=_PROBED_S, socket_timeout=_PROBED_S)
    except ValueError:
        # What is wrong with an address may be a part of its password.
        raise ValueError("has an address that cannot be read") from None
    except (RedisError, RedisClusterException, OSError) as error:
        raise ValueError(f"does not answer: {error}") from None
    try:
        with probe:
            probe.ping()
            if client is BlockingRedis and _is_one_of_many(probe):
                raise ValueError("is one of a cluster: use redis+cluster://HOST:PORT")
            _check_layout(probe)
            number, (seconds, micros) = probe.eval(_PROCESS, 1, "bodydouble:processes")
            return b"%d-%d-%d" % (number, int(seconds), int(micros))
    except (RedisError, RedisClusterException, OSError) as error:
        raise ValueError(f"does not answer: {error}") from None


def _is_one_of_many(client: Any) -> bool:
    try:
        return bool(client.info("cluster").get("cluster_enabled"))
    except ResponseError:
        return False  # it tells nobody


def _check_layout(client: Any) -> None:
    found = client.get("bodydouble:layout")
    # The first layout had no mark of its own, but this key.
    if found is None and client.exists("bodydouble:numbers"):
        found = b"1"
    if found is None:
        client.set("bodydouble:layout", LAYOUT)
    elif int(found) != LAYOUT:
        raise ValueError(
            f"holds what another version kept, in layout {int(found)} where this one keeps "
            f"layout {LAYOUT}: use another database, or empty this one"
        )


async def run(client: Any, script: str, keys: list[str], args: list[Any]) -> Any:
    """What a script gives; its text is sent where the server does not know it yet."""
    try:
        return await client.execute_command("EVALSHA", _sha(script), len(keys), *keys, *args)
    except NoScriptError:
        return await client.execute_command("EVAL", script, len(keys), *keys, *args)


@cache
def _sha(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
