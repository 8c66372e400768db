"""The scripts by which the Redis store takes a sandbox, reads it and commits to it, atomically.

A lock holds a token that nobody else has; whoever commits under it must still be the one whose
token it holds. Whoever commits without one must have read what still holds: each commit leaves its
own token behind as the sandbox's version. All keys of a script are of one sandbox, so of one slot
of a cluster. Names of indexes are made here, since only the stored record knows where it stood.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

# KEYS: the lock, the head. ARGV: a token to take the lock with (or nothing) and for how long, the
# version that is known (whoever takes the lock and knows it needs no answers), then questions, each
# after its length. Gives the head and the answers, or nothing if the lock is another's.
ASK = """
local taking = ARGV[1] ~= ''
if taking and redis.call('get', KEYS[1]) ~= ARGV[1]
  and not redis.call('set', KEYS[1], ARGV[1], 'nx', 'px', ARGV[2]) then return false end
local found = redis.call('hmget', KEYS[2], 'version', 'listed')
if taking and (found[1] or '') == ARGV[3] then return found end
local at, n = 4, 2
while at <= #ARGV do
  local size = tonumber(ARGV[at])
  n = n + 1
  found[n] = redis.call(unpack(ARGV, at + 1, at + size))
  at = at + size + 1
end
return found
"""

# KEYS: the lock. ARGV: its token, and for how long it holds on.
RENEW = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
return 0
"""

# KEYS: the lock, the head, the name before all others. ARGV: the lock's token or nothing, the
# version that was read, the new one, what the list of sandboxes holds if it is to be new, then
# writes, each of four: what, kind, id, record. A record starts with where it stands:
# "LENGTH:" then twenty digits of its order and its group.
# Gives 1, a number if something was there that the writer had not seen, 1 if the sandbox is empty
# now, what the list of sandboxes holds, and the keys that went; or 0 where nothing was written.
COMMIT = """
local lock, head, base = KEYS[1], KEYS[2], KEYS[3]
local held = redis.call('get', lock)
local same = (redis.call('hget', head, 'version') or '') == ARGV[2]
-- A lease that ran out does no harm while nobody else came.
if held and held ~= ARGV[1] or not held and not same then return {0} end
local change, unseen, keys = 0, 0, {}
-- Keys are written without the lock, and change the version.
if not same then unseen = 1 end
local function place(record)
  local size = string.match(record, '^(%d+):')
  local from = #size + 2
  return string.sub(record, from, from + 19), string.sub(record, from + 20, from + size - 1)
end
local function index(kind, group) return base .. ':index:' .. kind .. ':' .. group end
local function leave(kind, id, order, group)
  local name = index(kind, group)
  redis.call('zrem', name, order .. ':' .. id)
  if redis.call('exists', name) == 0 then redis.call('srem', base .. ':indexes', name) end
end
for at = 5, #ARGV, 4 do
  local what, kind, id, record = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local records = base .. ':records:' .. kind
  if what == 'same' then
    redis.call('hset', records, id, record)
  elseif what == 'drop' then
    for _, name in ipairs(redis.call('smembers', base .. ':indexes')) do
      redis.call('del', name)
    end
    for name in string.gmatch(record, '[^,]+') do redis.call('del', base .. ':records:' .. name) end
    keys = redis.call('hgetall', base .. ':keys')
    redis.call('del', base .. ':keys', base .. ':indexes')
    change = change - tonumber(redis.call('hget', head, 'count') or 0)
  else
    local old = redis.call('hget', records, id)
    local order, group
    if record ~= '' then
      order, group = place(record)
      redis.call('hset', records, id, record)
    elseif old then
      redis.call('hdel', records, id)
      change = change - 1
    end
    if not old and order then change = change + 1 end
    local was_order, was_group
    if old then
      if what == 'unseen' then unseen = unseen + 1 end
      was_order, was_group = place(old)
    end
    if was_order ~= order or was_group ~= group then
      if old then leave(kind, id, was_order, was_group) end
      if order then
        local name = index(kind, group)
        redis.call('zadd', name, 0, order .. ':' .. id)
        redis.call('sadd', base .. ':indexes', name)
      end
    end
  end
end
local empty, listed = 0, ARGV[4]
if #ARGV > 4 then
  redis.call('hset', head, 'version', ARGV[3])
  if listed ~= '' then redis.call('hset', head, 'listed', listed) end
  listed = redis.call('hget', head, 'listed') or ''
  if redis.call('hincrby', head, 'count', change) <= 0 then
    empty = 1
    redis.call('hdel', head, 'count', 'listed')
    if redis.call('exists', base .. ':keys') == 0 then redis.call('del', head) end
  end
end
if held then redis.call('del', lock) end
return {1, unseen, empty, listed, keys}
"""

# KEYS: the head, the keys. ARGV: a token, a key's digest, the key.
KEEP_KEY = """
redis.call('hset', KEYS[2], ARGV[2], ARGV[3])
return redis.call('hset', KEYS[1], 'version', ARGV[1])
"""

# Whose a key is, is written before the key, for a while only; KEYS: that. ARGV: what was written.
CONFIRM = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('persist', KEYS[1])
return 1
"""
POINTER = "return {redis.call('get', KEYS[1]), redis.call('pttl', KEYS[1])}"

# What others may have written anew in the meantime stays. KEYS: a key. ARGV: what it held.
FORGET = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('del', KEYS[1])
"""
UNLIST = """
if redis.call('hget', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('hdel', KEYS[1], ARGV[1])
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
