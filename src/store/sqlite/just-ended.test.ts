import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnswerTo, Command } from "../../core/ports/store.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { aFinishedOperation, aRunningOperation } from "../suite/subject.suite.ts";
import { JustEnded } from "./just-ended.ts";

const replace = (next: Operation): Command => ({ verb: "replace", next, expectedRevision: 1 });
const remove = ({ id, parent }: Operation): Command => ({ verb: "remove", id, parent });

/** What is there after one commit. */
function afterCommit(...commands: readonly (readonly [Command, AnswerTo<Command>])[]): JustEnded {
  const justEnded = new JustEnded();
  justEnded.replace(
    commands.map(([command]) => command),
    commands.map(([, answer]) => ({ answer })),
  );
  return justEnded;
}

test("what a commit ended is there until the next, and nothing else", () => {
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

test("what the same commit removed is not there", () => {
  const [removed, purged] = [aFinishedOperation(), aFinishedOperation()];
  const justEnded = afterCommit(
    [replace(removed), { replaced: true }],
    [replace(purged), { replaced: true }],
    [remove(removed), { removed: true }],
    [{ verb: "purge", limit: 9 }, { ids: [purged.id] }],
  );
  for (const { id } of [removed, purged]) assert.equal(justEnded.read(id), undefined);
});

test("a command that failed ended nothing", () => {
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
