-- Sends what a plan says (load.py writes it), each path and body in turn, and ends with one line of JSON.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local function read(name)
  local plan = { headers = {}, paths = {}, bodies = {} }
  for line in io.lines(name) do
    local word, text = line:match("^(%S+) (.*)$")
    if word == "method" then plan.method = text
    elseif word == "pause" then plan.pause = tonumber(text)
    elseif word == "keyed" then plan.keyed = text == "1"
    elseif word == "header" then
      local name, value = text:match("^([^:]+): (.*)$")
      plan.headers[name] = value
    elseif word == "path" then table.insert(plan.paths, text)
    elseif word == "body" then table.insert(plan.bodies, text)
    end
  end
  return plan
end

local plan, fixed, run
local turn = 0

function init(args)
  plan = read(args[1])
  math.randomseed(os.time() + number * 7919)
  run = string.format("%d-%d-%06d", os.time(), number, math.random(0, 999999))
  -- Each thread begins elsewhere, so that two do not ask for the same in step.
  turn = number * 17
  if #plan.bodies == 0 and not plan.keyed then
    fixed = {}
    for index, path in ipairs(plan.paths) do
      fixed[index] = wrk.format(plan.method, path, plan.headers)
    end
  end
  if plan.pause > 0 then
    delay = function() return math.random(0, 2 * plan.pause) end
  end
end

function request()
  turn = turn + 1
  if fixed then return fixed[turn % #fixed + 1] end
  local path = plan.paths[turn % #plan.paths + 1]
  local body
  if #plan.bodies > 0 then
    local unique = run .. "-" .. turn
    body = plan.bodies[turn % #plan.bodies + 1]:gsub("{n}", unique)
    if plan.keyed then plan.headers["Idempotency-Key"] = unique end
  end
  return wrk.format(plan.method, path, plan.headers, body)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nwrk-summary {"requests": %d, "duration_us": %d, "bytes": %d, "p50_us": %d, "p90_us": %d, "p99_us": %d, "max_us": %d, '
      .. '"errors": {"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}}\n',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
