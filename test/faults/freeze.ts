import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startServerProcess } from "../support/server-process.ts";
import type { WireOperation } from "./journal.ts";
import { call, METHODS } from "./kill.ts";

const LEASE_MS = 1_000;

/**
 * A worker frozen past its lease (SIGSTOP) whose operation another attempt finishes: its late completion is refused and
 * nothing changes.
 */
export async function freezeFault(options: {
  readonly folder: string;
}): Promise<Record<string, number | string>> {
  const until = join(options.folder, "go-on");
  await using server = await startServerProcess({
    file: METHODS,
    store: `sqlite:${join(options.folder, "freeze.db")}`,
    flags: ["--lease", `${LEASE_MS}ms`, "--log-level", "debug"],
  });
  const { name } = await call(server.url, "POST", "v1:hold", { until });
  assert.equal(stateOf(await call(server.url, "GET", `v1/${name}`)), "RUNNING");
  server.process.kill("SIGSTOP");
  await delay(LEASE_MS * 2.5);
  server.process.kill("SIGCONT");
  const done = await call(server.url, "POST", `v1/${name}:wait?timeout=20s`);
  assert.equal(done.done, true, JSON.stringify(done));
  assert.equal(done.response?.value?.["attempt"], 2, JSON.stringify(done));
  writeFileSync(until, "");
  const deadline = performance.now() + 10_000;
  while (
    !/late|lost/.test(
      server
        .log()
        .split("\n")
        .filter((line) => line.includes('"attempt":1'))
        .join("\n"),
    )
  ) {
    assert.ok(performance.now() < deadline, `the first attempt's refusal was not logged:\n${server.log()}`);
    await delay(20);
  }
  assert.deepEqual(await call(server.url, "GET", `v1/${name}`), done);
  return {
    "frozen for ms": LEASE_MS * 2.5,
    "lease ms": LEASE_MS,
    "winning attempt": 2,
    "late completion": "refused",
  };
}

function stateOf(operation: WireOperation): unknown {
  return operation.metadata?.value?.["state"];
}
