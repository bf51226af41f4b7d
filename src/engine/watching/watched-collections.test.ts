import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import { IdSource } from "../../core/operation/id.ts";
import { formatName } from "../../core/operation/name.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import { settled } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { request } from "../packing.suite.ts";
import { openWithHints } from "../waiting/hints.suite.ts";
import { aWatcher } from "./watcher.suite.ts";

const start = { method: "pack", request };

/** An engine, and watchers of some of its collections. */
async function watchedCollections(parents: readonly string[]) {
  const test = await openWithHints();
  const { operations } = test.engine;
  const told = parents.map(async (parent) => {
    const { told: heard, watcher } = aWatcher();
    const { next } = await operations.watchOperations(ANONYMOUS, { parent }, watcher, { connection: {} });
    return { heard, next };
  });
  const startIn = (parent: string) => operations.start(ANONYMOUS, { ...start, parent });
  return { ...test, operations, startIn, watches: await Promise.all(told) };
}

describe("watchOperations()", () => {
  it("reads nothing that nobody watches, and no removal of an unknown operation", async () => {
    await using test = await watchedCollections(["projects/p", "folders/-"]);
    test.reads.length = 0;
    const others = await test.startIn("projects/q");
    const own = await test.startIn("projects/p");
    await settled();
    assert.deepEqual(test.reads, [own.id]);
    await test.operations.delete(ANONYMOUS, formatName(others));
    await settled();
    assert.deepEqual(test.reads, [own.id]);
    await test.operations.delete(ANONYMOUS, formatName(own));
    await settled();
    assert.deepEqual(test.watches[0]?.heard, ["1 PENDING", `removed ${formatName(own)}`]);
  });

  it("ends only for watchers of a collection in which too much changes at once", async () => {
    await using test = await watchedCollections(["projects/p", "projects/q", "projects/-"]);
    const answer = Promise.withResolvers<void>();
    const read = test.store.read.bind(test.store);
    test.store.read = (id) => answer.promise.then(() => read(id));
    await test.startIn("projects/q");
    const change = {
      parent: "projects/p",
      method: "",
      state: "RUNNING",
      availableTime: 0,
      cancelRequested: false,
    } as const;
    const ids = new IdSource(seededRandom(7));
    const changes = Array.from({ length: LIMITS.watchReadsMax + 100 }, () => ({
      ...change,
      id: ids.next(0),
    }));
    test.tell(changes);
    assert.deepEqual(
      test.watches.map(({ heard }) => heard),
      [["ended"], [], ["ended"]],
    );
    answer.resolve();
    await settled();
    assert.deepEqual(test.watches[1]?.heard, ["1 PENDING"]);
  });

  it("reports operations that were removed while their page was read", async () => {
    await using test = await watchedCollections([]);
    const started = await test.startIn("projects/p");
    const list = test.store.list.bind(test.store);
    test.store.list = async (query) => {
      const answer = await list(query);
      await test.operations.delete(ANONYMOUS, formatName(started));
      test.store.list = list;
      return answer;
    };
    const { told, watcher } = aWatcher();
    const { next } = await test.operations.watchOperations(ANONYMOUS, { parent: "projects/p" }, watcher);
    assert.equal((await next())?.length, 1);
    await settled();
    assert.deepEqual(told, [`removed ${formatName(started)}`]);
  });

  it("is refused, before it begins, if an operation cannot be shown", async () => {
    await using test = await watchedCollections(["projects/p"]);
    const started = await test.startIn("projects/p");
    test.store.readOrSealed = async () => ({
      ...started,
      revision: 2,
      metadata: { type: STRUCT, json: "\u0001sealed:" },
    });
    const refused = test.operations.watchOperation(ANONYMOUS, formatName(started), aWatcher().watcher);
    await assert.rejects(refused, { reason: "KEY_UNAVAILABLE" });
    assert.deepEqual(test.watches[0]?.heard.at(-1), "2 PENDING");
    assert.equal(test.operations.watching, 1);
  });
});
