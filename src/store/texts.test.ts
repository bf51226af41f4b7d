import assert from "node:assert/strict";
import { test } from "node:test";
import { InvariantError } from "../core/invariant.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Command } from "../core/ports/store.ts";
import { anOperation } from "../testing/an-operation.ts";
import { checkTexts } from "./texts.ts";

function insert(fields: Partial<Operation>): Command {
  return { verb: "insert", operation: anOperation(fields) };
}

test("checkTexts() names the field that cannot be kept, and takes everything else", () => {
  assert.throws(
    () => checkTexts(insert({ target: "a\0" })),
    (error) => {
      return error instanceof InvariantError && /insert: there is text in "target"/.test(error.message);
    },
  );
  assert.throws(() => checkTexts(insert({ target: {} as unknown as string })), InvariantError);
  checkTexts(insert({ requestId: "ü\n" }));
  checkTexts({ verb: "purge", limit: 1 });
  checkTexts({ verb: "remove", id: "a\0", parent: "" });
});
