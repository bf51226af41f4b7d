import assert from "node:assert/strict";
import { test } from "node:test";
import { LeaseBook, renewalMs } from "./lease-book.ts";

const lease = (id: string) => ({ id, attempt: 1 });
const held = { held: true, leaseTime: 0, revision: 1, cancelRequested: false } as const;

test("due() includes leases that are nearly due, once one is due", () => {
  const book = new LeaseBook();
  book.add(lease("a"), 1_200, 400);
  book.add(lease("b"), 1_200, 500);
  book.add(lease("c"), 1_200, 501);
  assert.equal(book.nextAt(), 400);
  assert.deepEqual(book.due(399), []);
  assert.deepEqual(
    book.due(400).map((kept) => kept.lease.id),
    ["a", "b"],
  );
});

test("the first renewal is due after a third of the remaining time, later ones after a third of all", () => {
  assert.deepEqual([renewalMs(1_200, 300), renewalMs(1_200, 9_000), renewalMs(1_200)], [100, 400, 400]);
  const book = new LeaseBook();
  book.add(lease("a"), 1_200, 200);
  const [kept] = book.due(200);
  assert.ok(kept !== undefined);
  book.settle(kept, held, 200);
  assert.equal(book.nextAt(), 600);
});

test("settle() puts the next renewal a third of the lease after this one, postpone() a tenth", () => {
  const book = new LeaseBook();
  book.add(lease("a"), 1_200, 400);
  const [kept] = book.due(400);
  assert.ok(kept !== undefined);
  assert.equal(book.settle(kept, held, 400), undefined);
  assert.equal(book.nextAt(), 800);
  book.postpone(kept, 800);
  assert.equal(book.nextAt(), 920);
});

test("settle() reports a loss and a cancellation request once", () => {
  const book = new LeaseBook();
  book.add(lease("a"), 1_200, 400);
  const [kept] = book.due(400);
  assert.ok(kept !== undefined);
  const cancelled = { ...held, cancelRequested: true };
  assert.deepEqual(book.settle(kept, cancelled, 400), { lease: lease("a"), event: "cancel-requested" });
  assert.equal(book.settle(kept, cancelled, 800), undefined);
  assert.deepEqual(book.settle(kept, { held: false }, 1_200), { lease: lease("a"), event: "lost" });
  assert.equal(book.nextAt(), undefined);
});
