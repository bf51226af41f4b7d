import assert from "node:assert/strict";
import { test } from "node:test";
import { openStore } from "../store/open.ts";
import { KEK, requireKeks } from "./needed-keks.ts";

const refused = (message: RegExp) => ({ code: "FAILED_PRECONDITION", message });

test("a store can be opened by a process that has the KEKs of all its keys", async () => {
  await using bench = {
    store: await openStore("sqlite::memory:"),
    [Symbol.asyncDispose]: () => bench.store.close(),
  };
  const { store } = bench;
  await requireKeks(store, () => false);
  for (const name of ["a", "b"])
    await store.resources.put({ kind: KEK, name, dueTime: null, value: "{}" }, null);
  await requireKeks(store, () => true);
  await assert.rejects(
    requireKeks(store, (id) => id === "a"),
    refused(/the KEK b, which/),
  );
  await assert.rejects(
    requireKeks(store, () => false),
    refused(/the KEKs a, b, which/),
  );
});
