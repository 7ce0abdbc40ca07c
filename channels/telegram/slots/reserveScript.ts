/**
 * Reserves the next slot, all in one step of Redis and by Redis' own clock; the same rules as `createMemorySlots`.
 * KEYS: for each bot its slots of the group, its pause of the group, its slots over all groups.
 * ARGV: lateMs, botPerSecond, index of the held bot or 0, held at, then count and windowMs of each rule.
 * Returns {index of the bot, at, now}.
 */
export const RESERVE_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local late, perSecond, heldBot, heldAt = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local function pausedUntil(bot)
  return tonumber(redis.call('GET', KEYS[bot * 3 - 1]) or '0')
end

if heldBot > 0 and heldAt >= pausedUntil(heldBot) and now <= heldAt + late then
  return {heldBot, heldAt, now}
end

local function afterBusySeconds(at, key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - 1000)
  while true do
    local near = redis.call('ZRANGEBYSCORE', key, '(' .. (at - 1000), '(' .. (at + 1000), 'WITHSCORES')
    if #near / 2 < perSecond then return at end
    at = tonumber(near[2]) + 1000
  end
end

local function earliest(bot)
  local at = math.max(now, pausedUntil(bot), tonumber(redis.call('LINDEX', KEYS[bot * 3 - 2], -1) or '0'))
  for i = 5, #ARGV, 2 do
    local first = redis.call('LINDEX', KEYS[bot * 3 - 2], -tonumber(ARGV[i]))
    if first then at = math.max(at, tonumber(first) + tonumber(ARGV[i + 1])) end
  end
  return afterBusySeconds(at, KEYS[bot * 3])
end

local best, bestAt
for bot = 1, #KEYS / 3 do
  local at = earliest(bot)
  if not bestAt or at < bestAt then best, bestAt = bot, at end
end

local remembered, longest = 1, 1000
for i = 5, #ARGV, 2 do
  remembered = math.max(remembered, tonumber(ARGV[i]))
  longest = math.max(longest, tonumber(ARGV[i + 1]))
end
local slots, second = KEYS[best * 3 - 2], KEYS[best * 3]
redis.call('RPUSH', slots, bestAt)
redis.call('LTRIM', slots, -remembered, -1)
redis.call('PEXPIREAT', slots, bestAt + longest)
redis.call('ZADD', second, bestAt, bestAt .. ':' .. slots .. ':' .. redis.call('INCR', second .. ':n'))
redis.call('PEXPIRE', second .. ':n', 86400000)
redis.call('PEXPIREAT', second, math.max(bestAt, redis.call('PEXPIRETIME', second)) + 1000)
return {best, bestAt, now}
`;

/**
 * Pauses (bot, group) and voids its slots that lie within the pause. KEYS: slots of the group, pause of the group. ARGV: milliseconds.
 */
export const PAUSE_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local paused = math.max(now + tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[2]) or '0'))
redis.call('SET', KEYS[2], paused, 'PXAT', paused)
for _, at in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if tonumber(at) > now and tonumber(at) < paused then redis.call('LREM', KEYS[1], 0, at) end
end
return paused
`;
