-- One line that a program can read: requests, answers that are errors, bytes, microseconds.
done = function(summary, latency, requests)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format("report %d %d %d %d\n", summary.requests, failed, summary.bytes, summary.duration))
end
