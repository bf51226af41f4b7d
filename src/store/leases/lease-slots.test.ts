import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { InvariantError } from "../../core/invariant.ts";
import type { Lease } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { LeaseSlots, type SlotLease } from "./lease-slots.ts";

const LEASE_MS = 30_000;

function aLease(attempt = 1): Lease {
  return { id: anOperation().id, attempt };
}

function bothSides() {
  const owner = new LeaseSlots();
  return {
    owner,
    thread: new LeaseSlots(owner.buffer),
    take: (lease = aLease()): number => owner.take(lease, LEASE_MS, 1n),
  };
}

test("the thread adopts a lease as it was kept, and once", () => {
  const { owner, thread, take } = bothSides();
  take();
  const lease = aLease(7);
  const slot = owner.take(lease, 1_500.5, 123_456_789_012_345_678n);
  assert.deepEqual(thread.adopt(slot), { lease, leaseMs: 1_500.5, keptAt: 123_456_789_012_345_678n });
  assert.equal(thread.adopt(slot), undefined);
  owner.release(slot);
  assert.equal(thread.adopt(slot), undefined);
});

test("the slot of a lease that the thread has not seen is free at once, without the thread", () => {
  const { owner, thread, take } = bothSides();
  const stays = take();
  const slot = take();
  owner.release(slot);
  assert.ok(!thread.isReleased(slot));
  assert.equal(thread.adopt(slot), undefined);
  assert.equal(take(), slot);
  assert.notEqual(slot, stays);
});

test("a slot that was adopted is taken again only once the thread has forgotten its lease", () => {
  const { owner, thread, take } = bothSides();
  const first = take();
  thread.adopt(first);
  owner.release(first);
  thread.scanned();
  const second = take();
  assert.notEqual(second, first);
  // A renewal that was under way when the lease was let go.
  thread.renewed(first, 5n);
  assert.equal(owner.renewedAt(second), undefined);
  assert.ok(thread.isReleased(first) && !thread.isReleased(second));
  thread.free(first);
  thread.scanned();
  assert.equal(take(), first);
  assert.equal(owner.renewedAt(first), undefined);
  thread.renewed(first, 7n);
  assert.equal(owner.renewedAt(first), 7n);
});

test("slots begin from the first again once none is in use", () => {
  const { owner, thread, take } = bothSides();
  assert.equal(thread.end, 0);
  const slots = Array.from({ length: 100 }, () => take());
  assert.equal(thread.end, 100);
  thread.adopt(99);
  for (const slot of slots) owner.release(slot);
  thread.free(99);
  thread.scanned();
  assert.equal(take(), 0);
  assert.equal(thread.end, 1);
  owner.release(0);
  assert.equal(thread.end, 0);
});

test("both sides see slots beyond those there were at first", () => {
  const { owner, thread, take } = bothSides();
  const leases = Array.from({ length: 5_000 }, (_, index) => aLease(index + 1));
  const slots = leases.map((lease) => take(lease));
  assert.equal(new Set(slots).size, slots.length);
  assert.equal(thread.end, slots.length);
  for (const [index, slot] of slots.entries()) {
    assert.deepEqual(thread.adopt(slot)?.lease, leases[index]);
    thread.renewed(slot, BigInt(slot + 1));
  }
  assert.ok(slots.every((slot) => owner.renewedAt(slot) === BigInt(slot + 1)));
});

test("what is no id is refused, and so is a slot that is let go twice", () => {
  const { owner, thread, take } = bothSides();
  assert.throws(() => take({ id: "a", attempt: 1 }), InvariantError);
  const [unseen, adopted] = [take(), take()];
  thread.adopt(adopted);
  for (const slot of [unseen, adopted]) {
    owner.release(slot);
    assert.throws(() => owner.release(slot), InvariantError);
  }
});

test("a lease that is let go in the very moment in which the thread would adopt it is not adopted", (context) => {
  const { owner, thread, take } = bothSides();
  const slot = take();
  const load = Atomics.load.bind(Atomics) as (words: Int32Array, index: number) => number;
  context.mock.method(Atomics, "load", (words: Int32Array, index: number) => {
    const state = load(words, index);
    context.mock.restoreAll();
    owner.release(slot);
    return state;
  });
  assert.equal(thread.adopt(slot), undefined);
  assert.equal(take(), slot);
  assert.ok(thread.adopt(slot) !== undefined);
});

test("a lease can be adopted and renewed the moment its slot is KEPT, and all of it is there by then", (context) => {
  const { owner, thread } = bothSides();
  owner.release(owner.take(aLease(3), 1, 2n));
  const lease = aLease(4);
  const found: (SlotLease | undefined)[] = [];
  const store = Atomics.store.bind(Atomics) as (words: Int32Array, index: number, value: number) => number;
  context.mock.method(Atomics, "store", (words: Int32Array, index: number, value: number) => {
    store(words, index, value);
    const adopted = thread.adopt(0);
    if (adopted === undefined) return;
    found.push(adopted);
    context.mock.restoreAll();
    thread.renewed(0, 6n);
  });
  assert.equal(owner.take(lease, LEASE_MS, 5n), 0);
  assert.deepEqual(found, [{ lease, leaseMs: LEASE_MS, keptAt: 5n }]);
  assert.equal(owner.renewedAt(0), 6n);
});

