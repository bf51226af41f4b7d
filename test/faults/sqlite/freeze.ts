import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startServerProcess } from "../../support/server-process.ts";
import type { Fault } from "../fault.ts";

const METHODS = fileURLToPath(new URL("../methods.ts", import.meta.url));
const LEASE_MS = 1_000;

interface WireOperation {
  readonly name: string;
  readonly done?: boolean;
  readonly response?: { readonly value?: Readonly<Record<string, unknown>> };
  readonly metadata?: { readonly value?: Readonly<Record<string, unknown>> };
}

/**
 * A server is frozen past its lease (SIGSTOP) while another attempt finishes its operation. The
 * first attempt ignores its signal and completes late; the service refuses this, and nothing
 * changes.
 */
export const sqliteFreeze: Fault = {
  name: "sqlite-freeze",
  stores: ["sqlite"],
  async run({ folder }) {
    const until = join(folder, "go-on");
    await using server = await startServerProcess({
      file: METHODS,
      store: `sqlite:${join(folder, "freeze.db")}`,
      flags: ["--lease", `${LEASE_MS}ms`, "--log-level", "debug"],
    });
    const { name } = await call(server.url, "POST", "v1:hold", { until });
    // A start is answered before its claim, and the store shows a claim before its worker knows it.
    await untilHeld(`${until}.held`);
    assert.equal((await call(server.url, "GET", `v1/${name}`)).metadata?.value?.["state"], "RUNNING");
    server.process.kill("SIGSTOP");
    await delay(LEASE_MS * 2.5);
    server.process.kill("SIGCONT");
    const done = await call(server.url, "POST", `v1/${name}:wait?timeout=20s`);
    assert.equal(done.done, true, JSON.stringify(done));
    assert.equal(done.response?.value?.["attempt"], 2, JSON.stringify(done));
    writeFileSync(until, "");
    await untilRefused(server.log);
    assert.deepEqual(await call(server.url, "GET", `v1/${name}`), done);
    return {
      "frozen for ms": LEASE_MS * 2.5,
      "lease ms": LEASE_MS,
      "winning attempt": 2,
      "late completion": "refused",
    };
  },
};

/** Resolves when the handler of the first attempt runs. */
async function untilHeld(file: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!existsSync(file)) {
    assert.ok(performance.now() < deadline, "the handler of the first attempt did not begin");
    await delay(5);
  }
}

/** Resolves when the log says that the first attempt came too late. */
async function untilRefused(log: () => string): Promise<void> {
  const deadline = performance.now() + 10_000;
  const ofTheFirst = (): string[] =>
    log()
      .split("\n")
      .filter((line) => line.includes('"attempt":1'));
  while (!/late|lost/.test(ofTheFirst().join("\n"))) {
    assert.ok(performance.now() < deadline, `the first attempt's refusal was not logged:\n${log()}`);
    await delay(20);
  }
}

/** One call; rejects for any answer but 200. */
async function call(url: string, method: string, path: string, body?: unknown): Promise<WireOperation> {
  const response = await fetch(`${url}/${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, `${method} ${path}: ${text}`);
  return JSON.parse(text) as WireOperation;
}
