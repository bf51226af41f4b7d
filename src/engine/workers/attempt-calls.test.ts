import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { serviceError, StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Call } from "../../core/ports/authorizer.ts";
import { openWorkersBench, reasonOf, struct } from "./workers.suite.ts";

test("a call has 1 to 1000 entries", async () => {
  await using bench = await openWorkersBench();
  await bench.start();
  const { attempt } = await bench.claimOne();
  const release = (count: number) =>
    bench.engine.workers.release(ANONYMOUS, { attempts: Array.from({ length: count }, () => attempt) });
  for (const count of [0, LIMITS.remoteEntriesMax + 1])
    await assert.rejects(release(count), { reason: "CLAIM_INVALID" });
  const answers = await release(LIMITS.remoteEntriesMax);
  assert.ok(answers.every(({ error, state }) => error === undefined && state === "PENDING"));
});

test("two entries for the same attempt in one call have one outcome", async () => {
  await using bench = await openWorkersBench();
  const operation = await bench.start();
  const { attempt } = await bench.claimOne();
  const completion = { attempt, response: struct({ size: 1 }) };
  const answers = await bench.engine.workers.complete(ANONYMOUS, [completion, completion]);
  assert.deepEqual(
    answers.map(({ state }) => state),
    ["SUCCEEDED", "SUCCEEDED"],
  );
  assert.equal((await bench.read(operation)).revision, 3);
});

test("a call fails if the store fails for every entry; otherwise each entry has its own answer", async () => {
  let isAway: (writes: number) => boolean = never;
  let writes = 0;
  await using bench = await openWorkersBench({
    around: (store) => {
      const write = store.write.bind(store);
      store.write = ((command: Parameters<typeof write>[0]) =>
        command.verb === "replace" && isAway(++writes)
          ? Promise.reject(serviceError("STORE_UNAVAILABLE", "away"))
          : write(command)) as typeof store.write;
      return store;
    },
  });
  await Promise.all([bench.start(), bench.start()]);
  const { claims } = await bench.claim({ limit: 2 });
  const complete = () =>
    bench.engine.workers.complete(
      ANONYMOUS,
      claims.map(({ attempt }) => ({ attempt, response: struct({ size: 1 }) })),
    );
  isAway = () => true;
  await assert.rejects(complete(), { reason: "STORE_UNAVAILABLE" });
  writes = 0;
  isAway = (each) => each === 2;
  assert.deepEqual((await complete()).map(reasonOf), [undefined, "STORE_UNAVAILABLE"]);
  isAway = never;
  assert.deepEqual((await complete()).map(reasonOf), [undefined, undefined]);
});

test("a call for one parent that exceeds its rate limit is refused as a whole", async () => {
  const refusal = new StatusError("RESOURCE_EXHAUSTED", "slowly", { reason: "RATE_LIMIT_EXCEEDED" });
  let isTooOften = false;
  const counted: string[] = [];
  const take = ({ resource }: Call) => {
    counted.push(resource);
    return isTooOften ? Promise.reject(refusal) : undefined;
  };
  await using bench = await openWorkersBench({
    policy: { quotas: { passes: () => true, take } },
  });
  await bench.start();
  const { attempt } = await bench.claimOne();
  isTooOften = true;
  const release = (attempts: readonly (typeof attempt)[]) =>
    bench.engine.workers.release(ANONYMOUS, { attempts });
  await assert.rejects(release([attempt]), { reason: "RATE_LIMIT_EXCEEDED" });
  const other = { ...attempt, name: `projects/p/${attempt.name}` };
  counted.length = 0;
  const refused = await release([attempt, other, other]);
  assert.deepEqual(counted, ["", "projects/p"], "a call of many counts once for each parent");
  assert.deepEqual(refused.map(reasonOf), Array(3).fill("RATE_LIMIT_EXCEEDED"));
});

test("entries of many parents are stored together: none waits for another parent's commit", async () => {
  let writes = 0;
  const together = Promise.withResolvers<void>();
  await using bench = await openWorkersBench({
    around: (store) => {
      const write = store.write.bind(store);
      store.write = (async (command: Parameters<typeof write>[0]) => {
        if (command.verb === "renew" && ++writes === 3) together.resolve();
        if (command.verb === "renew") await together.promise;
        return write(command);
      }) as typeof store.write;
      return store;
    },
  });
  for (const parent of ["projects/p", "projects/q", "projects/r"]) await bench.start(undefined, { parent });
  const { claims } = await bench.claim({ limit: 3 });
  const renewals = claims.map(({ attempt }) => ({ attempt, metadata: undefined }));
  const answers = await bench.engine.workers.renew(ANONYMOUS, { renewals });
  assert.deepEqual(
    answers.map(({ held }) => held),
    [true, true, true],
  );
});

function never(): boolean {
  return false;
}
