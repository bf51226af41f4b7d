import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Operation } from "../../core/operation/operation.ts";
import type { AnswerTo, Command, Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import {
  after,
  aRunningOperation,
  insertOf,
  listen,
  onStore,
  put,
  readAll,
  type StoreSubject,
  writeAll,
} from "./subject.suite.ts";

/** Commands of several kinds, and several commands for one record, given in one turn. */
export function batchSuite(subject: StoreSubject): void {
  test(
    "concurrent starts are each answered with the operation of their own parent and method",
    onStore(subject, async ({ store }) => {
      const scopes = ["p", "q"].flatMap((parent) => ["m", "n"].map((method) => ({ parent, method })));
      for (const parallelKey of [null, "k"]) {
        const requestId = `r-${parallelKey}`;
        const of = () => scopes.map((scope) => anOperation({ ...scope, requestId, parallelKey }));
        const known = of();
        const last = known.pop() ?? assert.fail("there are four");
        await startAll(store, known);
        const [fresh, ...again] = [last, ...of().slice(0, 3)];
        assert.deepEqual(await startAll(store, [...again, fresh]), [
          ...known.map((existing) => ({ inserted: false, existing })),
          { inserted: true, blocked: false },
        ]);
      }
    }),
  );

  test(
    "a start with a request id and the same start with a key, given together, are one operation",
    { skip: subject.isDistributed === true && "a request id counts within its key there" },
    onStore(subject, async ({ store }) => {
      for (const keys of [
        [null, "k"],
        ["k", "l"],
        ["k", null],
      ]) {
        const requestId = JSON.stringify(keys);
        const both = keys.map((parallelKey) => anOperation({ requestId, parallelKey }));
        const answers = await startAll(store, both);
        const kept = (
          await readAll(
            store,
            both.map(({ id }) => id),
          )
        ).filter((each) => each !== undefined);
        assert.equal(kept.length, 1, requestId);
        assert.deepEqual(
          answers.flatMap((answer) => (answer.inserted ? [] : [answer.existing])),
          kept,
        );
      }
    }),
  );

  test(
    "removals and ends of records, in any number and order, each happen once and pass each place on once",
    onStore(subject, async ({ store, clock }) => {
      for (const order of ["in order", "reversed"]) {
        const queues = ["a", "b", "c"].map((key) =>
          Array.from({ length: 4 }, () => anOperation({ method: order, parallelKey: key })),
        );
        for (const queue of queues)
          for (const each of queue) await store.write(insertOf(each, { limit: 1, when: "queue" }));
        const heads = queues.flatMap(([head]) => head ?? []);
        const commands: Command[] = heads.flatMap((head) => {
          const next = after(head, { type: "cancel", now: clock.now() });
          const end = { verb: "replace", next, expectedRevision: 1 } as const;
          const removal = { verb: "remove", id: head.id, parent: "" } as const;
          return [end, removal, end, removal];
        });
        const answers = await writeAll(store, order === "reversed" ? commands.toReversed() : commands);
        assert.equal(answers.filter((each) => "removed" in each && each.removed).length, heads.length);
        assert.ok(answers.filter((each) => "replaced" in each && each.replaced).length <= heads.length);
        const left = await readAll(
          store,
          queues.flat().map(({ id }) => id),
        );
        assert.deepEqual(
          left.map((each) => each?.blocked),
          queues.flatMap(() => [undefined, false, true, true]),
        );
      }
    }),
  );

  test(
    "exactly as many places of a key as are given up in one turn are passed on",
    onStore(subject, async ({ store, clock }) => {
      const queue = Array.from({ length: 7 }, () => anOperation({ method: "m", parallelKey: "k" }));
      for (const each of queue) await store.write(insertOf(each, { limit: 3, when: "queue" }));
      const [first, second, third] = queue;
      assert.ok(first && second && third);
      const end = { verb: "replace", expectedRevision: 1 } as const;
      const now = clock.now();
      await writeAll<Command>(store, [
        { ...end, next: after(first, { type: "cancel", now }) },
        { ...end, next: after(second, { type: "cancel", now }) },
        { verb: "remove", id: third.id, parent: "" },
      ]);
      const left = await readAll(
        store,
        queue.slice(3).map(({ id }) => id),
      );
      assert.deepEqual(
        left.map((each) => each?.blocked),
        [false, false, false, true],
      );
      const late = anOperation({ method: "m", parallelKey: "k" });
      assert.deepEqual(await store.write(insertOf(late, { limit: 3, when: "reject" })), {
        inserted: false,
        occupied: true,
      });
    }),
  );

  test(
    "for any commands of one turn, records, answers and announcements agree",
    onStore(subject, async ({ store, clock }) => {
      let run = 0;
      const kinds = ["cancel", "report", "renew", "remove", "claim", "start", "again", "purge"] as const;
      const drawn = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.nat(4)), { minLength: 2, maxLength: 16 });
      const heard = listen(store);
      await fc.assert(
        fc.asyncProperty(drawn, async (steps) => {
          const method = `run${++run}`;
          const operations = [
            ...Array.from({ length: 3 }, () => anOperation({ method, requestId: anOperation().id })),
            ...[1, 2].map(() => aRunningOperation(clock.now() + 9_000, { method })),
          ];
          await put(store, ...operations);
          heard.length = 0;
          const commands = steps.map(([kind, nth]) =>
            commandOf(kind, operations[nth] ?? anOperation(), clock.now()),
          );
          const answers = await writeAll(store, commands);
          await check(store, operations, commands, answers);
          const told = heard.flat().filter((each) => each.method === method).length;
          const changed = answers.map((answer, index) => changesOf(answer, commands[index])).flat().length;
          assert.equal(told, changed, "each change is told, once");
        }),
        { numRuns: 40 },
      );
    }),
  );
}

