-- One line that a program can read: requests, answers that are errors, bytes, microseconds, 99th percentile in microseconds.
done = function(summary, latency, requests)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  local p99 = latency:percentile(99)
  io.write(string.format("report %d %d %d %d %d\n", summary.requests, failed, summary.bytes, summary.duration, p99))
end
