import assert from "node:assert/strict";
import { test } from "node:test";
import { collectionOf } from "../../core/operation/collection.ts";
import { FULL_ACCESS, READ_ACCESS } from "./access.ts";
import { sessionOf } from "./session.ts";

const server = { version: "1.0.0", service: "archive", publicUrl: "", statistics: false, webhooks: false };
const store = { name: "SQLite 3", schema: 5, time: 1 };

test("a session says what the operator may do, and where", () => {
  assert.deepEqual(sessionOf(FULL_ACCESS, server, store).access, ["full"]);
  assert.deepEqual(sessionOf(READ_ACCESS, server, store).access, ["read"]);
  const some = sessionOf({ actions: new Set(["cancel"]), scope: collectionOf("projects/a") }, server, store);
  assert.deepEqual([some.access, some.collection], [["read", "cancel"], "projects/a"]);
  assert.deepEqual([some.store, some.schema, some.time, some.version], ["SQLite 3", 5, 1, "1.0.0"]);
});
