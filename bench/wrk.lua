-- What wrk asks for and tells. With BENCH_AMONG set, the {:08d} in BENCH_PATTERN is a number that goes round below it;
-- without, the path of the command line is asked for as it is, which costs wrk the least.
local among = tonumber(os.getenv("BENCH_AMONG") or "0")

if among > 0 then
  local requests, at = {}, 0

  function init()
    for number = 0, among - 1 do
      requests[number + 1] = wrk.format("GET", (os.getenv("BENCH_PATTERN"):gsub("{:08d}", string.format("%08d", number))))
    end
  end

  function request()
    at = at % among + 1
    return requests[at]
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nTOLD {"requests": %d, "seconds": %.6f, "bytes": %d, "p50_ms": %.4f, "p99_ms": %.4f, "refused": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
