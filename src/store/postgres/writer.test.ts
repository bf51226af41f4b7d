import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import type { AnswerTo, Change, Command } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { after as afterEvent, aFinishedOperation } from "../suite/subject.suite.ts";
import { aLosingDatabase, writerOn } from "./a-database.suite.ts";
import { keysOf } from "./array.ts";
import { toOperation } from "./row.ts";
import * as sql from "./statements.ts";

const database = await aLosingDatabase();
let told: Change[] = [];
const writer = writerOn(database, { committed: (changes) => told.push(...changes) });

/**
 * Carries out one command, whose answer is lost `losing` times; also returns the changes that
 * listeners got.
 */
async function write<C extends Command>(
  command: C,
  losing = 0,
): Promise<{ readonly answer: AnswerTo<C>; readonly heard: readonly Change[] }> {
  told = [];
  database.losing = losing;
  const answer = await writer.write(command);
  assert.equal(database.losing, 0, "as many answers were lost as were to be");
  return { answer, heard: told };
}

/**
 * Carries out commands as one batch. Its first statement writes, and its second, which looks for
 * those that the first passed over, gets no connection.
 */
async function writeTogether(...commands: readonly Command[]): Promise<readonly unknown[]> {
  Object.assign(database, { sparing: 1, refusing: 1 });
  const answers = await Promise.all(commands.map((command) => writer.write(command)));
  assert.equal(database.refusing, 0, "there was a second statement");
  return answers;
}

async function read({ id }: Operation): Promise<Operation | undefined> {
  const [row] = await database.query(sql.READ, keysOf([id]));
  return row && toOperation(row);
}

async function running(fields: Partial<Operation> = {}): Promise<Operation> {
  const operation = anOperation({ method: `m${anOperation().id.replaceAll("-", "")}`, ...fields });
  const { method, parallelKey } = operation;
  const limited = parallelKey === null ? {} : { parallel: { limit: 1, when: "queue" } as const };
  await write({ verb: "insert", operation, ...limited });
  const wanted = [{ method, limit: 1 }];
  const { answer } = await write({ verb: "claim", worker: "w", leaseMs: 60_000, limit: 1, wanted });
  return answer.operations[0] ?? assert.fail("nothing was claimed");
}

/** The record after its end. */
function ended(operation: Operation): Operation {
  const response = { type: STRUCT, json: '{"path":"/a"}' };
  const { attempt } = operation;
  return afterEvent(operation, { type: "complete", now: systemClock.now(), attempt, response });
}

test("an insert with a lost answer is found by its id", async () => {
  const operation = anOperation();
  const { answer, heard } = await write({ verb: "insert", operation }, 1);
  assert.deepEqual(answer, { inserted: true, blocked: false });
  assert.equal(heard.length, 1);
  assert.deepEqual(await read(operation), operation);
});

test("an insert with a request id and a lost answer is recognised as its own", async () => {
  const operation = anOperation({ requestId: "twice" });
  assert.deepEqual((await write({ verb: "insert", operation }, 1)).answer, {
    inserted: true,
    blocked: false,
  });
  const again = anOperation({ requestId: "twice" });
  const { answer } = await write({ verb: "insert", operation: again }, 1);
  assert.deepEqual(answer, { inserted: false, existing: operation });
});

test("an insert with a key and a lost answer takes one place, and answers whether it is blocked", async () => {
  const [first, second] = [1, 2].map(() => anOperation({ method: "limited", parallelKey: "k" }));
  assert.ok(first && second);
  const parallel = { limit: 1, when: "queue" } as const;
  assert.deepEqual((await write({ verb: "insert", operation: first, parallel }, 1)).answer, {
    inserted: true,
    blocked: false,
  });
  assert.deepEqual((await write({ verb: "insert", operation: second, parallel }, 1)).answer, {
    inserted: true,
    blocked: true,
  });
});

test("an existing id without a lost answer is a bug", async () => {
  const operation = anOperation();
  await write({ verb: "insert", operation });
  await assert.rejects(write({ verb: "insert", operation }), /duplicate key/);
});

