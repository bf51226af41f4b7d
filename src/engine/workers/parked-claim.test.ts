import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { settled } from "../../testing/manual-clock.ts";
import { ParkedClaim } from "./parked-claim.ts";
import { anAskedClaim } from "./workers.suite.ts";

function aClaim(limit: number) {
  const claim = new ParkedClaim(anAskedClaim({ limit }), 1);
  let given: number | undefined;
  void claim.answer.then((each) => (given = each.length));
  const answered = async (): Promise<number | undefined> => {
    await settled();
    return given;
  };
  return { claim, answered };
}

const operation = anOperation();

test("a claim with an operation takes no more, and is answered when its reservations have ended", async () => {
  const { claim, answered } = aClaim(3);
  const [first, second] = [claim.reserve(), claim.reserve()];
  first.run(operation, 0);
  assert.deepEqual([claim.mayReserve, await answered()], [false, undefined]);
  second.run(operation, 0);
  assert.equal(await answered(), 2);
});

test("a claim whose time is over waits for the read that it has begun", async () => {
  const { claim, answered } = aClaim(1);
  claim.ask();
  claim.end();
  assert.equal(await answered(), undefined);
  claim.take([{ operation, calledAt: 0 }]);
  assert.equal(await answered(), 1);
});

test("a claim that got nothing continues to wait", async () => {
  const { claim, answered } = aClaim(1);
  claim.ask();
  assert.deepEqual([claim.mayAsk, claim.mayReserve], [false, false]);
  claim.take([]);
  claim.reserve().cancel();
  assert.deepEqual([claim.mayAsk, claim.mayReserve, await answered()], [true, true, undefined]);
  claim.end();
  assert.equal(await answered(), 0);
});
