import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../testing/an-operation.ts";
import { openStore } from "./open.ts";
import { put, read } from "./suite/subject.suite.ts";

test("openStore() needs only an address", async () => {
  const store = await openStore("sqlite::memory:");
  const operation = anOperation();
  await put(store, operation);
  assert.equal((await read(store, operation))?.id, operation.id);
  await store.close();
});

test("openStore() refuses unknown addresses", async () => {
  await assert.rejects(openStore("operations.db"), TypeError);
});
