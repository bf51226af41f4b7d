import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../../src/index.ts";
import { askAt } from "../../src/server/admin/operators-server.suite.ts";
import { startTestServer } from "../../src/testing/test-server.ts";
import { migratedDatabase } from "../support/migrated.ts";
import { postgresForTests } from "../support/postgres.ts";
import { StatementProxy } from "../support/statement-proxy.ts";

const later = defineMethod({ name: "later", request: z.object({ n: z.int() }), run: () => {} });
const database = await postgresForTests();
after(() => database[Symbol.asyncDispose]());

/** What an idle process asks by itself while a test looks. */
const OWN_MAX = 4;

suite("what operators read at once", () => {
  test("costs the database as many statements for twenty as for one", async () => {
    const proxy = new StatementProxy(database.port);
    const store = await proxy.listen(await migratedDatabase(database));
    {
      await using server = await startTestServer([later], { store, role: "api" });
      await server.operations.start(later, { n: 1 }, { delay: "1h" });
      const read = async (path: string): Promise<void> => {
        const { status, text } = await askAt(`${server.url}/admin/v1/${path}`, "GET");
        assert.equal(status, 200, text);
      };
      // What is usual is read once a minute, whatever the range.
      await read("summary?range=1h");
      proxy.counted();
      await read("summary?range=15m");
      const forOne = proxy.counted().answer;
      assert.ok(forOne >= 3 && forOne <= 10 + OWN_MAX, `${forOne} statements for one`);
      const twenty = Array.from({ length: 20 }, () => ["summary?range=6h", "methods?range=6h"]);
      await Promise.all(twenty.flat().map(read));
      const forTwenty = proxy.counted().answer;
      assert.ok(forTwenty <= forOne + OWN_MAX, `${forTwenty} statements for twenty, ${forOne} for one`);
    }
    await proxy[Symbol.asyncDispose]();
  });
});
