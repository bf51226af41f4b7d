import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { MEMORY, openForWriting } from "./connection.ts";
import { InlineWriter } from "./inline-writer.ts";
import { migrate } from "./schema.ts";

test("a writer in memory writes, returns its settings, and closes even if the reader has closed already", async () => {
  const database = openForWriting(MEMORY);
  migrate(database, 0);
  const writer = new InlineWriter(database);
  const { outcomes } = await writer.write([{ verb: "insert", operation: anOperation() }], 0);
  assert.deepEqual(outcomes, [{ answer: { inserted: true, blocked: false } }]);
  assert.equal((await writer.settings()).journalMode, "memory");
  database.close();
  await writer.close();
});
