import assert from "node:assert/strict";
import { after, it } from "node:test";
import { CITUS_URL, citusForTests, NO_CITUS } from "../../../test/support/citus.ts";
import { checkPromises } from "../../../test/support/promises.ts";
import { applyMigrations } from "../open.ts";
import { putOnShardsOfKeys } from "../../testing/an-operation.ts";
import { storeSuite } from "../store.suite.ts";
import { aSubject } from "./a-subject.suite.ts";
import { Database } from "./database.ts";
import { distributionOf, flawsOf } from "./distribution.ts";
import { hotTexts, wideTexts } from "./rehearsal.ts";
import { onShard, touchesAll } from "./sharding.ts";
import { CLAIM } from "./statements-claim.ts";
import { planned, PLANNED_EACH_TIME } from "./statements-session.ts";
import * as inserts from "./statements-insert.ts";
import * as sql from "./statements.ts";

const TABLES = `
  select table_name::text, citus_table_type, distribution_column, shard_count from citus_tables order by table_name::text`;
const GROUPS = `
  select count(distinct colocation_id), count(*) from citus_tables where citus_table_type = 'distributed'`;

/** What callers and workers wait for. */
const HOT = {
  start: inserts.insertText(17, 1),
  "start with a request id": inserts.FIND_BY_REQUEST,
  "start of a key": inserts.lockKeysText(17, 1),
  claim: CLAIM,
  "renew and report": sql.RENEW,
  "complete, fail, release and cancel": sql.REPLACE,
  get: sql.READ,
  wait: sql.OVER,
  delete: sql.REMOVE,
};

if (CITUS_URL === undefined) it("the store suite on Citus", { skip: NO_CITUS }, () => {});
else await onCitus();

async function onCitus(): Promise<void> {
  putOnShardsOfKeys();
  const cluster = citusForTests();
  after(() => cluster[Symbol.asyncDispose]());
  const address = await cluster.createDatabase();
  await applyMigrations(address);
  await checkPromises(address);

  const database = new Database({ address, connections: 1 });
  after(() => database.close());

  it("migrations cut two tables by their shard, colocated, and put the small ones on every node", async () => {
    const tables = await database.query(TABLES);
    assert.deepEqual(
      tables.map((row) => row.map(String).join(" ")),
      [
        "migration_turn reference <none> 1",
        "migrations reference <none> 1",
        "operations distributed shard 64",
        "parallel_keys distributed shard 64",
        "service reference <none> 1",
      ],
    );
    const [groups] = await database.query(GROUPS);
    assert.deepEqual(groups?.map(Number), [1, 2], "operations and parallel_keys lie together");
    const states = await distributionOf((text, parameters) => database.query(text, parameters));
    assert.deepEqual(flawsOf(states ?? []), []);
  });

  it("every hot statement is one task, and lists are not", async () => {
    const hot = hotTexts(17).filter((text) => /\boperations\b|\bparallel_keys\b/.test(text));
    for (const [verb, text] of Object.entries(HOT)) assert.ok(hot.includes(onShard(text, 17)), verb);
    for (const text of hot) assert.equal(await tasksOf(database, text), "Task Count: 1", text);
    for (const text of wideTexts()) assert.equal(await tasksOf(database, text), "Task Count: 64", text);
  });

  storeSuite(aSubject({ name: "Citus", address, listRuns: 20, isDistributed: true }));
}

/** On how many pieces of the tables a statement is carried out, as its plan says. */
function tasksOf(database: Database, text: string): Promise<string> {
  return database.transaction(async (query) => {
    const [prepare = "", explain = ""] = planned(text);
    if (touchesAll(text)) await query(PLANNED_EACH_TIME);
    await query(prepare);
    const plan = (await query(explain)).map(([line]) => String(line)).join("\n");
    await query("deallocate rehearsal");
    return /Task Count: \d+/.exec(plan)?.[0] ?? plan;
  });
}
