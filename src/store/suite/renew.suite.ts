import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { shownWorker } from "../../core/operation/remote-worker.ts";
import { transition } from "../../core/operation/transition.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { anyRecord } from "./records.suite.ts";
import { after, aRunningOperation, onStore, put, read, type StoreSubject, write } from "./subject.suite.ts";

/** The store decides `renew`, according to `transition`. */
export function renewSuite(subject: StoreSubject): void {
  test(
    "renew() extends the lease from the store's now, and nothing else",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 30_000);
      await put(store, running);
      await clock.advance(10_000);
      const answer = await write(store, {
        verb: "renew",
        id: running.id,
        attempt: 1,
        leaseMs: 30_000,
        metadata: null,
      });
      const leaseTime = clock.now() + 30_000;
      assert.deepEqual(answer, { held: true, leaseTime, revision: running.revision, cancelRequested: false });
      assert.deepEqual(await read(store, running), { ...running, leaseTime });
    }),
  );

  test(
    "renew() with metadata writes it and raises the revision",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 30_000);
      await put(store, running);
      const metadata = { type: "t.Progress", json: '{"progressPercent":5}' };
      const answer = await write(store, {
        verb: "renew",
        id: running.id,
        attempt: 1,
        leaseMs: 40_000,
        metadata,
      });
      const leaseTime = clock.now() + 40_000;
      const revision = running.revision + 1;
      assert.deepEqual(answer, { held: true, leaseTime, revision, cancelRequested: false });
      assert.deepEqual(await read(store, running), { ...running, leaseTime, revision, metadata });
    }),
  );

  test(
    "renew() of an attempt that is handed over extends its lease repeatedly, and operators see the same worker",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 30_000);
      await put(store, running);
      const metadata = { type: "t.Progress", json: "{}" };
      const renewal = { verb: "renew", id: running.id, attempt: 1, isHandedOver: true } as const;
      for (const [leaseMs, reported] of [
        [40_000, null],
        [50_000, metadata],
      ] as const) {
        const answer = await write(store, { ...renewal, leaseMs, metadata: reported });
        assert.ok(answer.held);
        assert.equal(answer.leaseTime, clock.now() + leaseMs);
        const record = (await read(store, running)) ?? assert.fail();
        assert.deepEqual([record.revision, record.metadata], [answer.revision, reported]);
        assert.equal(shownWorker(record.worker ?? ""), running.worker);
      }
      assert.deepEqual(await write(store, { ...renewal, attempt: 2, leaseMs: 9, metadata: null }), {
        held: false,
      });
    }),
  );

  test(
    "renew() makes no lease shorter, with or without metadata",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 30_000);
      await put(store, running);
      const metadata = { type: "t.Progress", json: "{}" };
      for (const [leaseMs, reported, leftMs] of [
        [300_000, null, 300_000],
        [10_000, null, 300_000],
        [10_000, metadata, 300_000],
        [300_001, metadata, 300_001],
      ] as const) {
        await write(store, { verb: "renew", id: running.id, attempt: 1, leaseMs, metadata: reported });
        assert.equal((await read(store, running))?.leaseTime, clock.now() + leftMs);
      }
    }),
  );

  test(
    "renew() reports that cancellation was requested",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 30_000);
      await put(store, after(running, { type: "cancel", now: clock.now() }));
      const answer = await write(store, {
        verb: "renew",
        id: running.id,
        attempt: 1,
        leaseMs: 30_000,
        metadata: null,
      });
      assert.ok(answer.held && answer.cancelRequested);
    }),
  );

  test(
    "renew() is refused for another attempt, an expired lease, a pending operation and a missing one",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 1_000);
      const pending = anOperation();
      await put(store, running, pending);
      const renew = (id: string, attempt: number) =>
        write(store, { verb: "renew", id, attempt, leaseMs: 1_000, metadata: null });
      assert.deepEqual(await renew(running.id, 2), { held: false });
      assert.deepEqual(await renew(pending.id, 0), { held: false });
      assert.deepEqual(await renew(anOperation().id, 1), { held: false });
      await clock.advance(1_000);
      assert.deepEqual(await renew(running.id, 1), { held: false });
      assert.deepEqual(await read(store, running), running);
    }),
  );

  test(
    "renew() equals transition(renew) and transition(report)",
    onStore(subject, async ({ store, clock }) => {
      const metadata = fc.constantFrom(null, { type: "t.Progress", json: '{"p":1}' });
      const record = anyRecord(clock.now());
      await fc.assert(
        fc.asyncProperty(
          record,
          fc.nat(3),
          fc.nat(9),
          metadata,
          async (operation, attempt, leaseMs, report) => {
            await put(store, operation);
            const now = clock.now();
            const leaseTime = now + leaseMs;
            const { next } = transition(
              operation,
              report === null
                ? { type: "renew", now, attempt, leaseTime }
                : { type: "report", now, attempt, leaseTime, metadata: report },
            );
            const answer = await write(store, {
              verb: "renew",
              id: operation.id,
              attempt,
              leaseMs,
              metadata: report,
            });
            assert.equal(answer.held, next !== undefined);
            if (answer.held) assert.equal(answer.revision, next?.revision);
            assert.deepEqual(await read(store, operation), next ?? operation);
          },
        ),
      );
    }),
  );
}
