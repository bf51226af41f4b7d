import assert from "node:assert/strict";
import { test } from "node:test";
import { open, server } from "./a-database.suite.ts";
import { ask, settle } from "./statements-session.ts";

const database = open(await server.createDatabase(), { connections: 1 });

const valueOf = async (name: string): Promise<unknown> =>
  (await database.query("select current_setting($1)", [name]))[0]?.[0];

test("settle() sets known settings that have other values, and skips unknown ones", async () => {
  await database.query(settle({ work_mem: "5MB", no_such_setting: "on" }, "session"));
  assert.equal(await valueOf("work_mem"), "5MB");
});

test("settle() does not weaken a commit that waits for other servers", async () => {
  for (const [before, after] of [
    ["off", "on"],
    ["local", "local"],
    ["remote_apply", "remote_apply"],
  ] as const) {
    await database.query(ask({ synchronous_commit: before }, "session"));
    await database.query(settle({ synchronous_commit: "on" }, "session"));
    assert.equal(await valueOf("synchronous_commit"), after);
  }
});

test("ask() accepts any text as a value, whatever backslashes mean", async () => {
  const value = String.raw`it's a \ text`;
  for (const conforming of ["on", "off"]) {
    await database.query(ask({ standard_conforming_strings: conforming }, "session"));
    await database.query(ask({ application_name: value, "our.own": "x" }, "session"));
    assert.equal(await valueOf("application_name"), value);
  }
  await assert.rejects(database.query(ask({ no_such_setting: "on" }, "session")), { code: "42704" });
});

test("settings of a transaction end with it", async () => {
  const before = await valueOf("work_mem");
  const inside = await database.transaction(async (query) => {
    await query(ask({ work_mem: "7MB" }, "transaction"));
    return await query("select current_setting('work_mem')");
  });
  assert.deepEqual([inside[0]?.[0], await valueOf("work_mem")], ["7MB", before]);
});
