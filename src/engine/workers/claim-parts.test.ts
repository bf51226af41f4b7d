import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { openWorkersBench } from "./workers.suite.ts";

/** A bench that records how many operations are requested from the store at a time. */
async function openNoting(fails: (claims: number) => boolean = () => false) {
  const limits: number[] = [];
  const bench = await openWorkersBench({
    around: (store) => {
      const write = store.write.bind(store);
      store.write = ((command: Parameters<typeof write>[0]) => {
        if (command.verb !== "claim") return write(command);
        if (fails(limits.push(command.limit)))
          return Promise.reject(serviceError("STORE_UNAVAILABLE", "away"));
        return write(command);
      }) as typeof store.write;
      return store;
    },
  });
  const starts = async (count: number, size = 1): Promise<void> => {
    const request = { file: "a".repeat(size) };
    const start = () => bench.engine.operations.start(ANONYMOUS, { method: "pack", request });
    await Promise.all(Array.from({ length: count }, start));
  };
  return { bench, limits, starts };
}

const { claimPartMax } = LIMITS;

test("a large claim is made in parts and returns the requested number of operations", async () => {
  const { bench, limits, starts } = await openNoting();
  await using _ = bench;
  await starts(claimPartMax * 2 + 10);
  const { claims } = await bench.claim({ limit: claimPartMax * 2 + 2 });
  assert.equal(new Set(claims.map(({ attempt }) => attempt.name)).size, claimPartMax * 2 + 2);
  assert.deepEqual(limits, [claimPartMax, claimPartMax, 2]);
  // A part that is not full is the last one.
  assert.equal((await bench.claim({ limit: 1_000 })).claims.length, 8);
  assert.equal(limits.length, 4);
});

test("no part follows when the answer is full, and the remaining work is reported", async () => {
  const { bench, limits, starts } = await openNoting();
  await using _ = bench;
  await starts(claimPartMax + 5, Math.ceil(LIMITS.claimTextMax / claimPartMax));
  assert.equal((await bench.claim({ limit: 1_000 })).claims.length, claimPartMax);
  const parked = await bench.park({ limit: 1_000 });
  assert.equal((await parked.result).claims.length, 5);
  assert.deepEqual(limits, [claimPartMax, claimPartMax]);
});

test("if a later part fails, the operations of earlier parts are returned, and more work may exist", async () => {
  const { bench, starts } = await openNoting((claims) => claims === 2);
  await using _ = bench;
  await starts(claimPartMax + 5);
  assert.equal((await bench.claim({ limit: 1_000 })).claims.length, claimPartMax);
  assert.equal((await (await bench.park({ limit: 1_000 })).result).claims.length, 5);
});

test("if the first part fails, the claim fails", async () => {
  const { bench, starts } = await openNoting((claims) => claims === 1);
  await using _ = bench;
  await starts(1);
  await assert.rejects(bench.claim(), { reason: "STORE_UNAVAILABLE" });
  assert.equal((await bench.claim()).claims.length, 1);
});
