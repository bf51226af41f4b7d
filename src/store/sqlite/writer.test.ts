import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import type { Operation } from "../../core/operation/operation.ts";
import type { Command } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aFinishedOperation } from "../suite/subject.suite.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { MEMORY, openForWriting } from "./connection.ts";
import { Reader } from "./reader.ts";
import { migrate } from "./schema.ts";
import { Writer } from "./writer.ts";

const insert = (operation = anOperation()): Command => ({ verb: "insert", operation });

function aWriter(path = MEMORY) {
  const database = openForWriting(path);
  migrate(database, 0);
  return { database, writer: new Writer(database), reader: new Reader(database) };
}

test("run() commits concurrent commands once", () => {
  const { writer } = aWriter();
  const { outcomes, changes } = writer.run([insert(), insert(), insert()], 0);
  assert.deepEqual([outcomes.filter(({ answer }) => answer !== undefined).length, changes.length], [3, 3]);
});

test("run() answers every command except those that cannot be executed", () => {
  const { writer, reader } = aWriter();
  const [first, last] = [anOperation(), anOperation()];
  const poisoned = anOperation({ state: "RUNNING" });
  const unbindable = anOperation({ target: { toString: () => "x" } as unknown as string });
  const batch = [insert(first), insert(poisoned), insert(unbindable), insert(last)];
  const { outcomes, changes } = writer.run(batch, 0);
  assert.deepEqual(
    outcomes.map((each) => each.fault?.kind),
    [undefined, "bug", "bug", undefined],
  );
  assert.match(outcomes[1]?.fault?.message ?? "", /CHECK constraint failed/);
  assert.deepEqual(
    changes.map((each) => each.id),
    [first.id, last.id],
  );
  assert.deepEqual(
    [first, poisoned, unbindable, last].map(({ id }) => reader.read(id)),
    [first, undefined, undefined, last],
  );
});

test("run() answers one of two commands if the other cannot be executed", () => {
  const { writer, reader } = aWriter();
  const good = anOperation();
  for (const batch of [[insert(anOperation({ state: "RUNNING" })), insert(good)]]) {
    const { outcomes, changes } = writer.run(batch, 0);
    assert.deepEqual([outcomes.map((each) => each.fault?.kind), changes.length], [["bug", undefined], 1]);
  }
  assert.deepEqual(reader.read(good.id), good);
});

test("run() rolls back all of a command that fails half way", () => {
  const { database, writer, reader } = aWriter();
  const [holder, waiting] = [anOperation({ parallelKey: "k" }), anOperation({ parallelKey: "k" })];
  const one = { limit: 1, when: "queue" } as const;
  const start = (operation: Operation): Command => ({ verb: "insert", operation, parallel: one });
  writer.run([start(holder), start(waiting)], 0);
  database.exec(
    "create trigger no_unblocking before update of blocked on operations when old.blocked > new.blocked begin select raise(abort, 'no'); end",
  );
  const bystander = anOperation();
  const end = { verb: "remove", id: holder.id, parent: "" } as const;
  const { outcomes, changes } = writer.run([end, insert(bystander)], 0);
  assert.deepEqual([outcomes[0]?.fault?.kind, outcomes[1]?.fault], ["bug", undefined]);
  assert.deepEqual(
    changes.map((each) => each.id),
    [bystander.id],
  );
  assert.deepEqual(reader.read(holder.id), holder);
});

test("run() fails every command while the disk is full, keeps nothing, and works again when there is room", (context) => {
  const { database, writer, reader } = aWriter(aDatabaseFile(context));
  database.exec("pragma max_page_count = 1");
  const large = anOperation({ request: JSON.stringify("x".repeat(100_000)) });
  const small = anOperation();
  const { outcomes, changes } = writer.run([insert(small), insert(large)], 0);
  assert.deepEqual(
    outcomes.map((each) => each.fault?.kind),
    ["unavailable", "unavailable"],
  );
  assert.deepEqual(changes, []);
  assert.equal(reader.read(small.id), undefined);
  database.exec("pragma max_page_count = 1000000");
  assert.equal(writer.run([insert(small), insert(large)], 0).changes.length, 2);
  assert.deepEqual([reader.read(small.id), reader.read(large.id)], [small, large]);
  database.close();
});

