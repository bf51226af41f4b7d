import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { Teller } from "../core/teller.ts";
import type { Store } from "../core/ports/store.ts";
import { openStore } from "../store/open.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { Pauses } from "./pauses.ts";

async function aStore() {
  const clock = new ManualClock();
  const store = await openStore("sqlite::memory:", { clock });
  /** The pauses of one of several processes. */
  const { resources } = store;
  const shared = { resources, pollMs: 1_000, time: () => store.time() };
  return { clock, store, shared, [Symbol.asyncDispose]: () => store.close() };
}

function pausesOf(store: Pick<Store, "resources" | "pollMs" | "time">, clock: ManualClock) {
  const teller = new Teller();
  const told: string[] = [];
  teller.watch((name, fields) => void told.push(`${name} ${"method" in fields ? fields.method : ""}`));
  const pauses = new Pauses({ store, clock, tell: teller.tell });
  const heard: (readonly string[])[] = [];
  pauses.watch((methods) => void heard.push([...methods]));
  return { pauses, heard, told };
}

test("a pause is effective at once where it is made, is stored, and ends once", async () => {
  await using opened = await aStore();
  const { store, clock } = opened;
  const { pauses, heard, told } = pausesOf(store, clock);
  const time = clock.now();
  await pauses.pause("a");
  await clock.advance(5);
  await pauses.pause("a");
  await pauses.pause("b");
  assert.deepEqual(
    [...pauses.paused],
    [
      ["a", time],
      ["b", time + 5],
    ],
  );
  const next = pausesOf(store, clock);
  assert.deepEqual(await next.pauses.look(), pauses.paused);
  await pauses.resume("a");
  await pauses.resume("a");
  assert.deepEqual(heard, [[], ["a"], ["a", "b"], ["b"]]);
  assert.deepEqual(told, ["method.paused a", "method.paused b", "method.resumed a"]);
});

test("other processes know within two seconds", async () => {
  await using opened = await aStore();
  const { shared, clock } = opened;
  const [one, other] = [pausesOf(shared, clock), pausesOf(shared, clock)];
  other.pauses.start();
  await one.pauses.pause("a");
  await clock.advance(LIMITS.sweepIntervalMs);
  assert.deepEqual(other.heard, [[], ["a"]]);
  await clock.advance(5 * LIMITS.sweepIntervalMs);
  assert.equal(other.heard.length, 2, "what did not change is not told");
  await one.pauses.resume("a");
  await clock.advance(LIMITS.sweepIntervalMs);
  assert.deepEqual(other.heard.at(-1), []);
  await other.pauses.stop();
  assert.equal(clock.pending, 0);
});

test("nothing polls if there are no other processes", async () => {
  await using opened = await aStore();
  const { pauses } = pausesOf(opened.store, opened.clock);
  pauses.start();
  assert.equal(opened.clock.pending, 0);
  await pauses.stop();
});

test("a read from before a pause was made here does not end the pause", async () => {
  await using opened = await aStore();
  const { shared, clock } = opened;
  const gate = Promise.withResolvers<void>();
  const list: Store["resources"]["list"] = async (...query) => {
    const read = await shared.resources.list(...query);
    await gate.promise;
    return read;
  };
  const { resources } = shared;
  const slow = {
    list,
    read: (...args: Parameters<typeof resources.read>) => resources.read(...args),
    put: (...args: Parameters<typeof resources.put>) => resources.put(...args),
    remove: (...args: Parameters<typeof resources.remove>) => resources.remove(...args),
    removeDue: (...args: Parameters<typeof resources.removeDue>) => resources.removeDue(...args),
  };
  const { pauses } = pausesOf({ ...shared, resources: slow }, clock);
  const looked = pauses.look();
  await pauses.pause("a");
  gate.resolve();
  await looked;
  assert.deepEqual([...pauses.paused.keys()], ["a"]);
});

test("while the store does not answer, the last known state holds", async () => {
  await using opened = await aStore();
  const { shared, clock } = opened;
  const { pauses, heard } = pausesOf(shared, clock);
  pauses.start();
  await pauses.pause("a");
  const list = shared.resources.list.bind(shared.resources);
  shared.resources.list = () => Promise.reject(new Error("away"));
  await clock.advance(3 * LIMITS.sweepIntervalMs);
  assert.deepEqual(heard.at(-1), ["a"]);
  shared.resources.list = list;
  await shared.resources.remove("paused-method", "a");
  await clock.advance(LIMITS.sweepIntervalMs);
  assert.deepEqual(heard.at(-1), []);
  await pauses.stop();
});