type Kind = "cancel" | "report" | "renew" | "remove" | "claim" | "start" | "again" | "purge";

function commandOf(kind: Kind, operation: Operation, now: number): Command {
  const { id, method, requestId } = operation;
  const metadata = { type: "t.M", json: '{"a":1}' };
  switch (kind) {
    case "cancel":
      return {
        verb: "replace",
        next: after(operation, { type: "cancel", now }),
        expectedRevision: operation.revision,
      };
    case "report":
      return { verb: "renew", id, attempt: 1, leaseMs: 9_000, metadata };
    case "renew":
      return { verb: "renew", id, attempt: 1, leaseMs: 9_000, metadata: null };
    case "remove":
      return { verb: "remove", id, parent: "" };
    case "claim":
      return { verb: "claim", worker: "w", leaseMs: 9_000, limit: 2, wanted: [{ method, limit: 2 }] };
    case "start":
      return { verb: "insert", operation: anOperation({ method }) };
    case "again":
      return { verb: "insert", operation: anOperation({ method, requestId }) };
    case "purge":
      return { verb: "purge", limit: 1 };
  }
}

/** The ids of the records that a command changed, according to its answer. */
function changesOf(answer: AnswerTo<Command>, command: Command | undefined): readonly string[] {
  if ("operations" in answer) return answer.operations.map(({ id }) => id);
  if ("ids" in answer) return answer.ids;
  if (command?.verb === "insert" && "inserted" in answer && answer.inserted) return [command.operation.id];
  if (command?.verb === "replace" && "replaced" in answer && answer.replaced) return [command.next.id];
  if (command?.verb === "remove" && "removed" in answer && answer.removed) return [command.id];
  const isReport = command?.verb === "renew" && command.metadata !== null;
  return isReport && "held" in answer && answer.held ? [command.id] : [];
}

/**
 * Every change raised the revision of its record by one; a removed record is gone, and was removed
 * only once.
 */
async function check(
  store: Store,
  operations: readonly Operation[],
  commands: readonly Command[],
  answers: readonly AnswerTo<Command>[],
): Promise<void> {
  const started = commands.flatMap((command) => (command.verb === "insert" ? [command.operation] : []));
  const all = [...operations, ...started];
  const stored = await readAll(
    store,
    all.map(({ id }) => id),
  );
  for (const [index, { id, revision }] of all.entries()) {
    const own = answers.flatMap((answer, at) =>
      changesOf(answer, commands[at])
        .filter((each) => each === id)
        .map(() => commands[at]?.verb),
    );
    const removals = own.filter((verb) => verb === "remove").length;
    const isNew = index >= operations.length;
    const exists = isNew ? own.includes("insert") && removals === 0 : removals === 0;
    assert.equal(stored[index] !== undefined, exists, own.join());
    assert.ok(removals <= 1);
    if (exists) assert.equal(stored[index]?.revision, revision + own.length - (isNew ? 1 : 0), own.join());
  }
}

function startAll(store: Store, operations: readonly Operation[]) {
  return writeAll(
    store,
    operations.map((operation) => insertOf(operation)),
  );
}