test("run() fails every command while the disk is read-only, keeps nothing, and works again when it is not", (context) => {
  const { database, writer, reader } = aWriter(aDatabaseFile(context));
  const [before, during, after] = [anOperation(), anOperation(), anOperation()];
  writer.run([insert(before)], 0);
  database.exec("pragma query_only = on");
  const { outcomes, changes } = writer.run(
    [insert(during), { verb: "remove", id: before.id, parent: "" }],
    0,
  );
  for (const { fault } of outcomes) {
    assert.equal(fault?.kind, "unavailable");
    assert.match(fault.message, /readonly database \(SQLite result code 8\)/);
  }
  assert.deepEqual(changes, []);
  database.exec("pragma query_only = off");
  assert.equal(writer.run([insert(after)], 0).changes.length, 1);
  assert.deepEqual(
    [before, during, after].map(({ id }) => reader.read(id)),
    [before, undefined, after],
  );
  database.close();
});

test("run() writes nothing to the disk for commands that change nothing", (context) => {
  const path = aDatabaseFile(context);
  const { database, writer } = aWriter(path);
  const commands: readonly Command[] = [
    { verb: "claim", worker: "w", leaseMs: 9, limit: 9, wanted: [{ method: "m", limit: 9 }] },
    { verb: "purge", limit: 9 },
    { verb: "renew", id: anOperation().id, attempt: 1, leaseMs: 9, metadata: null },
    { verb: "renew", id: anOperation().id, attempt: 1, leaseMs: 9, metadata: { type: "t.M", json: "{}" } },
    { verb: "replace", next: anOperation(), expectedRevision: 1 },
    { verb: "remove", id: anOperation().id, parent: "" },
  ];
  const before = statSync(`${path}-wal`, { bigint: true });
  const { changes } = writer.run(commands, 0);
  const later = statSync(`${path}-wal`, { bigint: true });
  assert.deepEqual([later.size, later.mtimeNs, changes], [before.size, before.mtimeNs, []]);
  writer.run([insert()], 0);
  assert.ok(statSync(`${path}-wal`, { bigint: true }).size > before.size);
  database.close();
});

test("run() does not let the store's clock go back", () => {
  const { writer, reader } = aWriter();
  const operation = anOperation({ availableTime: 0 });
  const wanted = [{ method: operation.method, limit: 1 }];
  writer.run([insert(operation)], 1_000);
  writer.run([{ verb: "claim", worker: "w", leaseMs: 10, limit: 1, wanted }], 500);
  assert.equal(reader.read(operation.id)?.leaseTime, 1_010);
});

test("a purge removes records, returns the ids that it could not remove, and skips given ids", () => {
  const { database, writer } = aWriter();
  const [kept, ...others] = [1, 2, 3].map((timeToLiveMs) => aFinishedOperation({ timeToLiveMs }));
  assert.ok(kept !== undefined);
  writer.run(
    [kept, ...others].map((operation) => insert(operation)),
    0,
  );
  database.exec(`create trigger keep before delete on operations when old.id = '${kept.id}'
    begin select raise(abort, 'an archive needs it'); end`);
  const now = Number.MAX_SAFE_INTEGER;
  const purge = (limit: number, except: readonly string[]) => {
    const { outcomes, changes } = writer.run([{ verb: "purge", limit, except }], now);
    const answer = outcomes[0]?.answer;
    assert.ok(answer !== undefined && "ids" in answer);
    return { ...answer, changes };
  };
  assert.deepEqual(purge(1, [kept.id]).ids, [others[0]?.id]);
  const { ids, failed, changes } = purge(9, []);
  assert.deepEqual(ids, [others[1]?.id]);
  assert.deepEqual(
    failed?.map(({ id, error }) => [id, /an archive needs it/.test(error.message)]),
    [[kept.id, true]],
  );
  assert.equal(changes.length, 1);
});
