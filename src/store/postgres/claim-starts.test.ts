import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, ClaimAnswer } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { ClaimStarts } from "./claim-starts.ts";

/** The starts of a claim that scans everything. */
const WHOLE: readonly number[] = [];
/** The starts for a method of which nothing is known. */
const UNKNOWN = Array.from({ length: 10 }, () => 0);

/** Claims of one method, of at most ten operations. */
class Claims {
  readonly clock = new ManualClock();
  readonly starts = new ClaimStarts({ clock: this.clock, time: () => this.clock.now() });

  begin(method = "m") {
    return this.starts.begin({ wanted: [{ method, limit: 10 }], limit: 10 });
  }

  /**
   * A claim that takes this long and returns operations with these priorities and available times.
   */
  async claim(
    tookMs: number,
    taken: readonly (readonly [number, number])[] = [],
  ): Promise<readonly number[]> {
    const look = this.begin();
    await this.clock.advance(tookMs);
    look.end(answerOf(taken));
    return look.starts;
  }

  tell(availableTime: number, fields: Partial<Change> = {}): void {
    const change = { id: "", method: "m", state: "PENDING", cancelRequested: false, availableTime } as const;
    this.starts.hear([{ ...change, ...fields }]);
  }
}

function answerOf(taken: readonly (readonly [number, number])[]): ClaimAnswer {
  const operations = taken.map(([priority, availableTime]) =>
    anOperation({ method: "m", priority, availableTime }),
  );
  return { operations, nextTime: null };
}

test("claims read all pending rows while this is cheap", async () => {
  const claims = new Claims();
  for (let count = 0; count < 5; count++) assert.deepEqual(await claims.claim(10), WHOLE);
});

test("when a full read is expensive, claims begin shortly before the last claim, and read all rows a fiftieth of the time", async () => {
  const claims = new Claims();
  await claims.clock.advance(1_000);
  const askedAt = claims.clock.now();
  await claims.claim(30);
  // 20 ms beyond the cheap time, hence 1,000 ms of rest.
  const recent = await claims.claim(0);
  assert.deepEqual(
    recent,
    UNKNOWN.map(() => askedAt - 100),
  );
  await claims.clock.advance(999);
  assert.notDeepEqual(claims.begin().starts, WHOLE);
  await claims.clock.advance(1);
  assert.deepEqual(claims.begin().starts, WHOLE);
});

test("after a full claim, each priority begins at its oldest claimed operation", async () => {
  const claims = new Claims();
  await claims.clock.advance(1_000_000);
  await claims.claim(1_000);
  const before = await claims.claim(0);
  const [old, older] = [claims.clock.now() - 5_000, claims.clock.now() - 9_000];
  const taken = [
    [7, older],
    [7, old],
    [3, old],
  ] as const;
  await claims.claim(0, [...taken, ...Array.from({ length: 7 }, () => [3, old + 1] as const)]);
  const after = claims.begin().starts;
  assert.deepEqual([after[7], after[3]], [older - 100, old - 100]);
  assert.deepEqual(after.toSpliced(7, 1).toSpliced(3, 1), claimsOf(before, 8, claims));
});

/** The starts after a claim at the same time that took everything. */
function claimsOf(before: readonly number[], count: number, { clock }: Claims): readonly number[] {
  assert.notDeepEqual(before, WHOLE);
  return Array.from({ length: count }, () => clock.now() - 100);
}

test("an announced pending operation is read, even if it was announced during a claim", async () => {
  const claims = new Claims();
  await claims.clock.advance(1_000_000);
  await claims.claim(1_000);
  await claims.claim(0);
  claims.tell(7, { state: "SUCCEEDED" });
  claims.tell(8, { method: "other" });
  assert.ok(claims.begin().starts.every((start) => start > 8));
  claims.tell(9);
  assert.deepEqual(
    await claims.claim(0),
    UNKNOWN.map(() => 9),
  );
  const look = claims.begin();
  claims.tell(5);
  look.end(answerOf([]));
  assert.deepEqual(
    claims.begin().starts,
    UNKNOWN.map(() => 5),
  );
});

test("a failed claim changes only the known cost", async () => {
  const claims = new Claims();
  await claims.clock.advance(1_000_000);
  const look = claims.begin();
  await claims.clock.advance(5_000);
  look.end();
  assert.deepEqual(claims.begin().starts, UNKNOWN, "nothing is known to begin at");
  await claims.claim(0);
  assert.notDeepEqual(claims.begin().starts, WHOLE);
});

test("all rows are read again within ten seconds, however long a claim took", async () => {
  const claims = new Claims();
  await claims.clock.advance(1_000_000);
  await claims.claim(6_000);
  await claims.clock.advance(9_999);
  assert.notDeepEqual(claims.begin().starts, WHOLE);
  await claims.clock.advance(1);
  assert.deepEqual(claims.begin().starts, WHOLE);
});

test("starts are in the order of the wanted methods", async () => {
  const claims = new Claims();
  await claims.clock.advance(1_000_000);
  await claims.claim(1_000);
  await claims.claim(0);
  const wanted = ["stranger", "m"].map((method) => ({ method, limit: 1 }));
  const { starts } = claims.starts.begin({ wanted, limit: 2 });
  assert.deepEqual(starts.slice(0, 10), UNKNOWN);
  assert.deepEqual(
    starts.slice(10),
    UNKNOWN.map(() => claims.clock.now() - 100),
  );
});
