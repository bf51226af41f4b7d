import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import type { Command } from "../../core/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aDatabaseFile } from "./a-database-file.suite.ts";
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

test("run() commits calls that came together once", () => {
  const { writer } = aWriter();
  const { outcomes, commits } = writer.run([[insert(), insert()], [insert()]], 0);
  assert.deepEqual(
    outcomes.map((each) => each.answers?.length),
    [2, 1],
  );
  assert.deepEqual(
    commits.map((changes) => changes.length),
    [3],
  );
});

test("run() gives each call its own commit when one of them cannot be", () => {
  const { writer, reader } = aWriter();
  const [first, last] = [anOperation(), anOperation()];
  const poisoned = anOperation({ state: "RUNNING" });
  const { outcomes, commits } = writer.run(
    [[insert(first)], [insert(), insert(poisoned)], [insert(last)]],
    0,
  );
  assert.deepEqual(
    outcomes.map((each) => each.fault?.kind),
    [undefined, "bug", undefined],
  );
  assert.match(outcomes[1]?.fault?.message ?? "", /CHECK constraint failed/);
  assert.deepEqual(
    commits.map((changes) => changes.map((each) => each.id)),
    [[first.id], [last.id]],
  );
  assert.deepEqual(reader.read([first.id, poisoned.id, last.id]), [first, undefined, last]);
});

test("run() fails every call when the disk is full, keeps nothing, and works again when there is room", (context) => {
  const { database, writer, reader } = aWriter(aDatabaseFile(context));
  database.exec("pragma max_page_count = 1");
  const large = anOperation({ request: JSON.stringify("x".repeat(100_000)) });
  const small = anOperation();
  const { outcomes, commits } = writer.run([[insert(small)], [insert(large)]], 0);
  assert.deepEqual(
    outcomes.map((each) => each.fault?.kind),
    ["unavailable", "unavailable"],
  );
  assert.deepEqual(commits, []);
  assert.deepEqual(reader.read([small.id]), [undefined]);
  database.exec("pragma max_page_count = 1000000");
  assert.deepEqual(writer.run([[insert(small)], [insert(large)]], 0).commits.length, 1);
  assert.deepEqual(reader.read([small.id, large.id]), [small, large]);
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
  const { commits } = writer.run([commands], 0);
  const later = statSync(`${path}-wal`, { bigint: true });
  assert.deepEqual([later.size, later.mtimeNs, commits], [before.size, before.mtimeNs, []]);
  writer.run([[insert()]], 0);
  assert.ok(statSync(`${path}-wal`, { bigint: true }).size > before.size);
  database.close();
});

test("run() does not let the store's clock go back", () => {
  const { writer, reader } = aWriter();
  const operation = anOperation({ availableTime: 0 });
  const wanted = [{ method: operation.method, limit: 1 }];
  writer.run([[insert(operation)]], 1_000);
  writer.run([[{ verb: "claim", worker: "w", leaseMs: 10, limit: 1, wanted }]], 500);
  assert.equal(reader.read([operation.id])[0]?.leaseTime, 1_010);
});