test("a replacement with a lost answer is recognised by the whole record", async () => {
  const operation = await running();
  const next = ended(operation);
  const { answer, heard } = await write({ verb: "replace", next, expectedRevision: operation.revision }, 1);
  assert.deepEqual(answer, { replaced: true });
  assert.deepEqual(
    heard.map(({ id, state }) => [id, state]),
    [[next.id, "SUCCEEDED"]],
  );
});

test("a replacement with a lost answer is not confused with another write of the same revision", async () => {
  const operation = await running();
  const other = { ...ended(operation), response: { type: STRUCT, json: '{"path":"/b"}' } };
  await write({ verb: "replace", next: other, expectedRevision: operation.revision });
  const next = ended(operation);
  const { answer, heard } = await write({ verb: "replace", next, expectedRevision: operation.revision }, 1);
  assert.deepEqual([answer, heard], [{ replaced: false }, []]);
  assert.deepEqual(await read(operation), other);
});

test("a renewal in between does not hide a replacement, because leases are not compared", async () => {
  const operation = await running();
  const next = { ...operation, revision: operation.revision + 1, cancelTime: systemClock.now() };
  const command = { verb: "replace", next, expectedRevision: operation.revision } as const;
  await write(command);
  const { id, attempt } = operation;
  await write({ verb: "renew", id, attempt, leaseMs: 120_000, metadata: null });
  assert.deepEqual((await write(command, 1)).answer, { replaced: true });
});

test("an end with a lost answer passes its place on once", async () => {
  const operation = await running({ parallelKey: "k" });
  const { method } = operation;
  const waiting = [1, 2].map(() => anOperation({ method, parallelKey: "k" }));
  const parallel = { limit: 1, when: "queue" } as const;
  for (const each of waiting) await write({ verb: "insert", operation: each, parallel });
  const next = ended(operation);
  await write({ verb: "replace", next, expectedRevision: operation.revision }, 1);
  const stand = await Promise.all(waiting.map(read));
  assert.deepEqual(
    stand.map((each) => each?.blocked),
    [false, true],
  );
});

test("a removal with a lost answer is recognised by the absence of the record", async () => {
  const operation = anOperation();
  await write({ verb: "insert", operation });
  const { id } = operation;
  assert.deepEqual((await write({ verb: "remove", id, parent: "" }, 1)).answer, { removed: true });
  assert.equal(await read(operation), undefined);
  assert.deepEqual((await write({ verb: "remove", id, parent: "" })).answer, { removed: false });
});

test("a removal with a lost first try does not remove a record under another parent", async () => {
  const operation = anOperation({ parent: "p" });
  await write({ verb: "insert", operation });
  const { answer } = await write({ verb: "remove", id: operation.id, parent: "q" }, 1);
  assert.deepEqual(answer, { removed: false });
  assert.deepEqual(await read(operation), operation);
});

test("a renewal with a lost answer is recognised by its attempt", async () => {
  const { id, attempt, revision } = await running();
  const metadata = { type: STRUCT, json: '{"done":1}' };
  const { answer } = await write({ verb: "renew", id, attempt, leaseMs: 60_000, metadata }, 1);
  assert.equal(answer.held, true);
  assert.ok(answer.held && answer.revision > revision);
  const late = await write({ verb: "renew", id, attempt: attempt + 1, leaseMs: 60_000, metadata }, 1);
  assert.deepEqual(late.answer, { held: false });
});

test("an operation whose claim had a lost answer is not claimed again before its lease has expired", async () => {
  const operation = anOperation({ method: "lost" });
  await write({ verb: "insert", operation });
  const wanted = [{ method: "lost", limit: 1 }];
  const { answer } = await write({ verb: "claim", worker: "w", leaseMs: 60_000, limit: 1, wanted }, 1);
  assert.deepEqual(answer.operations, []);
  assert.equal((await read(operation))?.attempt, 1);
});

