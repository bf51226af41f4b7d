import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { WaitingConnection } from "../../core/ports/abort.ts";
import type { Store } from "../../core/ports/store.ts";
import { settled } from "../../testing/manual-clock.ts";
import { nameOf, openWorkersBench, struct } from "./workers.suite.ts";

/** A waiting call with its own connection. */
function aConnection(): WaitingConnection {
  const { signal } = new AbortController();
  return Object.assign(signal, {
    connection: {},
    stepAside: () => undefined,
    stepBack: async () => undefined,
  });
}

/** Records the commands that reach the store. */
function counted() {
  const verbs: string[] = [];
  const around = (store: Store): Store => {
    const write = store.write.bind(store);
    store.write = (command) => (verbs.push(command.verb), write(command));
    return store;
  };
  return { verbs, around };
}

test("a claim that finds work is answered at once; otherwise it waits until shortly before its timeout", async () => {
  await using bench = await openWorkersBench();
  const operation = await bench.start();
  const first = await bench.park();
  assert.deepEqual(first.names(), [nameOf(operation)]);
  const second = await bench.park({ timeoutMs: 20_000 });
  await bench.clock.advance(19_749);
  await settled();
  assert.equal(second.names(), undefined);
  await bench.clock.advance(1);
  await settled();
  assert.deepEqual(second.names(), []);
});

test("a claim without a timeout does not wait", async () => {
  await using bench = await openWorkersBench();
  assert.deepEqual((await bench.claim()).claims, []);
});

test("a start is stored as claimed for the claim that has waited longest: two commits for an operation", async () => {
  const { verbs, around } = counted();
  await using bench = await openWorkersBench({ around });
  const [first, second] = [await bench.park(), await bench.park()];
  verbs.length = 0;
  const operation = await bench.start();
  await settled();
  assert.deepEqual([first.names(), second.names()], [[nameOf(operation)], undefined]);
  assert.equal(operation.state, "RUNNING");
  const { claims } = await first.result;
  const answers = await bench.engine.workers.complete(
    ANONYMOUS,
    claims.map(({ attempt }) => ({ attempt, response: struct({ size: 1 }) })),
  );
  assert.deepEqual(answers, [{ error: undefined, state: "SUCCEEDED" }]);
  assert.deepEqual(verbs, ["insert", "replace"]);
  bench.engine.workers.stop();
});

test("starts of one turn fill one claim, and then the next", async () => {
  await using bench = await openWorkersBench();
  const [first, second] = [await bench.park({ limit: 2 }), await bench.park({ limit: 2 })];
  const started = await Promise.all([bench.start(), bench.start(), bench.start()]);
  await settled();
  const [a, b, c] = started.map(nameOf);
  assert.deepEqual([first.names(), second.names()], [[a, b], [c]]);
});

test("a claim is not handed work of another parent or another method", async () => {
  await using bench = await openWorkersBench();
  const [inA, ofClean] = [await bench.park({ parent: "p/a" }), await bench.park({ methods: ["clean"] })];
  const elsewhere = await bench.start(undefined, { parent: "p/ab" });
  const below = await bench.start(undefined, { parent: "p/a/l/1" });
  await settled();
  assert.equal(elsewhere.state, "PENDING");
  assert.deepEqual([inA.names(), ofClean.names()], [[nameOf(below)], undefined]);
  bench.engine.workers.stop();
});

test("work of another parent causes no read for a claim within a parent", async () => {
  const { verbs, around } = counted();
  await using bench = await openWorkersBench({ around });
  const parked = await bench.park({ parent: "p/a" });
  verbs.length = 0;
  await bench.start(undefined, { parent: "p/b" });
  await settled();
  assert.deepEqual([verbs, parked.names()], [["insert"], undefined]);
  const [mine] = [await bench.start(undefined, { parent: "p/a", delayMs: 1_000 })];
  await bench.clock.advance(1_000);
  await settled();
  assert.deepEqual([verbs, parked.names()], [["insert", "insert", "claim"], [nameOf(mine)]]);
});

test("work that becomes available later, or again, wakes waiting claims in the order of their arrival", async () => {
  await using bench = await openWorkersBench();
  const [first, second] = [await bench.park(), await bench.park()];
  const delayed = await bench.start(undefined, { delayMs: 5_000 });
  await settled();
  assert.equal(first.names(), undefined);
  await bench.clock.advance(5_000);
  await settled();
  assert.deepEqual([first.names(), second.names()], [[nameOf(delayed)], undefined]);
  const [claim] = (await first.result).claims;
  assert.ok(claim !== undefined);
  await bench.engine.workers.release(ANONYMOUS, { attempts: [claim.attempt] });
  await settled();
  assert.deepEqual(second.names(), [nameOf(delayed)], "what is given back goes to the next");
});

