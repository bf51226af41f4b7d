import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type PostgresServer, startPostgres } from "../../../test/support/postgres.ts";
import { Database } from "./database.ts";
import { codeOf, isAnswerTimeout } from "./fault.ts";

describe("Database, while PostgreSQL is away", () => {
  let server: PostgresServer;
  let database: Database;

  before(async () => {
    server = await startPostgres();
    database = new Database({ address: await server.createDatabase(), connections: 2 });
  });
  after(async () => {
    await database.close();
    await server[Symbol.asyncDispose]();
  });

  it("fails at once during an outage of the database, and works again afterwards", async () => {
    assert.equal((await database.query("select 1"))[0]?.[0], 1);
    await server.stop();
    for (let count = 0; count < 10; count++)
      await assert.rejects(database.query("select 1"), (error) => {
        assert.ok(!isAnswerTimeout(error), "no place of the pool is lost");
        return codeOf(error) !== "CONNECT_TIMEOUT";
      });
    await server.start();
    assert.equal((await database.query("select 2"))[0]?.[0], 2);
  });

  it("rejects a transaction whose connection was ended, and continues", async () => {
    await assert.rejects(
      database.transaction((query) => query("select pg_terminate_backend(pg_backend_pid())")),
      { code: "CONNECTION_CLOSED" },
    );
    assert.equal((await database.query("select 3"))[0]?.[0], 3);
  });
});
