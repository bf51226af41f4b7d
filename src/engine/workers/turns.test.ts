import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { Turns } from "./turns.ts";

/** Turns under the control of a test. */
function steppedTurns() {
  const soon: (() => void)[] = [];
  const turns = new Turns({ soon: (run) => void soon.push(run) });
  let entered = 0;
  const enter = async (text: number): Promise<void> => {
    await turns.enter(text);
    entered++;
  };
  const next = async (): Promise<number> => {
    for (const run of soon.splice(0)) run();
    for (let each = 0; each < 10; each++) await Promise.resolve();
    return entered;
  };
  return { turns, enter, next };
}

test("the entries of a turn are limited over all callers", async () => {
  const { enter, next } = steppedTurns();
  const { remoteEntriesPerTurn } = LIMITS;
  for (let each = 0; each < remoteEntriesPerTurn * 2 + 1; each++) void enter(0);
  assert.equal(await next(), remoteEntriesPerTurn * 2);
  assert.equal(await next(), remoteEntriesPerTurn * 2 + 1);
});

test("the text of a turn is limited, but a turn has at least one entry", async () => {
  const { turns, enter, next } = steppedTurns();
  assert.equal(turns.enter(LIMITS.remoteTextPerTurn * 2), undefined);
  for (let each = 0; each < 2; each++) void enter(LIMITS.remoteTextPerTurn);
  assert.equal(await next(), 1);
  assert.equal(await next(), 2);
});
