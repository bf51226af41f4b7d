import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import postgres from "postgres";
import { migratedDatabase } from "../../../test/support/migrated.ts";
import { postgresForTests } from "../../../test/support/postgres.ts";
import { defineMethod } from "../../core/method/method.ts";
import type { CallerTransaction } from "../../core/ports/caller-transaction.ts";
import { openOperations } from "../../assembly/open.ts";
import type { OpenedOperations } from "../../assembly/opened-operations.ts";

const anything = {
  "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
} as const;
const send = defineMethod({ name: "send", request: anything, run: () => {} });
const one = defineMethod({ name: "one", request: anything, parallel: { when: "reject" }, run: () => {} });

/** A driver: runs `work` in a transaction, which is rolled back if it rejects. */
type InTransaction = (work: (transaction: CallerTransaction) => Promise<void>) => Promise<void>;

describe("a start in the caller's own transaction", () => {
  let server: Awaited<ReturnType<typeof postgresForTests>>;
  let operations: OpenedOperations;
  let sql: postgres.Sql;
  let client: pg.Client;
  before(async () => {
    server = await postgresForTests();
    const address = await migratedDatabase(server);
    operations = await openOperations({ methods: [send, one], store: address, worker: false });
    sql = postgres(address, { max: 1, onnotice: () => {} });
    client = new pg.Client(address);
    await client.connect();
    await sql`create table orders (id integer primary key)`;
  });
  after(async () => {
    await Promise.all([operations.stop(), sql.end(), client.end()]);
    await server[Symbol.asyncDispose]();
  });

  const withPg = async (
    work: (query: (config: pg.QueryArrayConfig) => Promise<pg.QueryArrayResult>) => Promise<void>,
  ): Promise<void> => {
    await client.query("begin");
    try {
      await work((config: pg.QueryArrayConfig) => client.query(config));
      await client.query("commit");
    } catch (error) {
      await client.query("rollback");
      throw error;
    }
  };
  const drivers: Record<string, InTransaction> = {
    postgres: async (work) => {
      await sql.begin((inside) => work(inside));
    },
    pg: (work) => withPg(() => work(client)),
    "another, behind an object with query": (work) =>
      withPg((query) => work({ query: (text, values) => query({ text, values, rowMode: "array" }) })),
  };

  for (const [driver, inTransaction] of Object.entries(drivers)) {
    test(`${driver}: it exists when the transaction is committed, and not before`, async () => {
      let name = "";
      await inTransaction(async (transaction) => {
        ({ name } = await operations.start(send, { driver }, { transaction, requestId: driver }));
        await assert.rejects(operations.get(name), { code: "NOT_FOUND" });
        // The same request id in the same transaction: the existing record is read within it too.
        const again = await operations.start(send, { driver }, { transaction, requestId: driver });
        assert.deepEqual([again.name, again.createTime], [name, again.createTime]);
      });
      const kept = await operations.get(name);
      assert.equal(kept.done, false);
    });

    test(`${driver}: it is the same on a session that reads NULL as a text`, async () => {
      await inTransaction(async (transaction) => {
        await ("unsafe" in transaction
          ? transaction.unsafe("set local array_nulls = off", [])
          : transaction.query("set local array_nulls = off", []));
        const started = [1, 2].map(() => operations.start(send, { driver }, { transaction }));
        const [first, second] = await Promise.all(started);
        assert.notEqual(first?.name, second?.name, "neither has a request id");
      });
    });

    test(`${driver}: it does not exist when the transaction is rolled back`, async () => {
      let name = "";
      const failed = inTransaction(async (transaction) => {
        ({ name } = await operations.start(send, {}, { transaction }));
        throw new Error("the order could not be stored");
      });
      await assert.rejects(failed, /the order/);
      await assert.rejects(operations.get(name), { code: "NOT_FOUND" });
    });

    test(`${driver}: limits on parallel operations hold`, async () => {
      await inTransaction(async (transaction) => {
        const { name } = await operations.start(one, {}, { transaction });
        await assert.rejects(operations.start(one, {}, { transaction }), { code: "ABORTED" });
        await operations.start(send, { name }, { transaction });
      });
      const { operations: all } = await operations.list({ filter: "metadata.verb = one AND done = false" });
      assert.equal(all.length, 1);
      for (const { name } of all) await operations.cancel(name);
    });
  }

  test("a store that is not in PostgreSQL says so", async () => {
    const embedded = await openOperations({ methods: [send], store: "sqlite::memory:" });
    await assert.rejects(embedded.start(send, {}, { transaction: client }), /not in PostgreSQL/);
    await embedded.stop();
  });
});
