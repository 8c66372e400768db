"""The scripts by which the Redis store takes a sandbox and commits to it, atomically.

A lock holds a number that only grows; whoever commits must still be the one whose number it holds.
A third one tells how long the lines of a journal are, without the lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

TAKE = """
local number = redis.call('incr', KEYS[2])
if redis.call('set', KEYS[1], number, 'nx', 'px', ARGV[1]) then return number end
return 0
"""
# ARGV: the number, the sandbox, how its record count changes, then commands, each after its length.
COMMIT = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
local at = 4
while at <= #ARGV do
  local size = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + size))
  at = at + size + 1
end
if ARGV[3] ~= '0' and redis.call('hincrby', KEYS[2], ARGV[2], ARGV[3]) <= 0 then
  redis.call('hdel', KEYS[2], ARGV[2])
  redis.call('del', KEYS[3])
end
redis.call('del', KEYS[1])
return 1
"""
# KEYS: the index and the records of one group; ids and lengths, the newest first.
LENGTHS = """
local found = {}
for _, place in ipairs(redis.call('zrevrange', KEYS[1], 0, -1)) do
  local id = string.sub(place, 22)
  found[#found + 1] = id
  found[#found + 1] = redis.call('hstrlen', KEYS[2], id)
end
return found
"""


class LeaseLost(RuntimeError):
    """A transaction outlived its lease; nothing of it was written."""


def lengths(found: Sequence[Any]) -> Iterator[tuple[str, int]]:
    """What `LENGTHS` gave, as pairs, behind the line that is not there yet."""
    yield "", 0
    for id, length in zip(found[::2], found[1::2], strict=True):
        yield id.decode(), length
