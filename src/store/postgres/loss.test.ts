import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { IS_LONG } from "../../../test/support/long.ts";
import { StatementProxy, type Moment } from "../../../test/support/statement-proxy.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { listOrderOf } from "../../core/list/order.ts";
import { collectionOf } from "../../core/operation/collection.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { openStore } from "../open.ts";
import {
  aFinishedOperation,
  after as afterEvent,
  aRunningOperation,
  insertOf,
  put,
} from "../suite/subject.suite.ts";
import { aMigratedAddress, open, server } from "./a-database.suite.ts";

const proxy = new StatementProxy(server.port);
after(() => proxy[Symbol.asyncDispose]());
const direct = await aMigratedAddress();
const database = open(direct, { connections: 1 });
const store = await openStore(await proxy.listen(direct), {
  keepsLeases: false,
  postgres: { listen: false, connections: 1 },
});
after(() => store.close());

/** One operation runs at a time; the others wait. */
const QUEUE = { limit: 1, when: "queue" } as const;
/** More statements than any command has. */
const STATEMENTS_MAX = 40;
/** `npm test` loses one statement of three, and begins with another of the first three for each command. */
const STEP = IS_LONG ? 1 : 3;

let keys = 0;
/** A new queue: the holder of the place, and the waiting operations. */
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

/**
 * In every queue exactly one operation holds the place, unless the queue is empty: no queue is
 * stuck or exceeds its limit.
 */
async function checkQueues(): Promise<void> {
  const rows = await database.query(`
    select parallel_key, count(*) filter (where not blocked)::integer, count(*) filter (where blocked)::integer
    from operations where parallel_key is not null and end_time is null
    group by parallel_key`);
  for (const [key, held, waiting] of rows) assert.equal(held, 1, `${String(key)}: ${String(waiting)} wait`);
}

const cancelled = (operation: Operation): Operation =>
  afterEvent(operation, { type: "cancel", now: systemClock.now() });

/**
 * The commands beside a queue and on it, each with the conditions that must hold wherever the
 * connection was lost.
 */
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
  "the end of an operation that holds a place": async ([head, second, third]) => {
    const ended = await store.write({ verb: "replace", next: cancelled(head), expectedRevision: 1 });
    assert.deepEqual(ended, { replaced: true });
    assert.equal((await store.read(second.id))?.blocked, false);
    assert.equal((await store.read(third.id))?.blocked, true);
  },
  "the end of a waiting operation": async ([, second, third]) => {
    const blocked = (await store.read(second.id)) ?? assert.fail("it waits");
    const ended = await store.write({
      verb: "replace",
      next: cancelled(blocked),
      expectedRevision: blocked.revision,
    });
    assert.deepEqual(ended, { replaced: true });
    assert.equal((await store.read(third.id))?.blocked, true);
  },
  "the removal of an operation that holds a place": async ([{ id, parent }, second, third]) => {
    assert.deepEqual(await store.write({ verb: "remove", id, parent }), { removed: true });
    assert.equal((await store.read(second.id))?.blocked, false);
    assert.equal((await store.read(third.id))?.blocked, true);
  },
  "the removal of a waiting operation": async ([, { id, parent }]) => {
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
  "a start that is refused because of the limit": async ([{ parallelKey }]) => {
    const operation = anOperation({ method: "queued", parallelKey });
    const answer = await store.write(insertOf(operation, { limit: 1, when: "reject" }));
    assert.deepEqual(
      [answer, await store.read(operation.id)],
      [{ inserted: false, occupied: true }, undefined],
    );
  },
  "an end without a key, and a removal": async () => {
    const operation = anOperation();
    await store.write({ verb: "insert", operation });
    const next = cancelled(operation);
    const ended = await store.write({ verb: "replace", next, expectedRevision: 1 });
    assert.deepEqual([ended, await store.read(operation.id)], [{ replaced: true }, next]);
    assert.deepEqual(await store.write({ verb: "remove", id: operation.id, parent: "" }), { removed: true });
    assert.equal(await store.read(operation.id), undefined);
  },
  "a renewal, a report, and a write decided before": async () => {
    const operation = aRunningOperation(systemClock.now() + 60_000);
    const { id } = operation;
    await store.write({ verb: "insert", operation });
    const renew = { verb: "renew", id, attempt: 1, leaseMs: 90_000 } as const;
    const renewed = await store.write({ ...renew, metadata: null });
    assert.ok(renewed.held && renewed.revision === operation.revision);
    const metadata = { type: "t.M", json: '{"a":1}' };
    const reported = await store.write({ ...renew, metadata });
    const stored = await store.read(id);
    assert.ok(reported.held && reported.revision === stored?.revision);
    assert.deepEqual(stored.metadata, metadata);
    const late = {
      verb: "replace",
      next: cancelled(operation),
      expectedRevision: operation.revision,
    } as const;
    assert.deepEqual(await store.write(late), { replaced: false });
  },
  "a purge": async () => {
    const expired = aFinishedOperation({ createTime: 1, timeToLiveMs: 0 });
    await put(store, expired);
    const { ids } = await store.write({ verb: "purge", limit: 9 });
    assert.ok(ids.every((id) => id === expired.id));
    assert.equal(await store.read(expired.id), undefined);
  },
  "a read of due operations, and a list": async ([head]) => {
    const running = aRunningOperation(systemClock.now() - 1, { parent: "listed" });
    await store.write({ verb: "insert", operation: running });
    const due = await store.due({ by: "lease", limit: 1_000, after: null });
    assert.ok(due.ids.includes(running.id));
    assert.deepEqual(await store.over([head.id, running.id]), []);
    const query = { filter: null, order: listOrderOf(""), after: null, limit: 1 } as const;
    const { operations } = await store.list({ ...query, collection: collectionOf("listed") });
    assert.deepEqual(operations, [running]);
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
    for (const [index, [name, command]] of Object.entries(COMMANDS).entries()) {
      it(`${moment} it is carried out: ${name}`, async () => {
        for (let number = 1 + (index % STEP); ; number += STEP) {
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

describe("a connection that is lost while it is idle", () => {
  it("loses no answer", async () => {
    const idle = await openStore(direct, { keepsLeases: false, postgres: { listen: false, connections: 1 } });
    const operation = anOperation();
    await idle.write({ verb: "insert", operation });
    for (let turn = 0; turn < 3; turn++) {
      await database.query(`
        select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state = 'idle'`);
      assert.deepEqual(await idle.read(operation.id), operation);
      const next = anOperation();
      assert.deepEqual(await idle.write({ verb: "insert", operation: next }), {
        inserted: true,
        blocked: false,
      });
    }
    await idle.close();
  });
});
