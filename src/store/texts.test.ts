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

function replaced(fields: Partial<Operation>): Command {
  return { verb: "replace", next: anOperation(fields), expectedRevision: 1 };
}

test("checkTexts() names the field that cannot be stored, and accepts everything else", () => {
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

test("checkTexts() checks every text of every command", () => {
  const bad = "a\0";
  const payload = { type: "t.M", json: bad };
  for (const command of [
    ...["parent", "method", "requestId", "request", "target", "parallelKey", "worker"].map((field) =>
      insert({ [field]: bad }),
    ),
    replaced({ metadata: payload }),
    replaced({ response: payload }),
    replaced({ exception: bad }),
    replaced({ worker: bad }),
    { verb: "renew", id: "a", attempt: 1, leaseMs: 1, metadata: payload },
    { verb: "claim", worker: bad, leaseMs: 1, limit: 1, wanted: [] },
  ] as const satisfies readonly Command[])
    assert.throws(() => checkTexts(command), InvariantError, JSON.stringify(command));
});
