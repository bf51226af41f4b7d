import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { formatName } from "../core/operation/name.ts";
import { silence } from "../core/events.ts";
import type { Operation } from "../core/operation/operation.ts";
import { settled } from "../testing/manual-clock.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import type { TestEngine } from "../testing/test-engine.ts";
import { Beginnings } from "./waiting/beginnings.ts";
import { openWithHints } from "./waiting/hints.suite.ts";
import { finish, open, request, UNKNOWN } from "./packing.suite.ts";
import { Operations } from "./operations.ts";
import { UseCases } from "./use-cases.ts";
import { PollIntervals } from "./poll-intervals.ts";
import { Records } from "./records.ts";
import { Waiters } from "./waiting/waiters.ts";
import { Seats } from "./waiting/seats.ts";
import { Watching } from "./watching/watching.ts";

describe("Operations.wait()", () => {
  it("answers the moment the operation ends", async () => {
    await using test = await open();
    const started = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    let answered: Operation | undefined;
    const waiting = test.engine.operations
      .wait(ANONYMOUS, formatName(started))
      .then((operation) => (answered = operation));
    await settled();
    assert.equal(answered, undefined);
    await finish(test, started);
    assert.equal((await waiting).state, "SUCCEEDED");
  });

  it("answers at once if the operation is done, and with timeout 0", async () => {
    await using test = await open();
    const started = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    assert.equal(
      (await test.engine.operations.wait(ANONYMOUS, formatName(started), { timeoutMs: 0 })).state,
      "PENDING",
    );
    await finish(test, started);
    assert.equal((await test.engine.operations.wait(ANONYMOUS, formatName(started))).state, "SUCCEEDED");
  });

  it("answers the latest state at the timeout, which is not an error", async () => {
    await using test = await open();
    const name = formatName(await test.engine.operations.start(ANONYMOUS, { method: "pack", request }));
    const waiting = test.engine.operations.wait(ANONYMOUS, name, { timeoutMs: 5_000 });
    await test.clock.advance(5_000);
    assert.equal((await waiting).state, "PENDING");
  });

  it("does not ask the store while it waits, however many wait", async () => {
    await using test = await open();
    const started = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    const name = formatName(started);
    const waiting = Array.from({ length: 100 }, () => test.engine.operations.wait(ANONYMOUS, name));
    await settled();
    let reads = 0;
    const read = test.store.read.bind(test.store);
    test.store.read = (id) => {
      reads++;
      return read(id);
    };
    await test.clock.advance(20_000);
    assert.equal(reads, 0);
    await finish(test, started);
    assert.ok((await Promise.all(waiting)).every((operation) => operation.state === "SUCCEEDED"));
    assert.equal(reads, 100, "each reads once, in one turn: the store makes one statement of them");
  });

  it("forgets a caller that hangs up, reports a deletion, and answers all waiters when the server stops", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const [a, b, c] = await Promise.all(
      [1, 2, 3].map(() => operations.start(ANONYMOUS, { method: "pack", request })),
    );
    assert.ok(a && b && c);
    const caller = new AbortController();
    const hungUp = operations.wait(ANONYMOUS, formatName(a), { signal: caller.signal });
    const deleted = assert.rejects(operations.wait(ANONYMOUS, formatName(b)), { code: "NOT_FOUND" });
    const stopped = operations.wait(ANONYMOUS, formatName(c));
    await settled();
    caller.abort();
    await operations.delete(ANONYMOUS, formatName(b));
    operations.stop();
    await deleted;
    assert.deepEqual([(await hungUp).state, (await stopped).state], ["PENDING", "PENDING"]);
  });

  it("does not find unknown names", async () => {
    await using test = await open();
    await assert.rejects(test.engine.operations.wait(ANONYMOUS, UNKNOWN), { code: "NOT_FOUND" });
  });
});

describe("Operations.wait() after a false hint of an end", () => {
  it("continues until the operation ends", async () => {
    await using test = await openWithHints();
    const started = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    let answered = false;
    const waiting = test.engine.operations
      .wait(ANONYMOUS, formatName(started))
      .finally(() => (answered = true));
    for (const state of ["CANCELLED", null] as const) {
      test.hint(started.id, state);
      await settled();
      assert.equal(answered, false);
    }
    await finish(test, started);
    assert.equal((await waiting).state, "SUCCEEDED");
    assert.equal(test.clock.pending, 0);
  });

  it("does not miss an end that occurs while it reads", async () => {
    await using test = await openWithHints();
    const started = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    const waiting = test.engine.operations.wait(ANONYMOUS, formatName(started));
    const read = test.store.read.bind(test.store);
    let rounds = 0;
    test.store.read = async (ids) => {
      const found = await read(ids);
      // The first read finds that the hint was wrong; the second follows after the waiter has
      // entered again.
      if (++rounds === 2) await finish(test, started);
      return found;
    };
    test.hint(started.id, "CANCELLED");
    assert.equal((await waiting).state, "SUCCEEDED");
    assert.equal(test.clock.now(), test.openedAt);
  });

  it("answers when the rest of its time has passed, and not before", async () => {
    await using test = await openWithHints();
    const started = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    let answered = false;
    const waiting = test.engine.operations
      .wait(ANONYMOUS, formatName(started), { timeoutMs: 5_000 })
      .finally(() => (answered = true));
    await test.clock.advance(3_000);
    test.hint(started.id, "CANCELLED");
    await test.clock.advance(1_980);
    assert.equal(answered, false);
    await test.clock.advance(20);
    assert.equal(answered, true);
    assert.equal((await waiting).state, "PENDING");
  });

  it("answers a caller that hangs up, and all waiters when the server stops, while it reads", async () => {
    await using test = await openWithHints();
    const { operations } = test.engine;
    const [first, second] = [
      await operations.start(ANONYMOUS, { method: "pack", request }),
      await operations.start(ANONYMOUS, { method: "pack", request }),
    ];
    const caller = new AbortController();
    const hungUp = operations.wait(ANONYMOUS, formatName(first), { signal: caller.signal });
    test.hint(first.id, "CANCELLED");
    caller.abort();
    assert.equal((await hungUp).state, "PENDING");
    const stopped = operations.wait(ANONYMOUS, formatName(second));
    test.hint(second.id, "CANCELLED");
    operations.stop();
    assert.equal((await stopped).state, "PENDING");
  });

  it("answers the latest state if others have taken all places meanwhile", async () => {
    await using test = await open();
    const started = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    const { operations, hint } = withOnePlace(test);
    const first = operations.wait(ANONYMOUS, formatName(started));
    await settled();
    hint(started.id);
    const second = operations.wait(ANONYMOUS, formatName(started));
    assert.equal((await first).state, "PENDING");
    await finish(test, started);
    hint(started.id);
    assert.equal((await second).state, "SUCCEEDED");
  });
});

/** Use cases with room for one waiting caller. */
function withOnePlace({ store, clock }: TestEngine) {
  const seats = new Seats(1);
  const waiters = new Waiters({ tell: silence, clock, seats });
  const useCases = new UseCases({
    methods: new Map(),
    records: new Records(store, silence),
    waiters,
    watching: new Watching({ store, seats }),
    beginnings: new Beginnings({ store }),
    pollIntervals: new PollIntervals(() => store.time()),
    clock,
    random: seededRandom(1),
    domain: "longrunning",
  });
  const operations = new Operations(useCases, undefined);
  const hint = (id: string): void =>
    waiters.notice([{ id, method: "", state: "CANCELLED", availableTime: 0, cancelRequested: false }]);
  return { operations, hint };
}
