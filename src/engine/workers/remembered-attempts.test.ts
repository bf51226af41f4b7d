import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { RememberedAttempts } from "./remembered-attempts.ts";
import { struct } from "./workers.suite.ts";

test("the record of an attempt is found until it is forgotten, and that of another never", () => {
  const remembered = new RememberedAttempts();
  const operation = anOperation({ attempt: 2 });
  remembered.remember(operation);
  assert.equal(remembered.find(operation.id, 1), undefined);
  const metadata = struct({ percent: 1 });
  remembered.reported(operation.id, 2, { metadata, revision: 9 });
  assert.deepEqual(remembered.find(operation.id, 2), { ...operation, metadata, revision: 9 });
  remembered.forget(operation.id);
  assert.equal(remembered.find(operation.id, 2), undefined);
});

test("the oldest are dropped, by number and by size", () => {
  const remembered = new RememberedAttempts();
  const many = Array.from({ length: LIMITS.rememberedAttemptsMax + 1 }, () => anOperation({ attempt: 1 }));
  for (const each of many) remembered.remember(each);
  const isKnown = (index: number) => remembered.find(many.at(index)?.id ?? "", 1) !== undefined;
  assert.deepEqual([isKnown(0), isKnown(1), isKnown(-1)], [false, true, true]);
  const request = "x".repeat(LIMITS.rememberedTextMax / 2);
  const large = [1, 2, 3].map(() => anOperation({ attempt: 1, request }));
  for (const each of large) remembered.remember(each);
  assert.deepEqual(
    large.map(({ id }) => remembered.find(id, 1) !== undefined),
    [false, true, true],
  );
  assert.equal(isKnown(-1), false);
});
