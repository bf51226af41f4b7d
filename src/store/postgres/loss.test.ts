import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { StatementProxy, type Moment } from "../../../test/support/statement-proxy.ts";
import { systemClock } from "../../core/ports/clock.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { openStore } from "../open.ts";
import { after as afterEvent, insertOf } from "../suite/subject.suite.ts";
import { aMigratedAddress, open, server } from "./a-database.suite.ts";

const proxy = new StatementProxy(server.port);
after(() => proxy[Symbol.asyncDispose]());
const direct = await aMigratedAddress();
const database = open(direct);
const store = await openStore(await proxy.listen(direct), {
  keepsLeases: false,
  postgres: { listen: false, connections: 1 },
});
after(() => store.close());

/** One at a time, and the others wait. */
const QUEUE = { limit: 1, when: "queue" } as const;
/** More than any command has. */
const STATEMENTS_MAX = 40;

let keys = 0;
/** A queue of its own: who holds its place, and who waits. */
async function aQueue(waiting: number): Promise<readonly Operation[]> {
  const parallelKey = `key-${++keys}`;
  const operations: Operation[] = [];
  for (let count = 0; count <= waiting; count++) {
    const operation = anOperation({ method: "queued", parallelKey, createTime: systemClock.now() + count });
    operations.push(operation);
    await store.write(insertOf(operation, QUEUE));
  }
  return operations;
}

/** Of every queue one goes on, and none where nobody is left: none stands still, and none has too many. */
async function checkQueues(): Promise<void> {
  const rows = await database.query(`
    select parallel_key, count(*) filter (where not blocked)::integer, count(*) filter (where blocked)::integer
    from operations where parallel_key is not null and end_time is null
    group by parallel_key`);
  for (const [key, held, waiting] of rows) assert.equal(held, 1, `${String(key)}: ${String(waiting)} wait`);
}

const cancelled = (operation: Operation): Operation =>
  afterEvent(operation, { type: "cancel", now: systemClock.now() });

/** What is done beside a queue or to it, and what must be so wherever the connection was lost. */
const COMMANDS: Readonly<
  Record<
    string,
    (
      queue: readonly [Operation, Operation, Operation],
      others: readonly (readonly Operation[])[],
    ) => Promise<void>
  >
> = {
  "a start": async () => {
    const operation = anOperation();
    assert.deepEqual(await store.write({ verb: "insert", operation }), { inserted: true, blocked: false });
    assert.deepEqual(await store.read(operation.id), operation);
  },
  "a start with a request id, and the same again": async () => {
    const operation = anOperation({ requestId: `request-${++keys}` });
    assert.deepEqual(await store.write({ verb: "insert", operation }), { inserted: true, blocked: false });
    const { requestId } = operation;
    const again = await store.write({ verb: "insert", operation: anOperation({ requestId }) });
    assert.deepEqual(again, { inserted: false, existing: operation });
  },
  "a start that waits for a place": async ([{ parallelKey }]) => {
    const operation = anOperation({ method: "queued", parallelKey, createTime: systemClock.now() + 9 });
    assert.deepEqual(await store.write(insertOf(operation, QUEUE)), { inserted: true, blocked: true });
  },
  "a start that takes a place": async () => {
    const operation = anOperation({ method: "queued", parallelKey: `key-${++keys}` });
    assert.deepEqual(await store.write(insertOf(operation, QUEUE)), { inserted: true, blocked: false });
  },
  "the end of who holds a place": async ([head, second, third]) => {
    const ended = await store.write({ verb: "replace", next: cancelled(head), expectedRevision: 1 });
    assert.deepEqual(ended, { replaced: true });
    assert.equal((await store.read(second.id))?.blocked, false);
    assert.equal((await store.read(third.id))?.blocked, true);
  },
  "the end of who waits": async ([, second, third]) => {
    const blocked = (await store.read(second.id)) ?? assert.fail("it waits");
    const ended = await store.write({
      verb: "replace",
      next: cancelled(blocked),
      expectedRevision: blocked.revision,
    });
    assert.deepEqual(ended, { replaced: true });
    assert.equal((await store.read(third.id))?.blocked, true);
  },
  "the removal of who holds a place": async ([{ id, parent }, second, third]) => {
    assert.deepEqual(await store.write({ verb: "remove", id, parent }), { removed: true });
    assert.equal((await store.read(second.id))?.blocked, false);
    assert.equal((await store.read(third.id))?.blocked, true);
  },
  "the removal of who waits": async ([, { id, parent }]) => {
    assert.deepEqual(await store.write({ verb: "remove", id, parent }), { removed: true });
  },
  "a claim": async ([head]) => {
    const claim = {
      verb: "claim",
      worker: "w",
      leaseMs: 60_000,
      limit: 1_000,
      wanted: [{ method: "queued", limit: 1_000 }],
    } as const;
    await store.write(claim);
    assert.equal(
      (await store.read(head.id))?.state,
      "RUNNING",
      "by a claim whose answer came, or one whose answer was lost",
    );
  },
  "ends in several queues at once": async ([head], others) => {
    const heads = [head, ...others.map(([first]) => first ?? assert.fail("a queue has a head"))];
    const ended = await Promise.all(
      heads.map((each) => store.write({ verb: "replace", next: cancelled(each), expectedRevision: 1 })),
    );
    assert.deepEqual(new Set(ended.map(({ replaced }) => replaced)), new Set([true]));
  },
};

describe("a connection that is lost at every statement in turn", () => {
  for (const moment of ["before", "after"] as const satisfies readonly Moment[]) {
    for (const [name, command] of Object.entries(COMMANDS)) {
      it(`${moment} it is carried out: ${name}`, async () => {
        for (let number = 1; ; number++) {
          assert.ok(number < STATEMENTS_MAX, "a command has an end");
          const [head, second, third] = await aQueue(2);
          assert.ok(head !== undefined && second !== undefined && third !== undefined);
          const others = [await aQueue(1), await aQueue(0)];
          proxy.lose(number, moment);
          await command([head, second, third], others);
          const isThrough = proxy.spared();
          await checkQueues();
          if (isThrough) break;
        }
      });
    }
  }
});
