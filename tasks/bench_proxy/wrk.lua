-- wrk -s wrk.lua URL -- METHOD: requests of that method, and the figures as a line of JSON.

function init(args)
  wrk.method = args[1]
  if wrk.method == "POST" then
    wrk.headers["Content-Type"] = "application/json"
    local model = '","model":"proxy_backend"}'
    wrk.body = '{"prompt":"' .. string.rep("x", 1000 - 11 - #model) .. model
  end
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    'figures: {"requests":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"refused":%d,"broken":%d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
