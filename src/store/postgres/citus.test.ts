import assert from "node:assert/strict";
import { after, it } from "node:test";
import { CITUS_URL, citusForTests, NO_CITUS } from "../../../test/support/citus.ts";
import { checkPromises } from "../../../test/support/promises.ts";
import { applyMigrations } from "../open.ts";
import { putOnShardsOfKeys } from "../../testing/an-operation.ts";
import { storeSuite } from "../store.suite.ts";
import { aSubject } from "./a-subject.suite.ts";
import { Database } from "./database.ts";

if (CITUS_URL === undefined) it("the store suite on Citus", { skip: NO_CITUS }, () => {});
else await onCitus();

async function onCitus(): Promise<void> {
  putOnShardsOfKeys();
  const cluster = citusForTests();
  after(() => cluster[Symbol.asyncDispose]());
  const address = await cluster.createDatabase();
  await applyMigrations(address);
  await checkPromises(address);

  it("migrations spread the tables over the worker nodes of Citus", async () => {
    const database = new Database({ address, connections: 1 });
    const tables = await database.query("select table_name::text, shard_count::integer from citus_tables");
    await database.close();
    const shards = Object.fromEntries(tables.map(([table, count]) => [String(table), Number(count)]));
    assert.equal(shards["operations"], 64);
    assert.equal(shards["parallel_keys"], 64);
  });

  storeSuite(aSubject({ name: "Citus", address, listRuns: 20, isDistributed: true }));
}