test("one hint wakes as many claims as there is work for", async () => {
  const { verbs, around } = counted();
  await using bench = await openWorkersBench({ around });
  const parked = [];
  for (let count = 0; count < 10; count++) parked.push(await bench.park());
  verbs.length = 0;
  await Promise.all([1, 2, 3].map(() => bench.start(undefined, { delayMs: 1_000 })));
  await bench.clock.advance(1_000);
  await settled();
  assert.deepEqual(
    parked.map((each) => each.names()?.length ?? 0),
    [1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
  );
  assert.ok(verbs.filter((verb) => verb === "claim").length <= 6, verbs.join());
  bench.engine.workers.stop();
});

test("a thousand waiting claims cost a timer each and one read", async () => {
  const { verbs, around } = counted();
  await using bench = await openWorkersBench({ around });
  const before = bench.clock.pending;
  const parked = [];
  for (let count = 0; count < 1_000; count++) parked.push(bench.claim({ timeoutMs: 60_000 }));
  await settled();
  const claims = verbs.filter((verb) => verb === "claim").length;
  assert.ok(claims <= 8, `${claims} claims reached the store`);
  assert.equal(bench.clock.pending - before, 1_000);
  await bench.clock.advance(50_000);
  await settled();
  assert.equal(verbs.filter((verb) => verb === "claim").length, claims);
  bench.engine.workers.stop();
  const answers = await Promise.all(parked);
  assert.ok(answers.every((each) => each.claims.length === 0));
  assert.equal(bench.clock.pending, before);
});

test("claims beyond the limit of waiting claims are refused", async () => {
  await using bench = await openWorkersBench();
  const parked = Array.from({ length: LIMITS.parkedClaimsMax }, () => bench.claim({ timeoutMs: 60_000 }));
  await settled();
  await assert.rejects(bench.claim({ timeoutMs: 60_000 }), { reason: "TOO_MANY_CLAIMS" });
  bench.engine.workers.stop();
  await Promise.all(parked);
});

test("one principal has half of the places at most, over however many connections, and others the rest", async () => {
  await using bench = await openWorkersBench();
  const asked = {
    parent: "",
    methods: ["pack"],
    worker: "far/1",
    requestId: "",
    workerVersion: "",
    timeoutMs: 60_000,
  };
  const claimAs = (principal: string) =>
    bench.engine.workers.claim({ ...ANONYMOUS, principal }, asked, { waiting: aConnection() });
  const half = LIMITS.parkedClaimsMax / 2;
  const greedy = Array.from({ length: half }, () => claimAs("user:greedy@example.com"));
  await settled();
  await assert.rejects(claimAs("user:greedy@example.com"), { reason: "TOO_MANY_CLAIMS" });
  const modest = claimAs("user:modest@example.com");
  await settled();
  assert.equal(bench.engine.workers.waiting, half + 1);
  bench.engine.workers.stop();
  await Promise.all([...greedy, modest]);
  assert.equal(bench.engine.workers.waiting, 0);
});

test("a claim ends when its caller disconnects, and an operation that is being stored for it becomes available again", async () => {
  await using bench = await openWorkersBench();
  const gone = new AbortController();
  const parked = await bench.park({}, { signal: gone.signal });
  const refused = assert.rejects(parked.result, { reason: "CALLER_GONE" });
  const starting = bench.start();
  gone.abort();
  const operation = await starting;
  await refused;
  await settled();
  const kept = await bench.read(operation);
  assert.deepEqual([kept.state, kept.failedAttempts], ["PENDING", 0]);
  assert.equal(bench.engine.workers.waiting, 0);
});

test("operations of a paused method are neither claimed nor handed over until it is resumed", async () => {
  await using bench = await openWorkersBench();
  const parked = await bench.park();
  await bench.engine.pauses.pause("pack");
  const operation = await bench.start();
  await settled();
  assert.deepEqual([operation.state, parked.names()], ["PENDING", undefined]);
  assert.deepEqual((await bench.claim()).claims, []);
  await bench.engine.pauses.resume("pack");
  await settled();
  assert.deepEqual(parked.names(), [nameOf(operation)]);
});

test("claims keep waiting while the store fails, and it is read again", async () => {
  let isAway = true;
  await using bench = await openWorkersBench({
    around: (store) => {
      const write = store.write.bind(store);
      store.write = ((command: Parameters<typeof write>[0]) =>
        isAway && command.verb === "claim"
          ? Promise.reject(serviceError("STORE_UNAVAILABLE", "away"))
          : write(command)) as typeof store.write;
      return store;
    },
  });
  const operation = await bench.start();
  const parked = await bench.park();
  assert.equal(parked.names(), undefined);
  await assert.rejects(bench.claim(), { reason: "STORE_UNAVAILABLE" });
  isAway = false;
  await bench.clock.advance(1_000);
  await settled();
  assert.deepEqual(parked.names(), [nameOf(operation)]);
});

test("when the server stops, claims are answered with nothing at once", async () => {
  await using bench = await openWorkersBench();
  const parked = await bench.park();
  bench.engine.workers.stop();
  assert.deepEqual((await parked.result).claims, []);
  assert.deepEqual((await bench.claim({ timeoutMs: 60_000 })).claims, []);
});
