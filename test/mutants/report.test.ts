import assert from "node:assert/strict";
import { test } from "node:test";
import { isEnough, jsonOf, lineOf, type RoomResult, tableOf } from "./report.ts";
import type { Outcome } from "./trials.ts";

const outcome = (id: string, caughtBy: string | undefined): Outcome => ({
  mutant: { id, file: "src/a.ts", find: "a", replace: "b", fault: "It is b.", survives: "Nobody looks." },
  caughtBy,
  seconds: 1.25,
});
const room = (name: string, caught: number, survived: number): RoomResult => ({
  room: name,
  outcomes: [
    ...Array.from({ length: caught }, (_, index) => outcome(`${name}-caught-${index}`, "a test")),
    ...Array.from({ length: survived }, (_, index) => outcome(`${name}-survived-${index}`, undefined)),
  ],
});

test("nine of ten must be caught in each room, and nineteen of twenty overall", () => {
  assert.ok(isEnough([]));
  assert.ok(isEnough([room("core", 9, 1), room("wire", 10, 0)]));
  assert.ok(!isEnough([room("core", 8, 1), room("wire", 99, 0)]));
  assert.ok(!isEnough([room("core", 9, 1), room("wire", 9, 1)]));
});

test("the table has each room, the total, and the survivors with their reasons", () => {
  const table = tableOf([room("core", 1, 1)]);
  assert.match(table, /^core +1\/2 +50 % +3 s$/m);
  assert.match(table, /^all +1\/2 +50 %/m);
  assert.match(table, /Survivors:\n {2}core-survived-0 \(src\/a\.ts\): It is b\.\n {4}Nobody looks\.$/);
  assert.doesNotMatch(tableOf([room("core", 1, 0)]), /Survivors/);
});

test("each mutant has a line, and an object for programs", () => {
  assert.equal(lineOf(outcome("a-b", "c.test.ts › d")), "caught   a-b (1.3 s) by c.test.ts › d");
  assert.equal(lineOf(outcome("a-b", undefined)), "SURVIVED a-b (1.3 s): It is b.");
  const [told] = JSON.parse(jsonOf([room("core", 0, 1)])) as unknown[];
  assert.deepEqual(told, {
    room: "core",
    id: "core-survived-0",
    file: "src/a.ts",
    fault: "It is b.",
    survives: "Nobody looks.",
    caughtBy: null,
    seconds: 1.25,
  });
});