/** What an owner and a thread do in turns: the thread one slot at a time, since the owner goes on during a scan. */
const history = fc.array(
  fc.record({
    step: fc.constantFrom("take", "take", "release", "look", "look", "look", "renew", "scanned"),
    which: fc.nat({ max: 1_000 }),
  }),
  { maxLength: 400, size: "max" },
);

/** Both sides, and what each of them has to think. */
class Model {
  readonly #owner = new LeaseSlots();
  readonly #thread = new LeaseSlots(this.#owner.buffer);
  readonly #kept = new Map<number, Lease>();
  readonly #book = new Map<number, Lease>();
  #looksAt = 0;

  readonly steps = {
    take: (which: number): void => {
      const lease = aLease(which);
      const slot = this.#owner.take(lease, LEASE_MS, 1n);
      assert.ok(!this.#kept.has(slot) && !this.#book.has(slot), `slot ${slot} is in use`);
      assert.ok(slot < this.#thread.end);
      assert.equal(this.#owner.renewedAt(slot), undefined);
      this.#kept.set(slot, lease);
    },
    release: (which: number): void => {
      const slot = anyOf(this.#kept.keys(), which);
      if (slot === undefined) return;
      this.#kept.delete(slot);
      this.#owner.release(slot);
    },
    look: (_which?: number): void => {
      const slot = this.#looksAt++ % Math.max(1, this.#thread.end);
      const found = this.#thread.adopt(slot);
      if (found !== undefined) {
        assert.deepEqual(found.lease, this.#kept.get(slot));
        assert.ok(!this.#book.has(slot));
        this.#book.set(slot, found.lease);
      } else if (this.#thread.isReleased(slot)) {
        assert.ok(this.#book.delete(slot) && !this.#kept.has(slot));
        this.#thread.free(slot);
      }
    },
    renew: (which: number): void => {
      const slot = anyOf(this.#book.keys(), which);
      if (slot !== undefined) this.#thread.renewed(slot, 9n);
    },
    scanned: (_which?: number): void => this.#thread.scanned(),
  };

  /** Ends all leases: every slot there ever was is free again. */
  end(): void {
    for (const slot of this.#kept.keys()) this.#owner.release(slot);
    this.#kept.clear();
    for (let left = this.#thread.end; left > 0; left--) this.steps.look();
    this.#thread.scanned();
    assert.equal(this.#book.size, 0);
    assert.equal(this.#owner.take(aLease(), LEASE_MS, 1n), 0);
  }
}

function anyOf(slots: Iterable<number>, which: number): number | undefined {
  const all = [...slots];
  return all[which % all.length];
}

test("no slot is given twice, and none is lost, however the two sides interleave", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const model = new Model();
      for (const { step, which } of steps) model.steps[step](which);
      model.end();
    }),
  );
});

test("a thread that looks all the time sees each lease as a whole, while the owner keeps and lets go", async () => {
  const owner = new LeaseSlots();
  const looking = new Worker(lookingThread, {
    eval: true,
    execArgv: [],
    workerData: { slots: owner.buffer, module: new URL("./lease-slots.ts", import.meta.url).href },
  });
  await once(looking, "message");
  const ids = Array.from({ length: 64 }, () => anOperation().id);
  const held: number[] = [];
  for (let turn = 0; turn < 20_000; turn++) {
    // The id tells the attempt, and the attempt the rest.
    held.push(owner.take({ id: ids[turn % 64] ?? "", attempt: turn }, turn * 2, BigInt(turn * 3)));
    if (held.length > turn % 7) owner.release(held.splice(turn % held.length, 1)[0] ?? -1);
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  looking.postMessage(ids);
  const [{ attempts, broken }] = await once(looking, "message");
  assert.deepEqual(broken, []);
  assert.equal(new Set(attempts).size, attempts.length, "each lease is adopted once");
  // Those that are held still have been found, at the latest when the thread was told.
  assert.ok(attempts.length >= held.length && held.length > 0);
  assert.ok(held.every((slot) => owner.adopt(slot) === undefined));
});

/** Scans until it is told the ids, then once more, and tells of leases that were not as they were kept. */
const lookingThread = `
  const { parentPort, receiveMessageOnPort, workerData } = require("node:worker_threads");
  import(workerData.module).then(({ LeaseSlots }) => {
    const slots = new LeaseSlots(workerData.slots);
    const found = [];
    const scan = () => {
      const { end } = slots;
      for (let slot = 0; slot < end; slot++) {
        const lease = slots.adopt(slot);
        if (lease !== undefined) found.push(lease);
        else if (slots.isReleased(slot)) slots.free(slot);
      }
      slots.scanned();
    };
    parentPort.postMessage("ready");
    let told;
    while (told === undefined) {
      told = receiveMessageOnPort(parentPort);
      scan();
    }
    const broken = found.filter(
      ({ lease: { id, attempt }, leaseMs, keptAt }) =>
        id !== told.message[attempt % 64] || leaseMs !== attempt * 2 || keptAt !== BigInt(attempt * 3),
    );
    parentPort.postMessage({ attempts: found.map(({ lease }) => lease.attempt), broken });
    parentPort.close();
  });
`;
