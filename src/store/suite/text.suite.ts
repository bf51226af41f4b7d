import assert from "node:assert/strict";
import { test } from "node:test";
import { InvariantError } from "../../core/invariant.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Command } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import {
  after,
  aRunningOperation,
  insertOf,
  onStore,
  read,
  type StoreSubject,
  write,
} from "./subject.suite.ts";

/** Every text is read as it was written, or rejected. */
export function textSuite(subject: StoreSubject): void {
  test(
    "texts inside JSON are kept exactly, including those that a column could not contain",
    onStore(subject, async ({ store, clock }) => {
      const leaseTime = clock.now() + 30_000;
      const running = aRunningOperation(leaseTime, { request: String.raw`{"\u0000":"a\u0000\\b\ud800"}` });
      await write(store, insertOf(running));
      const metadata = { type: "google.protobuf.Struct", json: String.raw`{"a":"\u0000\"\udc00"}` };
      const reported = after(running, { type: "report", now: clock.now(), attempt: 1, leaseTime, metadata });
      const error = {
        code: "ABORTED",
        message: 'a\0b "\\" \uD800 é\u0301',
        details: [{ "@type": "type.example/T", "k\0\uDC00": "\0" }],
      } as const;
      const next = after(reported, {
        type: "fail",
        now: clock.now(),
        attempt: 1,
        error,
        exception: "line\r\n\t\u0001 'quoted' \\ \u0085",
        retryTime: null,
      });
      await write(store, { verb: "replace", next, expectedRevision: running.revision });
      assert.deepEqual(await read(store, next), next);
    }),
  );

  const unstorable = "a\0b";
  const half = "a\uD800";
  const fields: readonly Partial<Operation>[] = [
    { requestId: unstorable },
    { requestId: half },
    { target: unstorable },
    { target: half },
    { parallelKey: unstorable },
    { parallelKey: half },
    { parent: unstorable },
    { request: `"${half}"` },
  ];
  for (const each of fields) {
    test(
      `text that a column cannot contain is refused and disturbs no other command: ${JSON.stringify(each)}`,
      onStore(subject, async ({ store }) => {
        const bystander = anOperation();
        const refused: Command = insertOf(anOperation(each));
        const [first, second] = await Promise.allSettled([
          write(store, refused),
          write(store, insertOf(bystander)),
        ]);
        assert.ok(first.status === "rejected" && first.reason instanceof InvariantError);
        assert.equal(second.status, "fulfilled");
        assert.deepEqual(await read(store, bystander), bystander);
      }),
    );
  }

  test(
    "later writes follow the same rule: outcomes, reports and workers",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 30_000);
      await write(store, insertOf(running));
      const metadata = { type: "google.protobuf.Struct", json: `{"a":"${half}"}` };
      const commands: readonly Command[] = [
        { verb: "replace", next: { ...running, exception: unstorable }, expectedRevision: running.revision },
        { verb: "replace", next: { ...running, response: metadata }, expectedRevision: running.revision },
        { verb: "renew", id: running.id, attempt: 1, leaseMs: 1_000, metadata },
        { verb: "claim", worker: unstorable, leaseMs: 1_000, limit: 1, wanted: [] },
      ];
      for (const command of commands) await assert.rejects(write(store, command), InvariantError);
      assert.deepEqual(await read(store, running), running);
    }),
  );
}
