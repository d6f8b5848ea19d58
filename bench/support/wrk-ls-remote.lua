-- What `git ls-remote` sends with version 2 of the protocol: first the capabilities, then the refs.
local headers = { ["Git-Protocol"] = "version=2" }
local post_headers = {
  ["Git-Protocol"] = "version=2",
  ["Content-Type"] = "application/x-git-upload-pack-request",
  ["Accept"] = "application/x-git-upload-pack-result",
}
local body = "0014command=ls-refs\n0016object-format=sha1" .. "0001" .. "0009peel\n" .. "000csymrefs\n" .. "0000"
local base, count = nil, 0

init = function(args)
  base = args[1]
end

request = function()
  count = count + 1
  if count % 2 == 1 then
    return wrk.format("GET", base .. "/info/refs?service=git-upload-pack", headers)
  end
  return wrk.format("POST", base .. "/git-upload-pack", post_headers, body)
end

done = function(summary, latency)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  local p99 = latency:percentile(99)
  io.write(string.format("report %d %d %d %d %d\n", summary.requests, failed, summary.bytes, summary.duration, p99))
end
