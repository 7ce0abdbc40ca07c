/**
 * Answers who asks for a write, all in one step of Redis and by Redis' own clock; the same rules as `createMemorySlots`.
 * KEYS: the group's line; for each bot its writes to the group, its pause there, its writes over all groups, what it was
 * refused there: everything, topics. ARGV: owner, priority, since, 1 where topics are needed, lateMs, botPerSecond, five times
 * after how long a priority is urgent, how many writes are wanted, then count and windowMs of each rule.
 * Returns {index of the bot that may write now or 0, how many writes or milliseconds to wait, 1 while all bots rest, why all are
 * refused or ''}.
 */
export const RESERVE_SCRIPT = `
local FIRST_RULE = 13
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local owner, priority, since, topics = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local late, perSecond, wanted = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[12])

local remembered, longest = 1, 1000
for i = FIRST_RULE, #ARGV, 2 do
  remembered = math.max(remembered, tonumber(ARGV[i]))
  longest = math.max(longest, tonumber(ARGV[i + 1]))
end

local bots, reason, refusedFor, resting = {}, '', nil, 1
for index = 1, (#KEYS - 1) / 5 do
  local base = (index - 1) * 5 + 1
  local refusal = redis.call('GET', KEYS[base + 4]) and base + 4
  if not refusal and topics and redis.call('GET', KEYS[base + 5]) then refusal = base + 5 end
  if refusal then
    local left = redis.call('PTTL', KEYS[refusal])
    if not refusedFor or left < refusedFor then
      refusedFor, reason = left, redis.call('GET', KEYS[refusal])
    end
  else
    local paused = tonumber(redis.call('GET', KEYS[base + 2]) or '0')
    if paused <= now then resting = 0 end
    redis.call('ZREMRANGEBYSCORE', KEYS[base + 3], '-inf', now - 1000)
    local busy = redis.call('ZRANGE', KEYS[base + 3], -perSecond, -perSecond, 'WITHSCORES')
    local free = math.max(now, paused, busy[2] and tonumber(busy[2]) + 1000 or 0)
    local times = {}
    for i, at in ipairs(redis.call('LRANGE', KEYS[base + 1], -remembered, -1)) do times[i] = tonumber(at) end
    table.insert(bots, {index = index, base = base, free = free, times = times})
  end
end
if #bots == 0 then return {0, math.max(1, refusedFor), 0, reason} end

local queues = {}
local function join(waiter)
  queues[waiter.priority] = queues[waiter.priority] or {first = 1}
  table.insert(queues[waiter.priority], waiter)
end
local line = redis.call('HGETALL', KEYS[1])
for i = 1, #line, 2 do
  local waiter = cjson.decode(line[i + 1])
  if line[i] ~= owner then
    if waiter.due + late < now then redis.call('HDEL', KEYS[1], line[i]) else join(waiter) end
  end
end
join({priority = priority, since = since, own = true})
for _, queue in pairs(queues) do table.sort(queue, function(a, b) return a.since < b.since end) end

local function rank(waiter, at)
  if at - waiter.since >= tonumber(ARGV[7 + waiter.priority]) then return 0 end
  return waiter.priority
end
local function nextInLine(at)
  local best, bestQueue
  for _, queue in pairs(queues) do
    local head = queue[queue.first]
    if head then
      local ahead = not best or rank(head, at) < rank(best, at)
      if ahead or (rank(head, at) == rank(best, at) and head.since < best.since) then best, bestQueue = head, queue end
    end
  end
  bestQueue.first = bestQueue.first + 1
  return best
end
local function earliest(bot)
  local at = math.max(bot.free, bot.times[#bot.times] or 0)
  for i = FIRST_RULE, #ARGV, 2 do
    local first = bot.times[#bot.times - tonumber(ARGV[i]) + 1]
    if first then at = math.max(at, first + tonumber(ARGV[i + 1])) end
  end
  return at
end

while true do
  local bot, at
  for _, candidate in ipairs(bots) do
    local possible = earliest(candidate)
    if not at or possible < at then bot, at = candidate, possible end
  end
  if nextInLine(at).own then
    if at > now then
      redis.call('HSET', KEYS[1], owner, cjson.encode({priority = priority, since = since, due = at}))
      redis.call('PEXPIREAT', KEYS[1], math.max(redis.call('PEXPIRETIME', KEYS[1]), at + late))
      return {0, at - now, resting, ''}
    end
    local writes, second = KEYS[bot.base + 1], KEYS[bot.base + 3]
    redis.call('HDEL', KEYS[1], owner)
    local alone, given = redis.call('HLEN', KEYS[1]) == 0, 0
    repeat
      given = given + 1
      table.insert(bot.times, now)
      redis.call('RPUSH', writes, now)
      redis.call('ZADD', second, now, now .. ':' .. KEYS[1] .. ':' .. owner .. ':' .. given)
    until given >= wanted or not alone or earliest(bot) > now
    redis.call('LTRIM', writes, -remembered, -1)
    redis.call('PEXPIRE', writes, longest)
    redis.call('PEXPIRE', second, 1000)
    return {bot.index, given, 0, ''}
  end
  table.insert(bot.times, at)
end
`;

/** KEYS: the pause of (bot, group). ARGV: milliseconds. A longer pause stays. */
export const PAUSE_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local paused = math.max(now + tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or '0'))
redis.call('SET', KEYS[1], paused, 'PXAT', paused)
return paused
`;

/** KEYS: from and to, in turns. What is not there is not moved. */
export const MOVE_SCRIPT = `
for i = 1, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[i]) == 1 then redis.call('RENAME', KEYS[i], KEYS[i + 1]) end
end
return 1
`;
