import assert from "node:assert/strict";
import { test } from "node:test";
import { openStore } from "../open.ts";
import { aProcess, someCounts } from "../suite/statistics.suite.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { BesideWriter } from "./beside-writer.ts";
import { openForWriting } from "./connection.ts";
import { migrate } from "./schema.ts";
import { readSettings } from "./settings.ts";

test("counts do not wait for the disk, but anything after them does", async (context) => {
  const database = openForWriting(aDatabaseFile(context));
  context.after(() => database.close());
  migrate(database, 0);
  const levels: string[] = [];
  // The triggers call it while the transaction is open.
  database.function("level", () => levels.push(readSettings(database).synchronous));
  for (const table of ["workers", "resources"])
    database.exec(`create temp trigger look_${table} after insert on ${table} begin select level(); end`);
  const writer = new BesideWriter(database);
  const report = { process: aProcess(), counts: [], failures: [] };
  assert.deepEqual(writer.run({ verb: "report", report }), { answer: undefined });
  assert.equal(readSettings(database).synchronous, "full");
  const resource = { kind: "k", name: "n", dueTime: null, value: "1" };
  assert.deepEqual(writer.run({ verb: "put", resource, expected: null }), { answer: 1 });
  assert.deepEqual(levels, ["normal", "full"]);
});

test("a report that cannot be written leaves nothing behind, and no changed settings", (context) => {
  const database = openForWriting(aDatabaseFile(context));
  context.after(() => database.close());
  migrate(database, 0);
  const writer = new BesideWriter(database);
  const counts = [{ process: "p", period: 61 as never, time: 0, method: "m", counts: someCounts(1) }];
  const { fault } = writer.run({ verb: "report", report: { process: aProcess(), counts, failures: [] } });
  assert.equal(fault?.kind, "bug");
  assert.equal(database.isTransaction, false);
  assert.equal(readSettings(database).synchronous, "full");
  assert.equal(database.prepare("select count(*) as count from workers").get()?.["count"], 0);
});

test("a read-only store writes no report and no resource", async (context) => {
  const address = `sqlite:${aDatabaseFile(context)}`;
  await (await openStore(address)).close();
  const store = await openStore(address, { readOnly: true });
  const report = { time: 0, process: aProcess(), methods: new Map(), failures: [] };
  await assert.rejects(store.statistics.add(report), { code: "FAILED_PRECONDITION" });
  await assert.rejects(store.resources.remove("k", "n"), { code: "FAILED_PRECONDITION" });
  assert.deepEqual(await store.statistics.counts(), []);
  await store.close();
});
