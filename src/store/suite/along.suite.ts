import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation } from "../../core/operation/operation.ts";
import type { Command, Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import {
  after,
  insertOf,
  listen,
  onStore,
  read,
  readAll,
  type StoreSubject,
  write,
} from "./subject.suite.ts";

/** Operations that are stored together with the change of a record. */
export function alongSuite(subject: StoreSubject): void {
  test(
    "replace() and remove() store other operations in the same commit, and announce them",
    onStore(subject, async ({ store, clock }) => {
      for (const verb of ["replace", "remove"] as const) {
        const { operation, along } = await aPair(store);
        const heard = listen(store);
        const command = commandOf(verb, operation, along, clock.now());
        assert.deepEqual(Object.values(await store.write(command)), [true]);
        assert.deepEqual(await readAll(store, idsOf(along)), along);
        const told = heard.flat().map(({ id, state }) => [id, state]);
        for (const { id } of along) assert.ok(told.some((each) => each.join() === `${id},PENDING`));
        const claim = { worker: "w", leaseMs: 1_000, limit: 9, wanted: [{ method: "deliver", limit: 9 }] };
        const { operations } = await write(store, { verb: "claim", ...claim });
        assert.deepEqual(idsOf(operations), idsOf(along));
      }
    }),
  );

  test(
    "nothing is stored along with a refused change",
    onStore(subject, async ({ store, clock }) => {
      const { operation, along } = await aPair(store);
      const replaced = commandOf("replace", operation, along, clock.now());
      const refused: readonly Command[] = [
        { ...replaced, expectedRevision: 7 } as Command,
        { verb: "remove", id: operation.id, parent: "elsewhere", along },
        { verb: "remove", id: anOperation().id, parent: "", along },
      ];
      for (const command of refused) assert.deepEqual(Object.values(await store.write(command)), [false]);
      assert.deepEqual(await readAll(store, idsOf(along)), [undefined, undefined]);
      assert.deepEqual(await read(store, operation), operation);
    }),
  );

  test(
    "a record that holds a place gives it up, and others are stored along",
    onStore(subject, async ({ store, clock }) => {
      for (const verb of ["replace", "remove"] as const) {
        const parallel = { limit: 1, when: "queue" } as const;
        const method = `${verb}Parallel`;
        const [holder, next] = [1, 2].map(() => anOperation({ method, parallelKey: "k" }));
        assert.ok(holder !== undefined && next !== undefined);
        for (const each of [holder, next]) await write(store, insertOf(each, parallel));
        const along = alongside(holder);
        const command = commandOf(verb, holder, along, clock.now());
        assert.deepEqual(Object.values(await store.write(command)), [true]);
        assert.equal((await read(store, next))?.blocked, false);
        assert.deepEqual(await readAll(store, idsOf(along)), along);
      }
    }),
  );

  test(
    "if two writers change the same record, only one stores its additional operations",
    onStore(subject, async ({ store, clock }) => {
      const { operation, along } = await aPair(store);
      const others = alongside(operation);
      const answers = await Promise.all(
        [along, others].map((each) => store.write(commandOf("replace", operation, each, clock.now()))),
      );
      assert.equal(answers.filter((each) => Object.values(each)[0] === true).length, 1);
      const stored = await readAll(store, idsOf([...along, ...others]));
      assert.equal(stored.filter((each) => each !== undefined).length, 2);
    }),
  );
}

/** A record, and two other operations for its shard. */
async function aPair(store: Store): Promise<{ operation: Operation; along: readonly Operation[] }> {
  const operation = anOperation();
  await write(store, { verb: "insert", operation });
  return { operation, along: alongside(operation) };
}

function alongside({ id }: Operation): readonly Operation[] {
  return [1, 2].map(() => {
    const each = anOperation({ method: "deliver", parent: "endpoints/1", request: '{"a":"ä"}' });
    return { ...each, id: each.id.slice(0, -2) + id.slice(-2) };
  });
}

function commandOf(
  verb: "replace" | "remove",
  operation: Operation,
  along: readonly Operation[],
  now: number,
): Command {
  const { id, parent, revision } = operation;
  if (verb === "remove") return { verb, id, parent, along };
  return { verb, next: after(operation, { type: "cancel", now }), expectedRevision: revision, along };
}

function idsOf(operations: readonly Operation[]): readonly string[] {
  return operations.map(({ id }) => id);
}
