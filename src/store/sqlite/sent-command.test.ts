import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aRunningOperation } from "../suite/subject.suite.ts";
import { fromSent, toSent } from "./sent-command.ts";

const NEW: Command = { verb: "insert", operation: anOperation({ requestId: "r", priority: 3 }) };
const OTHERS: readonly Command[] = [
  { verb: "insert", operation: aRunningOperation(1) },
  { verb: "insert", operation: anOperation({ blocked: true }) },
  { verb: "insert", operation: anOperation({ parallelKey: "k" }), parallel: { limit: 1, when: "queue" } },
  { verb: "remove", id: "an-id", parent: "projects/p" },
];

test("every command arrives as it was sent", () => {
  for (const command of [NEW, ...OTHERS])
    assert.deepEqual(fromSent(structuredClone(toSent(command))), command);
});

test("a start is sent as a short row, and nothing else is", () => {
  assert.ok(Array.isArray(toSent(NEW)));
  for (const command of OTHERS) assert.equal(toSent(command), command);
});
