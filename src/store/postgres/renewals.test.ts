import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import type { Cell } from "./array.ts";
import { prepare } from "./prepared.ts";
import { renewAll } from "./renewals.ts";
import { RENEW } from "./statements.ts";

const [first, second] = [anOperation().id, anOperation().id];
const metadata = { type: "t.Progress", json: '{"p":1}' };
const commands = [
  { verb: "renew", id: first, attempt: 2, leaseMs: 9, metadata: null },
  { verb: "renew", id: second, attempt: 1, leaseMs: 9, metadata },
] as const;

test("renewals of a batch are one statement, and each is answered in its place", async () => {
  const asked: (readonly [string, readonly Cell[]])[] = [];
  const rows = [[second, "m", "RUNNING", 5, 7, "projects/p", "1767225600009", 4]];
  const answered = await renewAll(
    async (text, parameters = []) => {
      asked.push([text, parameters]);
      return rows;
    },
    commands.map((command) => prepare(command)),
    123,
  );
  assert.equal(asked.length, 1);
  assert.equal(asked[0]?.[0], RENEW);
  assert.deepEqual(asked[0]?.[1].slice(0, 1), [123]);
  assert.deepEqual(asked[0]?.[1].slice(3), ["{2,1}", "{9,9}", '{NULL,"t.Progress"}', '{NULL,"{\\"p\\":1}"}']);
  assert.deepEqual(answered, [
    { answer: { held: false }, changes: [] },
    {
      answer: { held: true, leaseTime: 1_767_225_600_009, revision: 4, cancelRequested: true },
      changes: [
        {
          id: second,
          parent: "projects/p",
          method: "m",
          state: "RUNNING",
          availableTime: 5,
          cancelRequested: true,
        },
      ],
    },
  ]);
});