test("a purge with a lost answer removes no more than its limit, and answers", async () => {
  const finished = aFinishedOperation({ timeToLiveMs: 0 });
  const { id, parent, method, createTime } = finished;
  const operation = anOperation({ id, parent, method, createTime, timeToLiveMs: 0 });
  await write({ verb: "insert", operation });
  await write({ verb: "replace", next: finished, expectedRevision: 1 });
  const { answer } = await write({ verb: "purge", limit: 1 }, 1);
  assert.deepEqual(answer.ids, [id]);
  assert.equal(await read(finished), undefined);
});

test("a command that the database refuses fails alone", async () => {
  const known = anOperation();
  await write({ verb: "insert", operation: known });
  const others = Array.from({ length: 60 }, () => anOperation());
  told = [];
  const settled = await Promise.allSettled(
    others.toSpliced(30, 0, known).map((operation) => writer.write({ verb: "insert", operation })),
  );
  assert.deepEqual(
    settled.map(({ status }) => status),
    settled.map((_, index) => (index === 30 ? "rejected" : "fulfilled")),
  );
  assert.deepEqual(new Set(told.map(({ id }) => id)), new Set(others.map(({ id }) => id)));
});

test("a command that cannot be converted never joins a batch", async () => {
  const before = database.carriedOut;
  for (const poison of [{ target: {} as unknown as string }, { deadlineTime: 1e300 }, { deadlineTime: 0.5 }])
    await assert.rejects(writer.write({ verb: "insert", operation: anOperation(poison) }), InvariantError);
  assert.equal(database.carriedOut, before);
});

test("a database that is gone for good is UNAVAILABLE", async () => {
  await database.query("alter table operations rename to elsewhere");
  try {
    await assert.rejects(write({ verb: "insert", operation: anOperation() }), StatusError);
  } finally {
    await database.query("alter table elsewhere rename to operations");
  }
});

test("a batch of one verb is one statement", async () => {
  const before = database.carriedOut;
  await Promise.all(
    Array.from({ length: 40 }, () => writer.write({ verb: "insert", operation: anOperation() })),
  );
  assert.equal(database.carriedOut - before, 1);
});

test("the writes of a batch are not lost if no connection is available for its next statement", async () => {
  const known = anOperation({ requestId: `r-${anOperation().id}` });
  const gone = anOperation();
  for (const operation of [known, gone]) await write({ verb: "insert", operation });
  const first = anOperation({ requestId: `r-${anOperation().id}` });
  const again = anOperation({ requestId: known.requestId });
  const inserted = await writeTogether(
    { verb: "insert", operation: first },
    { verb: "insert", operation: again },
  );
  assert.deepEqual(inserted, [
    { inserted: true, blocked: false },
    { inserted: false, existing: known },
  ]);
  assert.deepEqual(await read(first), first);
  const missing = anOperation();
  const removed = await writeTogether(
    { verb: "remove", id: gone.id, parent: gone.parent },
    { verb: "remove", id: missing.id, parent: missing.parent },
  );
  assert.deepEqual(removed, [{ removed: true }, { removed: false }]);
  assert.equal(await read(gone), undefined);
});

test("a single command is announced in its own commit, and a batch afterwards", async () => {
  const tellings: (readonly [number, number])[] = [];
  const telling = writerOn(database, {
    telling: { noticesOf: (changes) => changes.map(({ id }) => ["telling", id]) },
    committed: (changes, untold) => tellings.push([changes.length, untold.length]),
  });
  const insert = async (count: number): Promise<readonly (readonly [number, number])[]> => {
    await Promise.all(
      Array.from({ length: count }, () => telling.write({ verb: "insert", operation: anOperation() })),
    );
    return tellings.splice(0);
  };
  assert.deepEqual(await insert(1), [[1, 0]]);
  assert.deepEqual(await insert(2), [[2, 2]]);
  assert.deepEqual(await insert(1), [[1, 0]]);
});

test("an insert with a lost answer is announced afterwards", async () => {
  const tellings: (readonly [number, number])[] = [];
  const telling = writerOn(database, {
    telling: { noticesOf: () => [["telling", "x"]] },
    committed: (changes, untold) => tellings.push([changes.length, untold.length]),
  });
  database.losing = 1;
  await telling.write({ verb: "insert", operation: anOperation() });
  assert.deepEqual(tellings, [[1, 1]]);
});
