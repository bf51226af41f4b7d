import assert from "node:assert/strict";
import { test } from "node:test";
import { ParkedClaim } from "./parked-claim.ts";
import { Scope } from "./scope.ts";
import { anAskedClaim } from "./workers.suite.ts";

const NONE: ReadonlySet<string> = new Set();
let order = 0;

function aClaim(methods: readonly string[], limit = 1): ParkedClaim {
  return new ParkedClaim(anAskedClaim({ methods, limit }), ++order);
}

test("a method may have work until a read finds none, and again after a hint", () => {
  const scope = new Scope("");
  const claim = aClaim(["a"]);
  scope.add(claim);
  assert.equal(scope.first(NONE), claim);
  assert.equal(scope.claimant("a", 0), undefined, "it might overtake");
  const asking = scope.ask(["a"], 1);
  scope.answered(asking, { operations: [], nextTime: null }, 0);
  assert.equal(scope.first(NONE), undefined);
  assert.equal(scope.claimant("a", 0), claim);
  assert.equal(scope.notice("a", 0, 0), true);
  assert.equal(scope.first(NONE), claim);
  assert.equal(scope.first(new Set(["a"])), undefined, "it is paused");
});

test("the claim that came first is served first, whatever other methods it waits for", () => {
  const scope = new Scope("");
  const [ofA, ofAB, ofB] = [aClaim(["a"]), aClaim(["b", "a"]), aClaim(["b"])];
  for (const each of [ofA, ofAB, ofB]) scope.add(each);
  scope.answered(scope.ask(["a", "b"], 1), { operations: [], nextTime: null }, 0);
  scope.notice("b", 0, 0);
  assert.equal(scope.first(NONE), ofAB);
  ofAB.ask();
  assert.equal(scope.first(NONE), ofB, "the other is busy");
});

test("a hint that comes while the store is asked is not forgotten", () => {
  const scope = new Scope("");
  const claim = aClaim(["a"]);
  scope.add(claim);
  const asking = scope.ask(["a"], 1);
  scope.notice("a", 0, 0);
  scope.answered(asking, { operations: [], nextTime: null }, 0);
  assert.equal(scope.first(NONE), claim);
});

test("a start is handed over only if waiting claims suffice for the work before it", () => {
  const scope = new Scope("");
  const claims = [aClaim(["a"]), aClaim(["a"]), aClaim(["a"])];
  for (const each of claims) scope.add(each);
  scope.answered(scope.ask(["a"], 1), { operations: [], nextTime: null }, 0);
  scope.notice("a", 0, 0);
  scope.notice("a", 0, 0);
  assert.equal(scope.claimant("a", 0), claims[0], "two wait, and two others may take them");
  scope.notice("a", 0, 0);
  assert.equal(scope.claimant("a", 0), undefined);
});

test("work that becomes available later is due at that time, and no start overtakes it", () => {
  const scope = new Scope("");
  const claim = aClaim(["a"]);
  scope.add(claim);
  scope.answered(scope.ask(["a"], 1), { operations: [], nextTime: 70 }, 50);
  assert.equal(scope.dueTime, 70);
  assert.equal(scope.claimant("a", 69), claim);
  assert.equal(scope.claimant("a", 70), undefined);
  assert.equal(scope.notice("a", 60, 50), false);
  assert.equal(scope.dueTime, 60);
});

test("a claim for one operation takes one reservation at a time", () => {
  const scope = new Scope("");
  const [first, second] = [aClaim(["a"]), aClaim(["a"])];
  for (const each of [first, second]) scope.add(each);
  scope.answered(scope.ask(["a"], 1), { operations: [], nextTime: null }, 0);
  const reservation = scope.claimant("a", 0)?.reserve();
  assert.equal(scope.claimant("a", 0), second);
  reservation?.cancel();
  assert.equal(scope.claimant("a", 0), first, "it was not stored");
});
