import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Load, LoadGenerator, LoadResult } from "./load.ts";

const execute = promisify(execFile);

/**
 * wrk's script: it makes the requests and counts the answers. It reads the paths from a file, and
 * visits all of them with a stride that shares no divisor with their number, so that the order
 * defeats caches.
 */
const SCRIPT = String.raw`
local file, body = os.getenv("BENCH_PATHS"), os.getenv("BENCH_BODY")
local requests, at, stride = {}, 0, 7919
local headers = {}
for name, value in string.gmatch(os.getenv("BENCH_HEADERS") or "", "([^:\n]+):([^\n]*)") do headers[name] = value end
if body ~= nil and body ~= "" then headers["Content-Type"] = "application/json" end
function init()
  for path in io.lines(file) do
    if body ~= nil and body ~= "" then
      requests[#requests + 1] = wrk.format("POST", path, headers, body)
    else
      requests[#requests + 1] = wrk.format("GET", path, headers)
    end
  end
end
function request()
  at = (at + stride) % #requests
  return requests[at + 1]
end
function done(summary, latency)
  local errors = summary.errors
  local failures = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d", summary.requests, summary.duration, failures))
end
`;

/** wrk, if it is installed. @param folder for its script */
export async function findWrk(folder: string): Promise<LoadGenerator | undefined> {
  // `wrk --version` prints the version but exits with an error, so the exit code is ignored.
  const banner = await execute("wrk", ["--version"]).catch((error: { stdout?: string }) => error);
  const name = /^wrk \S+/.exec(banner.stdout ?? "")?.[0];
  if (name === undefined) return undefined;
  const script = join(folder, "load.lua");
  const paths = join(folder, "paths.txt");
  writeFileSync(script, SCRIPT);
  return { name, run: (load) => runWrk(load, { script, paths }) };
}

async function runWrk(
  load: Load,
  files: { readonly script: string; readonly paths: string },
): Promise<LoadResult> {
  writeFileSync(files.paths, `${load.paths.join("\n")}\n`);
  const words = ["-t", "1", "-c", `${load.connections}`, "-d", `${load.seconds}s`, "-s", files.script];
  const headers = Object.entries(load.headers ?? {})
    .map(([name, value]) => `${name}:${value}`)
    .join("\n");
  const { stdout, stderr } = await execute("wrk", [...words, load.url], {
    env: { ...process.env, BENCH_PATHS: files.paths, BENCH_BODY: load.body ?? "", BENCH_HEADERS: headers },
  });
  const found = /RESULT (\d+) (\d+) (\d+)/.exec(stdout);
  if (found === null) throw new Error(`wrk printed no result:\n${stderr}${stdout}`);
  const [requests, microseconds, failures] = found.slice(1).map(Number) as [number, number, number];
  return {
    requests: requests - failures,
    requestsPerSecond: ((requests - failures) / microseconds) * 1e6,
    failures,
  };
}
