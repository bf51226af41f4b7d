import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { AnswerTo, Command } from "../../core/ports/store.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { openStore } from "../open.ts";
import { aFinishedOperation, aRunningOperation, put } from "../suite/subject.suite.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { JustEnded } from "./just-ended.ts";

const replace = (next: Operation): Command => ({ verb: "replace", next, expectedRevision: 1 });
const remove = ({ id, parent }: Operation): Command => ({ verb: "remove", id, parent });

/** The operations kept after one commit. */
function afterCommit(...commands: readonly (readonly [Command, AnswerTo<Command>])[]): JustEnded {
  const justEnded = new JustEnded();
  justEnded.replace(
    commands.map(([command]) => command),
    commands.map(([, answer]) => ({ answer })),
  );
  return justEnded;
}

test("operations that a commit ended are there until the next commit, and nothing else", () => {
  const [ended, refused, running] = [aFinishedOperation(), aFinishedOperation(), aRunningOperation(1)];
  const justEnded = afterCommit(
    [replace(ended), { replaced: true }],
    [replace(refused), { replaced: false }],
    [replace(running), { replaced: true }],
  );
  assert.deepEqual(justEnded.read(ended.id), ended);
  for (const { id } of [refused, running]) assert.equal(justEnded.read(id), undefined);
  justEnded.replace([], []);
  assert.equal(justEnded.read(ended.id), undefined);
});

test("operations that the same commit removed are not there", () => {
  const [removed, purged] = [aFinishedOperation(), aFinishedOperation()];
  const justEnded = afterCommit(
    [replace(removed), { replaced: true }],
    [replace(purged), { replaced: true }],
    [remove(removed), { removed: true }],
    [{ verb: "purge", limit: 9 }, { ids: [purged.id] }],
  );
  for (const { id } of [removed, purged]) assert.equal(justEnded.read(id), undefined);
});

test("a failed command ended nothing", () => {
  const ended = aFinishedOperation();
  const justEnded = new JustEnded();
  justEnded.replace([replace(ended)], [{ fault: { kind: "unavailable", message: "disk full" } }]);
  assert.equal(justEnded.read(ended.id), undefined);
});

test("large payloads and errors with details are not kept", () => {
  const small = aFinishedOperation();
  const large = { ...small, id: "large", response: { type: "t", json: `"${"x".repeat(1_048_576)}"` } };
  const details = [{ "@type": "type.googleapis.com/t.D" }];
  const detailed = {
    ...small,
    id: "detailed",
    response: null,
    error: { code: "NOT_FOUND", message: "", details },
  } as const;
  const justEnded = afterCommit(
    [replace(small), { replaced: true }],
    [replace(detailed), { replaced: true }],
    [replace(large), { replaced: true }],
  );
  assert.deepEqual(justEnded.read(small.id), small);
  for (const id of ["large", "detailed"]) assert.equal(justEnded.read(id), undefined);
});

test("a record that has left the lists is no longer read, even before its removal is answered", async (context) => {
  const path = aDatabaseFile(context);
  const store = await openStore(`sqlite:${path}`);
  context.after(() => store.close());
  const ended = aFinishedOperation();
  await put(store, ended);
  const removed = store.write(remove(ended));
  // The command has been sent now, and no answer can arrive before the next turn.
  await new Promise<void>((resolve) => systemClock.soon(resolve));
  const other = new DatabaseSync(path, { readOnly: true });
  context.after(() => other.close());
  const count = other.prepare("select count(*) as count from operations");
  const limit = systemClock.monotonic() + 10_000;
  while (count.get()?.["count"] !== 0) assert.ok(systemClock.monotonic() < limit, "nothing is removed");
  assert.equal(await store.read(ended.id), undefined);
  await removed;
});
