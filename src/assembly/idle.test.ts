import assert from "node:assert/strict";
import { after, test } from "node:test";
import { z } from "zod";
import { migratedDatabase } from "../../test/support/migrated.ts";
import { postgresForTests } from "../../test/support/postgres.ts";
import { StatementProxy } from "../../test/support/statement-proxy.ts";
import { defineMethod } from "../core/method/method.ts";
import { systemClock } from "../core/ports/clock.ts";
import { openOperations } from "./open.ts";

const server = await postgresForTests();
after(() => server[Symbol.asyncDispose]());

/**
 * Rows are renewed, and connections checked, every five seconds: this time includes all of that.
 */
const WATCHED_MS = 10_000;
const STATEMENTS_PER_SECOND = 2;

const pause = (ms: number): Promise<void> => new Promise((resolve) => void systemClock.after(ms, resolve));

/** An idle process that is alone on its database, and therefore does all sweeping itself. */
async function aProcess(role: "api" | "worker", count: number) {
  const proxy = new StatementProxy(server.port);
  const store = await proxy.listen(await migratedDatabase(server));
  const methods = Array.from({ length: count }, (_, index) =>
    defineMethod({ name: `method${index}`, request: z.object({}), run: () => {} }),
  );
  const roles = { api: { worker: false }, worker: { callers: false } } as const;
  const operations = await openOperations({ store, methods, ...roles[role] });
  after(async () => {
    await operations.stop();
    await proxy[Symbol.asyncDispose]();
  });
  return { name: `${role} with ${count} methods`, counted: () => proxy.counted().answer };
}

test("an idle process queries its database at most twice a second, however many methods it has", async () => {
  const processes = [];
  for (const role of ["api", "worker"] as const)
    for (const count of [1, 200]) processes.push(await aProcess(role, count));
  // On a slow machine the statements of opening take their time.
  do await pause(1_000);
  while (processes.filter(({ counted }) => counted() > STATEMENTS_PER_SECOND).length > 0);
  const began = systemClock.monotonic();
  await pause(WATCHED_MS);
  const seconds = (systemClock.monotonic() - began) / 1_000;
  for (const { name, counted } of processes) {
    const perSecond = counted() / seconds;
    assert.ok(perSecond > 0.5 && perSecond <= STATEMENTS_PER_SECOND, `${name}: ${perSecond} a second`);
  }
});
