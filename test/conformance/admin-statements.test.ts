import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { z } from "zod";
import { systemClock } from "../../src/core/ports/clock.ts";
import { defineMethod } from "../../src/index.ts";
import { askAt } from "../../src/server/admin/operators-server.suite.ts";
import { startTestServer } from "../../src/testing/test-server.ts";
import { migratedDatabase } from "../support/migrated.ts";
import { postgresForTests } from "../support/postgres.ts";
import { StatementProxy } from "../support/statement-proxy.ts";

const later = defineMethod({ name: "later", request: z.object({ n: z.int() }), run: () => {} });
const database = await postgresForTests();
after(() => database[Symbol.asyncDispose]());

/**
 * The most statements that a process executes in a second by itself; shared answers are read anew
 * after two seconds.
 */
const OWN_PER_SECOND = 3;
const FRESH_SECONDS = 2;
const LISTS_FRESH_SECONDS = 1;

const twentyTimes = (...paths: readonly string[]): readonly string[] =>
  Array.from({ length: 20 }, () => paths).flat();

async function read(url: string): Promise<void> {
  const { status, text } = await askAt(url, "GET");
  assert.equal(status, 200, text);
}

suite("reads of many operators at once", () => {
  test("cost the database as many statements for twenty as for one", async () => {
    await using proxy = new StatementProxy(database.port);
    const store = await proxy.listen(await migratedDatabase(database));
    await using server = await startTestServer([later], { store, role: "api" });
    await server.operations.start(later, { n: 1 }, { delay: "1h" });
    const statementsOf = async (...paths: readonly string[]) => {
      proxy.counted();
      const began = systemClock.monotonic();
      await Promise.all(paths.map((path) => read(`${server.url}/admin/v1/${path}`)));
      const seconds = (systemClock.monotonic() - began) / 1_000;
      return { count: proxy.counted().answer, own: OWN_PER_SECOND * (1 + seconds), seconds };
    };
    // The usual durations are read once a minute, whatever the range.
    await statementsOf("summary?range=1h");
    const one = await statementsOf("summary?range=15m", "workers");
    assert.ok(one.count >= 3 && one.count <= 10 + one.own, `${one.count} statements for one`);
    const twenty = await statementsOf(...twentyTimes("summary?range=6h", "methods?range=6h", "workers"));
    const most = one.count * (1 + Math.floor(twenty.seconds / FRESH_SECONDS)) + twenty.own;
    assert.ok(twenty.count <= most, `${twenty.count} statements for twenty, ${one.count} for one`);
    const done = "filter=done%3Dtrue";
    const list = await statementsOf(`operations?${done}`, `operations:count?${done}`, "failures?range=15m");
    const lists = await statementsOf(...twentyTimes("operations", "operations:count", "failures?range=1h"));
    const mostLists = list.count * (1 + Math.floor(lists.seconds / LISTS_FRESH_SECONDS)) + lists.own;
    assert.ok(lists.count <= mostLists, `${lists.count} statements for twenty, ${list.count} for one`);
  });
});
