import assert from "node:assert/strict";
import { after, test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { silence } from "../../core/events.ts";
import { systemRandom } from "../../core/ports/random.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { parseAddress } from "../address.ts";
import { openStore } from "../open.ts";
import { listen } from "../suite/subject.suite.ts";
import { aMigratedAddress, open, queryOf, server } from "./a-database.suite.ts";
import { listeners } from "./hearing.suite.ts";
import type { Topic } from "./notices.ts";
import { listPostgresMigrations, migratePostgres, openPostgres, type PostgresOptions } from "./open.ts";
import type { PostgresStore } from "./store.ts";

const PARTS = { clock: systemClock, random: systemRandom, tell: silence, readOnly: false };

function parsed(address: string) {
  const at = parseAddress(address);
  assert.ok(at.kind === "postgres");
  return at;
}

async function opened(
  address: string,
  {
    readOnly = false,
    topics = ["work", "ends"],
    ...postgres
  }: PostgresOptions & { readonly readOnly?: boolean; readonly topics?: readonly Topic[] } = {},
): Promise<PostgresStore> {
  const parts = { ...PARTS, readOnly, keepsLeases: false, topics, runs: [], postgres };
  const store = await openPostgres(parsed(address), parts);
  after(() => store.close());
  return store;
}

const address = await aMigratedAddress();

test("a store that is opened to read writes nothing, its key included", async () => {
  const store = await opened(address, { readOnly: true });
  await assert.rejects(store.write({ verb: "insert", operation: anOperation() }), {
    code: "FAILED_PRECONDITION",
  });
  assert.deepEqual((await store.due({ by: "lease", limit: 9, after: null })).ids, []);
  assert.equal((await open(address).query("select * from service")).length, 0);
});

test("openPostgres() makes the schema, and every process on it has the same key", async () => {
  const fresh = await server.createDatabase();
  const [one, two] = await Promise.all([opened(fresh), opened(fresh)]);
  assert.deepEqual(one.key, two.key);
  const operation = anOperation();
  await one.write({ verb: "insert", operation });
  assert.deepEqual(await two.read(operation.id), operation);
  assert.equal(
    (await listPostgresMigrations(parsed(fresh), PARTS)).every((each) => each.applyTime),
    true,
  );
  assert.deepEqual(await migratePostgres(parsed(fresh), PARTS), []);
});

test("openPostgres() refuses to read a database without our schema, and creates none", async () => {
  const empty = await server.createDatabase();
  await assert.rejects(opened(empty, { readOnly: true }), {
    code: "FAILED_PRECONDITION",
    message: /is not applied to it/,
  });
  assert.equal((await listPostgresMigrations(parsed(empty), PARTS))[0]?.applyTime, null);
});

test("a store that receives hints says so, and polls less often", async () => {
  const stores = [await opened(address), await opened(address, { listen: false })];
  assert.deepEqual(
    stores.map(({ pollMs, tellsOfOthers }) => [pollMs, tellsOfOthers]),
    [
      [1_000, true],
      [200, false],
    ],
  );
});

test("a process receives the commits of another", async () => {
  const shared = await aMigratedAddress();
  const [one, two] = await Promise.all([opened(shared), opened(shared)]);
  const heard = listen(two);
  const arrived = Promise.withResolvers<void>();
  two.watch(() => arrived.resolve());
  await listeners(queryOf(open(shared)), 2);
  await one.write({ verb: "insert", operation: anOperation({ method: "told", availableTime: 7 }) });
  await arrived.promise;
  assert.deepEqual(
    heard.flat().map(({ state, method, availableTime }) => [state, method, availableTime]),
    [["PENDING", "told", 7]],
  );
});

test("time() is the database's", async () => {
  const store = await opened(address);
  const [row] = await open(address).query("select (extract(epoch from clock_timestamp()) * 1000)::bigint");
  assert.ok(Math.abs(store.time() - Number(row?.[0])) < 5_000);
});

test("a database that does not answer is UNAVAILABLE, a database that does not exist is not, and no connection stays open", async () => {
  await assert.rejects(opened("postgres://u@127.0.0.1:1/d"), {
    code: "UNAVAILABLE",
    reason: "STORE_UNAVAILABLE",
  });
  await assert.rejects(opened(`${address}_not_there`), { code: "FAILED_PRECONDITION" });
});

test("settings in the address apply to the session: two services use two schemas of one database", async () => {
  const shared = await server.createDatabase();
  await open(shared).query("create schema a");
  await open(shared).query("create schema b");
  const [one, two] = await Promise.all(["a", "b"].map((name) => opened(`${shared}?search_path=${name}`)));
  const operation = anOperation();
  await one?.write({ verb: "insert", operation });
  assert.deepEqual(await two?.read(operation.id), undefined);
  assert.deepEqual(await one?.read(operation.id), operation);
});

test("a closed store leaves no connection of its pool, its channels or its leases", async () => {
  const at = await aMigratedAddress();
  const look = queryOf(open(at, { connections: 1 }));
  const connected = async (): Promise<number> =>
    (
      await look(
        "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      )
    ).length;
  const parts = { ...PARTS, keepsLeases: true, topics: ["work"] as const, runs: [], postgres: {} };
  const store = await openPostgres(parsed(at), parts);
  await listeners(look, 1);
  await Promise.all(
    [anOperation(), anOperation()].map((operation) => store.write({ verb: "insert", operation })),
  );
  assert.ok((await connected()) >= 3);
  await store.close();
  // A server process ends a moment after its connection.
  for (let looks = 0; looks < 1_000 && (await connected()) > 0; looks++);
  assert.equal(await connected(), 0);
});

test("an operation that is started within a caller's transaction is announced to every process", async () => {
  const at = await aMigratedAddress();
  const [one, two] = await Promise.all([opened(at), opened(at)]);
  const database = open(at);
  await listeners(queryOf(database), 2);
  const heard = [listen(one), listen(two)];
  const operation = anOperation({ method: "within" });
  await database.transaction(async (query) => {
    const transaction = {
      query: async (text: string, parameters: (string | null)[]) => ({ rows: await query(text, parameters) }),
    };
    assert.ok((await one.insertWithin(transaction, { verb: "insert", operation })).inserted);
  });
  for (let looks = 0; looks < 2_000 && heard.some(({ length }) => length === 0); looks++)
    await database.query("select 1");
  for (const each of heard)
    assert.deepEqual(
      each.flat().map(({ method, state }) => [method, state]),
      [["within", "PENDING"]],
    );
});

test("a process listens only to the topics that it uses", async () => {
  const at = await aMigratedAddress();
  const look = queryOf(open(at, { connections: 1 }));
  for (const [options, topics] of [
    [{ keepsLeases: false }, "ends"],
    [{ hasCallers: false }, "work"],
  ] as const) {
    const store = await openStore(at, options);
    await listeners(look, 1);
    const [row] = await look(
      "select application_name from pg_stat_activity where datname = current_database() and application_name like '%listener (%'",
    );
    assert.equal(row?.[0], `longrunning listener (${topics})`);
    await store.close();
    await listeners(look, 0);
  }
});

test("the store's clock is between its bounds, which are as far apart as a round trip", async () => {
  const store = await openStore(await aMigratedAddress());
  const before = store.time();
  const { earliest = Number.NaN, latest = Number.NaN } = store.timeBounds?.() ?? {};
  assert.ok(
    earliest <= store.time() && latest >= before && latest > earliest,
    `${earliest} to ${latest}, ${before}`,
  );
  await store.close();
});
