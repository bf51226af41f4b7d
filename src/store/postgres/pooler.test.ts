import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { PGBOUNCER, startPgbouncer } from "../../../test/support/pgbouncer.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { openStore } from "../open.ts";
import { storeSuite } from "../store.suite.ts";
import { aMigratedAddress, open, server } from "./a-database.suite.ts";
import { aSubject } from "./a-subject.suite.ts";

const MODES = ["transaction", "session"] as const;

if (PGBOUNCER === undefined) {
  it("a store works behind pgbouncer", { skip: "PGBOUNCER names no program" }, () => {});
}
for (const mode of PGBOUNCER === undefined ? [] : MODES) {
  const pooler = await startPgbouncer(mode, server.port);
  after(() => pooler[Symbol.asyncDispose]());
  const direct = await aMigratedAddress();
  const address = pooler.through(direct);
  storeSuite(
    aSubject({
      name: `PostgreSQL behind pgbouncer in ${mode} mode`,
      address,
      direct,
      listRuns: 10,
      options: { listen: false },
    }),
  );

  describe(`sessions behind pgbouncer in ${mode} mode`, () => {
    it("set the settings that statements need, and leave nothing behind", async () => {
      const database = open(`${address}?search_path=pg_temp,public`);
      const text = "select current_setting('statement_timeout'), current_setting('search_path')";
      const rows = await Promise.all(Array.from({ length: 20 }, () => database.query(text)));
      for (const [row] of rows) assert.deepEqual([...(row ?? [])], ["5s", "pg_temp,public"]);
      const [inside] = await database.transaction((query) => query(text));
      assert.deepEqual([...(inside ?? [])], ["5s", "pg_temp,public"]);
      await assert.rejects(database.query("select 1 / 0"), { code: "22012" });
      assert.equal((await database.query("select 1"))[0]?.[0], 1);
    });

    it("migrate, and keep leases on a thread of their own", async () => {
      const fresh = pooler.through(await server.createDatabase());
      const store = await openStore(fresh, { postgres: { listen: false } });
      const operation = anOperation();
      await store.write({ verb: "insert", operation });
      assert.deepEqual(await store.read(operation.id), operation);
      await store.close();
      await assert.rejects(openStore(`${pooler.through(await server.createDatabase())}?search_path=public`), {
        code: "FAILED_PRECONDITION",
        message: /through a pooler with settings in the address \(search_path\)/,
      });
    });

    it("are UNAVAILABLE, with the pooler's message, if it has no server", async () => {
      const wrong = Object.assign(new URL(address), { pathname: "/no_such_database" });
      await assert.rejects(openStore(wrong.href), { message: /^Cannot open .*no_such_database/ });
    });
  });
}
