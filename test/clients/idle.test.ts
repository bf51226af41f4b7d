import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";

/** The cost of an idle server at its default settings, and its throughput under load. */

const NAP = fileURLToPath(new URL("./nap.ts", import.meta.url));
const MEBIBYTE = 1_048_576;

async function serve(t: TestContext): Promise<ServerProcess> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-idle-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const server = await startServerProcess({ file: NAP, store: `sqlite:${join(folder, "operations.db")}` });
  t.after(() => server[Symbol.asyncDispose]());
  return server;
}

interface Usage {
  /** Of all threads, in user and kernel mode. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

/** Linux reports CPU time in hundredths of a second, on every machine. */
const MS_PER_TICK = 10;

/** @see proc(5): the fields after the name in parentheses begin with the third */
function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
    residentBytes: Number(resident?.[1]) * 1_024,
  };
}

const onLinux = process.platform === "linux" ? false : "It reads /proc, which only Linux has.";

test("an idle server costs next to nothing", { skip: onLinux, timeout: 60_000 }, async (t) => {
  const { process: server, url } = await serve(t);
  const pid = server.pid ?? assert.fail("a process without an id");
  assert.equal((await fetch(`${url}/v1/operations`)).status, 200);
  // The work just after the start, such as compiling and garbage collection, does not count as
  // idle.
  await delay(1_000);
  const [before, from] = [usageOf(pid), performance.now()];
  await delay(3_000);
  const [after, to] = [usageOf(pid), performance.now()];
  const share = (after.cpuMs - before.cpuMs) / (to - from);
  const grown = (after.residentBytes - before.residentBytes) / MEBIBYTE;
  const resident = Math.round(after.residentBytes / MEBIBYTE);
  t.diagnostic(
    `idle: ${(share * 100).toFixed(1)} % CPU, ${resident} MiB, ${grown.toFixed(1)} MiB more than before`,
  );
  assert.ok(share < 0.02, `${(share * 100).toFixed(1)} % CPU`);
  assert.ok(grown < 5, `${grown.toFixed(1)} MiB`);
});

const COUNT = 1_000;
const CALLERS = 32;

test("a thousand short operations run in one process", { timeout: 60_000 }, async (t) => {
  const { url } = await serve(t);
  let next = 0;
  const states: unknown[] = [];
  const caller = async (): Promise<void> => {
    while (next++ < COUNT) states.push(await runOne(url));
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CALLERS }, caller));
  const wallMs = Math.round(performance.now() - started);
  t.diagnostic(`${COUNT} operations of 10 ms, ${CALLERS} callers: ${wallMs} ms`);
  assert.deepEqual(
    states,
    Array.from({ length: COUNT }, () => ({ sleptMs: 10 })),
  );
  assert.ok(wallMs < 30_000, `${wallMs} ms`);
});

interface WireOperation {
  readonly name: string;
  readonly done?: true;
  readonly response?: { readonly value: unknown };
}

/** Starts an operation, waits for it, and returns its result. */
async function runOne(url: string): Promise<unknown> {
  const { name } = await post(`${url}/v1:nap`, '{"durationMs": 10}');
  const operation = await post(`${url}/v1/${name}:wait?timeout=30s`, "");
  assert.equal(operation.done, true);
  return operation.response?.value;
}

async function post(address: string, body: string): Promise<WireOperation> {
  const response = await fetch(address, { method: "POST", body });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text) as WireOperation;
}
