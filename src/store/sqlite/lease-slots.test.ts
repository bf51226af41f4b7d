import assert from "node:assert/strict";
import { test } from "node:test";
import { LeaseSlots } from "./lease-slots.ts";

test("a slot is taken again only once the thread has forgotten its lease", () => {
  const owner = new LeaseSlots();
  const thread = new LeaseSlots(owner.buffer);
  const first = owner.take();
  owner.release(first);
  const second = owner.take();
  assert.notEqual(second, first);
  // A renewal that was under way when the lease was let go.
  thread.renewed(first, 5n);
  assert.equal(owner.renewedAt(second), undefined);
  assert.ok(thread.isReleased(first) && !thread.isReleased(second));
  thread.free(first);
  assert.equal(owner.take(), first);
  assert.equal(owner.renewedAt(first), undefined);
  thread.renewed(first, 7n);
  assert.equal(owner.renewedAt(first), 7n);
});

test("both sides see slots beyond those there were at first", () => {
  const owner = new LeaseSlots();
  const thread = new LeaseSlots(owner.buffer);
  const slots = Array.from({ length: 5_000 }, () => owner.take());
  assert.equal(new Set(slots).size, slots.length);
  for (const slot of slots) thread.renewed(slot, BigInt(slot + 1));
  assert.ok(slots.every((slot) => owner.renewedAt(slot) === BigInt(slot + 1)));
});
