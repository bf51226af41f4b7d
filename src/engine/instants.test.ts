import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { silence } from "../core/events.ts";
import type { StatusError } from "../core/error/error.ts";
import type { Method } from "../core/method/method.ts";
import { idExpireTime, IdSource } from "../core/operation/id.ts";
import { formatName } from "../core/operation/name.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { openTestEngine } from "../testing/test-engine.ts";
import { callsOf } from "./calls.suite.ts";
import { missingError } from "./missing.ts";
import { clean, open, pack, request } from "./packing.suite.ts";
import { Records } from "./records.ts";
import { Overdue } from "./sweep/overdue.ts";

suite("At exactly its instant", () => {
  test("a time to live has expired", () => {
    const now = Date.UTC(2026, 0, 1);
    const id = new IdSource(seededRandom(1)).next(now, undefined, 60_000);
    const reasonAt = (time: number) => (missingError(`operations/${id}`, id, time) as StatusError).reason;
    assert.equal(reasonAt(idExpireTime(id) - 1), "OPERATION_NOT_FOUND");
    assert.equal(reasonAt(idExpireTime(id)), "OPERATION_EXPIRED");
  });

  test("a deadline expires, before the lease that ends with it, with the service's name in the error", async () => {
    await using opened = await openTestEngine([{ ...pack, deadlineMs: 30_000 }, clean]);
    const { engine, store, clock } = opened;
    const [both, lease] = [
      await callsOf(engine).start({ method: "pack", request }),
      await callsOf(engine).start({ method: "clean", request }),
    ];
    const wanted = ["pack", "clean"].map((method) => ({ method, limit: 1 }));
    await engine.attempts.claim({ worker: "w", leaseMs: 30_000, limit: 2, wanted });
    const told: string[] = [];
    const parts = {
      records: new Records(store, silence),
      clock,
      random: seededRandom(1),
      domain: "named.example",
    };
    const overdue = new Overdue({
      ...parts,
      methods: new Map([[clean.name, { ...clean, retry: { ...clean.retry, attempts: 1 } } as Method]]),
      tell: { ...silence, "leases.expired": ({ operations }) => void told.push(...operations) },
    });
    await clock.advance(29_999);
    await overdue.walk("lease");
    assert.equal((await callsOf(engine).get(formatName(lease))).state, "RUNNING");
    await clock.advance(1);
    await overdue.walk("lease");
    const ended = await callsOf(engine).get(formatName(both));
    assert.deepEqual(
      [ended.state, ended.error?.details[0]?.["reason"], ended.error?.details[0]?.["domain"]],
      ["FAILED", "DEADLINE_PASSED", "named.example"],
    );
    assert.deepEqual(told, [`${lease.id} attempt 1`]);
  });

  test("the last attempt is the last: an operation that is lost too often ends, with the service's name in the error", async () => {
    await using opened = await open();
    const { engine, store, clock } = opened;
    const started = await callsOf(engine).start({ method: "clean", request });
    const overdue = new Overdue({
      records: new Records(store, silence),
      methods: new Map(),
      clock,
      random: seededRandom(1),
      tell: silence,
      domain: "named.example",
    });
    const attempts: number[] = [];
    for (let round = 0; round < 5; round++) {
      const wanted = [{ method: "clean", limit: 1 }];
      const claimed = await engine.attempts.claim({ worker: "w", leaseMs: 1_000, limit: 1, wanted });
      for (const { attempt } of claimed.operations) attempts.push(attempt);
      await clock.advance(1_000);
      await overdue.walk("lease");
      await clock.advance(60_000);
    }
    const ended = await callsOf(engine).get(formatName(started));
    assert.deepEqual(
      attempts,
      Array.from({ length: started.attemptsMax }, (_, index) => index + 1),
    );
    assert.deepEqual(
      [ended.state, ended.error?.details[0]?.["reason"], ended.error?.details[0]?.["domain"]],
      ["FAILED", "WORKER_LOST", "named.example"],
    );
  });

  test("a walk that should stop does not go beyond its page", async () => {
    await using opened = await open();
    const { engine, store, clock } = opened;
    for (let each = 0; each < 3; each++) await callsOf(engine).start({ method: "clean", request });
    const due = store.due.bind(store);
    let pages = 0;
    store.due = (query) => (pages++, due({ ...query, limit: 1 }));
    const wanted = [{ method: "clean", limit: 3 }];
    await engine.attempts.claim({ worker: "w", leaseMs: 1_000, limit: 3, wanted });
    await clock.advance(1_000);
    const parts = { records: new Records(store, silence), methods: new Map(), tell: silence };
    const overdue = new Overdue({ ...parts, clock, random: seededRandom(1), domain: "d" });
    await overdue.walk("lease", () => false);
    assert.equal(pages, 1);
    await overdue.walk("lease");
    assert.ok(pages >= 3);
  });
});
