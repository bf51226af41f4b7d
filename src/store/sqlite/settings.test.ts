import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../address.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { silence } from "../../core/events.ts";
import { systemRandom } from "../../core/ports/random.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { openSqlite } from "./open.ts";

test("the writing connection has WAL and an fsync at every commit", async (context) => {
  const parts = { clock: systemClock, random: systemRandom, tell: silence, readOnly: false };
  const address = parseAddress(`sqlite:${aDatabaseFile(context)}`);
  assert.ok(address.kind === "sqlite");
  const store = await openSqlite(address, parts);
  const { sqliteVersion, ...settings } = await store.settings();
  await store.close();
  assert.match(sqliteVersion, /^3\./);
  assert.deepEqual(settings, {
    journalMode: "wal",
    synchronous: "full",
    fullFsync: true,
    walAutocheckpointPages: 4_000,
    busyTimeoutMs: 5_000,
    cacheSize: -32_768,
    pageSizeBytes: 4_096,
  });
});
