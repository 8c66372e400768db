"""The two scripts by which the Redis store takes a sandbox and commits to it, atomically.

A lock holds a number that only grows; whoever commits must still be the one whose number it holds.
"""

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
