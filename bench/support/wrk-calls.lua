-- Sends the calls of a file in turn: on each line method, path and body, with tabs between.
local calls, count = {}, 0

init = function(args)
  for line in io.lines(args[1]) do
    local method, path, body = line:match("^(.-)\t(.-)\t(.*)$")
    calls[#calls + 1] = wrk.format(method, path, wrk.headers, body ~= "" and body or nil)
  end
end

request = function()
  count = count % #calls + 1
  return calls[count]
end

done = function(summary, latency)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  local p99 = latency:percentile(99)
  io.write(string.format("report %d %d %d %d %d\n", summary.requests, failed, summary.bytes, summary.duration, p99))
end
