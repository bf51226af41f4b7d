import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import { IdSource } from "../../core/operation/id.ts";
import { formatName } from "../../core/operation/name.ts";
import { settled } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { request } from "../packing.suite.ts";
import { openWithHints } from "../waiting/hints.suite.ts";
import type { Watcher } from "./watcher.ts";

const start = { method: "pack", request, parent: "projects/p" };

/** An engine whose store announces nothing, and one watcher. */
async function watched(parent: string, filter = "") {
  const test = await openWithHints({ pollMs: 1_000 });
  test.engine.start();
  const told: string[] = [];
  const watcher: Watcher = {
    changed: ({ id, state }) => void told.push(`${id.slice(-4)} ${state}`),
    removed: (name) => void told.push(`gone ${name.slice(-4)}`),
    ended: () => void told.push("ended"),
  };
  const { operations } = test.engine;
  const before = await operations.start(ANONYMOUS, start);
  const { next } = await operations.watchOperations(ANONYMOUS, { parent, filter }, watcher);
  while ((await next()) !== undefined) continue;
  const look = async (): Promise<readonly string[]> => {
    await test.clock.advance(1_000);
    await settled();
    return told.splice(0);
  };
  return { ...test, operations, before, look };
}

describe("polls", () => {
  for (const parent of ["projects/p", "-"]) {
    it(`find operations that were started, changed and removed without an announcement, in ${parent}`, async () => {
      const test = await watched(parent);
      await using _ = test;
      assert.deepEqual(await test.look(), []);
      const begun = await test.untold(() => test.operations.start(ANONYMOUS, start));
      await test.untold(() => test.operations.cancel(ANONYMOUS, formatName(test.before)));
      const [tag, before] = [begun.id.slice(-4), test.before.id.slice(-4)];
      assert.deepEqual((await test.look()).toSorted(), [`${before} CANCELLED`, `${tag} PENDING`].toSorted());
      assert.deepEqual(await test.look(), []);
      await test.untold(() => test.operations.delete(ANONYMOUS, formatName(begun)));
      assert.deepEqual(await test.look(), [`gone ${tag}`]);
      await test.untold(() => test.operations.delete(ANONYMOUS, formatName(test.before)));
      for (let count = 0; count < 9; count++) await test.clock.advance(1_000);
      assert.deepEqual(await test.look(), [`gone ${before}`], "what is done is compared now and then");
    });
  }

  it("find operations that begin to match, and that stop matching", async () => {
    const test = await watched("projects/p", "metadata.state = CANCELLED");
    await using _ = test;
    const begun = await test.untold(() => test.operations.start(ANONYMOUS, start));
    assert.deepEqual(await test.look(), []);
    for (const each of [begun, test.before])
      await test.untold(() => test.operations.cancel(ANONYMOUS, formatName(each)));
    assert.equal((await test.look()).length, 2);
  });

  it("read operations that do not match only once", async () => {
    const test = await watched("projects/p", "metadata.state = FAILED");
    await using _ = test;
    const begun = await test.untold(() => test.operations.start(ANONYMOUS, start));
    await test.untold(() => test.operations.cancel(ANONYMOUS, formatName(begun)));
    test.reads.length = 0;
    await test.look();
    await test.look();
    assert.deepEqual(test.reads, [begun.id]);
  });

  it("request as much as there is room for, and the rest at the next poll", async () => {
    const test = await watched("projects/p");
    await using _ = test;
    const answer = Promise.withResolvers<void>();
    const read = test.store.read.bind(test.store);
    test.store.read = (id) => answer.promise.then(() => read(id));
    const change = {
      parent: "projects/p",
      method: "",
      state: "RUNNING",
      availableTime: 0,
      cancelRequested: false,
    } as const;
    const ids = new IdSource(seededRandom(7));
    test.tell(Array.from({ length: LIMITS.watchReadsMax + 64 }, () => ({ ...change, id: ids.next(0) })));
    const begun = await test.untold(() => test.operations.start(ANONYMOUS, start));
    assert.deepEqual(await test.look(), [], "nobody is ended by a look");
    answer.resolve();
    await settled();
    assert.equal(test.reads.includes(begun.id), false);
    assert.deepEqual(await test.look(), [`${begun.id.slice(-4)} PENDING`]);
  });

  it("continue from their place after the store was unavailable", async () => {
    const test = await watched("projects/p");
    await using _ = test;
    const rows = test.store.rows.bind(test.store);
    test.store.rows = () => Promise.reject(new Error("away"));
    const begun = await test.untold(() => test.operations.start(ANONYMOUS, start));
    for (let count = 0; count < 20; count++) assert.deepEqual(await test.look(), []);
    test.store.rows = rows;
    assert.deepEqual(await test.look(), [`${begun.id.slice(-4)} PENDING`]);
  });
});
