import assert from "node:assert/strict";
import { after, it } from "node:test";
import { CITUS_URL, citusForTests, NO_CITUS } from "../../../test/support/citus.ts";
import { checkPromises } from "../../../test/support/promises.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { applyMigrations, openStore } from "../open.ts";
import { insertOf } from "../suite/subject.suite.ts";
import { anOperation, putOnShardsOfKeys } from "../../testing/an-operation.ts";
import { storeSuite } from "../store.suite.ts";
import { aSubject } from "./a-subject.suite.ts";
import { Database } from "./database.ts";
import { distributionOf, flawsOf } from "./distribution.ts";
import { Looks } from "./looks.ts";
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

const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/** A shard on the first worker node, and one on another. */
const TWO_SHARDS = `
  select min(shard) filter (where nodeid = 2), min(shard) filter (where nodeid > 2),
    min(nodeport) filter (where nodeid = 2)
  from generate_series(0, 63) shard
  join pg_dist_placement p on p.shardid = get_shard_id_for_distribution_column('operations', shard::smallint)
  join pg_dist_node n using (groupid)`;

/** The statements that callers and workers wait for. */
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

  it("migrations cut six tables by their shard, colocated, and put the small ones on every node", async () => {
    const tables = await database.query(TABLES);
    assert.deepEqual(
      tables.map((row) => row.map(String).join(" ")),
      [
        "failures distributed shard 64",
        "migration_turn reference <none> 1",
        "migrations reference <none> 1",
        "operations distributed shard 64",
        "parallel_keys distributed shard 64",
        "resources distributed shard 64",
        "service reference <none> 1",
        "statistics distributed shard 64",
        "workers distributed shard 64",
      ],
    );
    const [groups] = await database.query(GROUPS);
    assert.deepEqual(groups?.map(Number), [1, 6], "they lie together");
    const states = await distributionOf((text, parameters) => database.query(text, parameters));
    assert.deepEqual(flawsOf(states ?? []), []);
  });

  it("every hot statement is one task, and lists are not", async () => {
    const hot = hotTexts(17).filter((text) => /\boperations\b|\bparallel_keys\b/.test(text));
    for (const [verb, text] of Object.entries(HOT)) assert.ok(hot.includes(onShard(text, 17)), verb);
    for (const text of hot) assert.equal(await tasksOf(database, text), "Task Count: 1", text);
    for (const text of wideTexts()) assert.equal(await tasksOf(database, text), "Task Count: 64", text);
  });

  it("worker nodes have our settings where a statement may wait for a lock, and in transactions", async () => {
    const store = await openStore(address);
    const { id } = anOperation();
    await store.write(insertOf(anOperation({ id: `${id.slice(0, -2)}11` })));
    await store.close();
    const ask =
      "select current_setting('lock_timeout'), current_setting('jit') from operations where shard = 17";
    for (const answer of [
      await database.query(`with asked as (${ask}) select * from asked`),
      await database.transaction((query) => query(ask)),
    ])
      assert.deepEqual(answer.map(String), ["200ms,off"]);
    const shorter = new Database({ address: `${address}?lock_timeout=150`, connections: 1 });
    assert.deepEqual((await shorter.transaction((query) => query(ask))).map(String), ["150ms,off"]);
    await shorter.close();
  });

  it("an idle process looks for work with one statement over all shards", async () => {
    const [store, deaf] = [
      await openStore(address, { runs: ["lost"], hasCallers: false }),
      await openStore(address, { keepsLeases: false, postgres: { listen: false } }),
    ];
    const statements: string[] = [];
    const told: string[] = [];
    store.watch((changes) => void told.push(...changes.map(({ method, state }) => `${method} ${state}`)));
    const late = store.time() - 1_000;
    await deaf.write(insertOf(anOperation({ method: "lost", createTime: late, availableTime: late })));
    const looked = new Looks({
      query: (text, parameters) => {
        statements.push(text);
        return database.query(text, parameters);
      },
    });
    const at = [Math.floor(late), 9];
    const [leases, , expired] = await Promise.all([
      looked.query(sql.DUE_LEASES, [...at, FIRST_ID, ""]),
      looked.query(sql.DUE_DEADLINES, [...at, FIRST_ID, "-1"]),
      looked.query(sql.EXPIRED, [...at, "{}"]),
    ]);
    assert.deepEqual([statements.length, leases, expired], [1, [], []]);
    await store.neighbours?.look?.();
    assert.deepEqual(told, ["lost PENDING"]);
    const wanted = [{ method: "lost", limit: 1 }];
    const { operations } = await store.write({
      verb: "claim",
      worker: "w",
      leaseMs: 60_000,
      limit: 1,
      wanted,
    });
    assert.equal(operations.length, 1);
    await Promise.all([store.close(), deaf.close()]);
  });

  it("during an outage of a node, operations on other nodes continue, and a process can start", async () => {
    const lame = await cluster.createDatabase();
    await applyMigrations(lame);
    await openStore(lame).then((store) => store.close());
    const administrator = new Database({ address: lame, connections: 1 });
    const [[away, there, port] = []] = await administrator.query(TWO_SHARDS);
    const [lost, more, kept] = [onShardOf(away), onShardOf(away), onShardOf(there)];
    const before = await openStore(lame);
    await before.write(insertOf(lost));
    await before.close();
    await administrator.query("update pg_dist_node set nodeport = 1 where nodeid = 2");
    const store = await openStore(lame);
    const refused = { code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE" };
    await Promise.all([assert.rejects(store.write(insertOf(more)), refused), store.write(insertOf(kept))]);
    await Promise.all([assert.rejects(store.read(lost.id), refused), store.read(kept.id)]);
    const claim = { verb: "claim", worker: "w", leaseMs: 60_000, limit: 9 } as const;
    const wanted = [{ method: kept.method, limit: 9 }];
    const first = await store.write({ ...claim, wanted });
    assert.deepEqual(
      first.operations.map(({ id }) => id),
      [kept.id],
    );
    await administrator.query(`update pg_dist_node set nodeport = ${Number(port)} where nodeid = 2`);
    await store.write(insertOf(more));
    const ids: string[] = [];
    while (ids.length < 2)
      ids.push(...(await store.write({ ...claim, wanted })).operations.map(({ id }) => id));
    assert.deepEqual(new Set(ids), new Set([lost.id, more.id]));
    await store.close();
    await administrator.close();
  });

  storeSuite(aSubject({ name: "Citus", address, listRuns: 20, isDistributed: true }));
}

/** The number of table pieces on which a statement runs, according to its plan. */
function tasksOf(database: Database, text: string): Promise<string> {
  return database.transaction(async (query) => {
    const [prepare = "", explain = ""] = planned(text);
    if (touchesAll(text)) await query(PLANNED_EACH_TIME);
    await query(prepare);
    const plan = (await query(explain)).map(([line]) => String(line)).join("\n");
    await query("deallocate rehearsal");
    // A plan with subplans reads at several instants and collects rows on the coordinator.
    return plan.includes("Subplan") ? plan : (/Task Count: \d+/.exec(plan)?.[0] ?? plan);
  });
}

function onShardOf(shard: unknown): Operation {
  const { id } = anOperation();
  return anOperation({ id: id.slice(0, -2) + Number(shard).toString(16).padStart(2, "0") });
}
