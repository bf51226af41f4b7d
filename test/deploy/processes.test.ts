import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { parseSettings } from "../../src/config/parse.ts";
import { SERVE_KEYS } from "../../src/config/setting-keys.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { deployedProcesses } from "./processes.ts";

/**
 * The time after the drain: handlers that ignore their signal are abandoned, and their attempts are
 * released.
 */
const GIVE_BACK_MS = 10_000;
assert.ok(GIVE_BACK_MS >= 3 * LIMITS.drainAbortMs + 1_000);

suite("the processes that deploy/ starts", () => {
  const processes = deployedProcesses().map((process) => ({
    ...process,
    settings: parseSettings(SERVE_KEYS, { flags: {}, environment: process.environment }),
  }));

  test("are an api, a worker and a migration in each way to deploy", () => {
    const roles = processes.map(({ command, settings }) => (command === "serve" ? settings.role : command));
    assert.deepEqual(
      roles.toSorted(),
      ["api", "migrate", "worker"].flatMap((role) => [role, role, role]),
    );
  });

  test("have existing, valid settings, and a store in PostgreSQL", () => {
    for (const { settings, name } of processes) assert.match(settings.store, /^postgres:/, name);
  });

  test("get the time to drain", () => {
    for (const { command, settings, graceMs = 0, name } of processes) {
      if (command === "migrate") continue;
      const wanted = settings.drainDelayMs + settings.drainMs + GIVE_BACK_MS;
      assert.ok(graceMs >= wanted, `${name}: ${graceMs} ms for ${wanted} ms`);
      assert.ok(graceMs <= wanted + 10_000, `${name}: waits for longer than there is something to wait for`);
    }
  });

  test("keep the port open until load balancers have noticed, if they have callers", () => {
    for (const { command, settings, name } of processes) {
      if (command === "migrate") continue;
      if (settings.role === "api") assert.ok(settings.drainDelayMs >= 5_000, name);
      else assert.equal(settings.drainDelayMs, 0, name);
    }
  });

  test("have a published port for probes and metrics", () => {
    for (const { command, settings, name } of processes) {
      if (command === "migrate") continue;
      assert.equal(settings.metrics, true, name);
      assert.equal(settings.role === "worker", settings.probePort !== undefined, name);
      // Callers get nothing that is only for operators.
      assert.ok(settings.admin !== "full", name);
    }
  });

  test("log in the format for machines", () => {
    for (const { settings, name } of processes) assert.equal(settings.logFormat, "json", name);
  });
});
