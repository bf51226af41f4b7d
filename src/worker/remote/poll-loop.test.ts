import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { defineMethod } from "../../core/method/method.ts";
import { settled } from "../../testing/manual-clock.ts";
import { steered } from "../steered.suite.ts";
import { away } from "./remote-server.suite.ts";
import { openRemoteWorld, type RemoteWorld } from "./remote-worker.suite.ts";

const request = z.object({});

/** A method whose handlers end when a test says so. */
function gated(name: string, concurrency?: number) {
  const gates: PromiseWithResolvers<void>[] = [];
  const run = (): Promise<void> => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  };
  const options = concurrency === undefined ? {} : { concurrency };
  return { gates, method: defineMethod({ name, request, ...options, run }) };
}

const asked = ({ server }: RemoteWorld) =>
  server.claims.map(
    ({ methods, limit, waitMs }) => `${methods.join("+")} ${limit}${waitMs > 0 ? " waits" : ""}`,
  );

suite("claims of a worker without the store", () => {
  test("an idle worker has one waiting claim, which is repeated when its wait is over", async () => {
    const { method } = steered();
    await using world = await openRemoteWorld([method]);
    world.worker.start();
    await settled(6);
    assert.deepEqual(asked(world), ["steered 4", "steered 4 waits"]);
    await world.clock.advance(29_000);
    assert.equal(world.server.claims.length, 2);
    for (let sent = 2; sent < 5; sent++) {
      assert.equal(world.server.claims.length, sent);
      await world.clock.advance(30_000);
      await settled(6);
    }
    assert.equal(world.server.claims.length, 5);
    assert.equal(new Set(world.server.claims.map(({ requestId }) => requestId)).size, 5);
  });

  test("handlers that end together free their slots before the next claim", async () => {
    const method = defineMethod({ name: "a", request, run: () => {} });
    await using world = await openRemoteWorld([method], { concurrency: 8 });
    world.worker.start();
    await settled();
    for (let round = 0; round < 3; round++) {
      await Promise.all([1, 2, 3, 4, 5].map(() => world.start(method)));
      await settled(15);
    }
    const limits = asked(world).filter((each) => each !== "a 8 waits");
    assert.deepEqual(limits, ["a 8"]);
  });

  test("free slots are claimed at the end of the current wait if waiting claims cover more slots", async () => {
    const { gates, method } = gated("a");
    await using world = await openRemoteWorld([method]);
    world.worker.start();
    await settled();
    await world.start(method);
    await settled(9);
    assert.equal(asked(world).at(-1), "a 3 waits");
    const before = world.server.claims.length;
    gates[0]?.resolve();
    await settled(9);
    assert.equal(world.server.claims.length, before);
    for (let each = 0; each < 4; each++) await world.start(method);
    await settled(15);
    assert.equal(world.worker.running, 4);
  });

  test("free slots are claimed at once if they are as many as waiting claims cover", async () => {
    const { gates, method } = gated("a");
    await using world = await openRemoteWorld([method], { concurrency: 8 });
    for (let each = 0; each < 7; each++) await world.start(method);
    world.worker.start();
    await settled(9);
    assert.equal(asked(world).at(-1), "a 1 waits");
    const { length } = world.server.claims;
    for (const gate of gates.splice(0)) {
      gate.resolve();
      await settled(9);
    }
    assert.deepEqual(asked(world).slice(length), ["a 1 waits", "a 2 waits", "a 4 waits"]);
    for (let each = 0; each < 8; each++) await world.start(method);
    await settled(15);
    assert.equal(world.worker.running, 8);
    assert.deepEqual(world.server.calls.release, []);
  });

  test("a slot of a method that no claim covers is claimed at once, beside the waiting claim", async () => {
    const [a, c] = [gated("a"), gated("c", 1)];
    await using world = await openRemoteWorld([a.method, c.method], { concurrency: 4 });
    await world.start(c.method);
    world.worker.start();
    await world.events.until("attempt.began");
    await settled(9);
    assert.equal(asked(world).at(-1), "a 3 waits");
    c.gates[0]?.resolve();
    await world.events.until("attempt.ended");
    await settled(9);
    assert.match(asked(world).at(-1) ?? "", /c.* 1 waits$/);
    await world.start(c.method);
    await world.events.until("attempt.began", 2);
    assert.equal(world.server.calls.release.length, 0);
  });

  test("no operation comes without a slot, whatever the limits of methods", async () => {
    const [a, c] = [gated("a"), gated("c", 2)];
    await using world = await openRemoteWorld([a.method, c.method], { concurrency: 8 });
    for (let each = 0; each < 20; each++) {
      await world.start(a.method);
      await world.start(c.method);
    }
    world.worker.start();
    const ending = async (): Promise<void> => {
      await settled(9);
      for (const gate of [...a.gates.splice(0), ...c.gates.splice(0)]) gate.resolve();
    };
    for (let round = 0; round < 40; round++) await ending();
    assert.equal(world.events.count("attempt.ended"), 40);
    assert.deepEqual(world.server.calls.release, []);
  });

  test("a claim with a lost answer is repeated with its id, and its operation runs after a renewal of its lease", async () => {
    const { method } = gated("a");
    await using world = await openRemoteWorld([method]);
    const { server, clock, events } = world;
    await world.start(method);
    const answer = server.held.hold("claim", "answer");
    world.worker.start();
    await answer.reached;
    answer.lose(away());
    server.pass = async (verb) => {
      if (verb === "renew") throw away();
    };
    await clock.advance(500);
    assert.equal(events.count("attempt.began"), 0);
    server.pass = () => Promise.resolve();
    await clock.advance(2_000);
    assert.equal(events.count("attempt.began"), 1);
    assert.equal(new Set(server.claims.slice(0, 2).map(({ requestId }) => requestId)).size, 1);
  });

  test("an unavailable server gets claims less and less often, and the log says so once", async () => {
    const { method } = gated("a");
    await using world = await openRemoteWorld([method]);
    const { server, clock, events } = world;
    world.worker.start();
    await settled();
    server.pass = () => Promise.reject(away());
    await clock.advance(600_000);
    const failed = events.count("claim.failed");
    assert.ok(failed > 100 && failed < 200, `${failed} claims failed`);
    assert.equal(events.count("claims.interrupted"), 1);
    server.pass = () => Promise.resolve();
    await clock.advance(6_000);
    assert.equal(events.count("claims.resumed"), 1);
  });

  test("claims that fail together count as one failure: the next claim comes after the same pause", async () => {
    const methods = [gated("a"), ...["c", "d", "e", "f"].map((name) => gated(name, 1))];
    await using world = await openRemoteWorld(
      methods.map(({ method }) => method),
      { concurrency: 8 },
    );
    const { server, clock, events } = world;
    for (const { method } of methods.slice(1)) await world.start(method);
    world.worker.start();
    await events.until("attempt.began", 4);
    await settled(9);
    // Each frees the slot of a method that no claim covers.
    for (const { gates } of methods.slice(1)) {
      gates[0]?.resolve();
      await settled(9);
    }
    const failing = server.parked;
    assert.equal(failing, 5);
    const lost = new Error("The server was killed.");
    server.pass = () => Promise.reject(lost);
    for (const { method } of methods) await world.start(method);
    await settled(9);
    assert.equal(events.count("claim.failed"), failing);
    server.pass = () => Promise.resolve();
    await clock.advance(100);
    assert.equal(events.count("claims.resumed"), 1);
  });

  test("a RetryInfo of the server delays the next claim", async () => {
    const { method } = gated("a");
    await using world = await openRemoteWorld([method]);
    const { server, clock } = world;
    world.worker.start();
    await settled(6);
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "40s" }];
    server.pass = () => Promise.reject(new StatusError("RESOURCE_EXHAUSTED", "later", { details }));
    await clock.advance(30_001);
    const { length } = server.claims;
    await clock.advance(39_000);
    assert.equal(server.claims.length, length);
    await clock.advance(2_000);
    assert.equal(server.claims.length, length + 1);
  });

  test("claims that are answered empty at once, as by a stopping server, are slowed down", async () => {
    const { method } = gated("a");
    await using world = await openRemoteWorld([method]);
    const { server, clock } = world;
    server.claim = async (call) => {
      server.claims.push(call);
      return { claims: [], serverTime: null };
    };
    world.worker.start();
    await clock.advance(60_000);
    assert.ok(server.claims.length < 40, `${server.claims.length} claims`);
  });

  test("a first claim that is refused permanently ends the claims", async () => {
    const { method } = gated("a");
    await using world = await openRemoteWorld([method], { goesOn: () => false });
    const { server, clock, began } = world;
    server.pass = () => Promise.reject(new StatusError("UNAUTHENTICATED", "who?"));
    world.worker.start();
    await clock.advance(60_000);
    assert.equal(server.claims.length, 1);
    assert.equal((began[0] as StatusError).code, "UNAUTHENTICATED");
    assert.equal(world.events.count("claims.interrupted"), 0);
  });
});

suite("the end of a worker without the store", () => {
  test("stop() ends a waiting claim, and releases its operations", async () => {
    const { method } = gated("a");
    await using world = await openRemoteWorld([method]);
    const { server, worker } = world;
    worker.start();
    await settled();
    const answer = server.held.hold("claim", "answer");
    const operation = await world.start(method);
    await answer.reached;
    const stopped = worker.stop({ drainMs: 0 });
    await settled();
    answer.go();
    await settled(9);
    await stopped;
    assert.equal((await world.read(operation)).state, "PENDING");
    assert.deepEqual(server.calls.release, [1]);
  });

  test("stop() waits a limited time for a server that does not answer", async () => {
    const { method } = gated("a");
    await using world = await openRemoteWorld([method]);
    const { server, worker, clock } = world;
    worker.start();
    await settled(6);
    server.pass = () => new Promise(() => {});
    let isOver = false;
    const stopped = worker.stop({ drainMs: 0 }).then(() => (isOver = true));
    await clock.advance(LIMITS.drainAbortMs - 1);
    assert.equal(isOver, false);
    await clock.advance(1);
    await stopped;
  });

  test("running handlers may end, and their attempts are released after the drain time", async () => {
    const { gates, whys, method } = steered();
    await using world = await openRemoteWorld([method]);
    const { worker, clock } = world;
    const [first, second] = [await world.start(method), await world.start(method)];
    worker.start();
    await world.events.until("attempt.began", 2);
    await settled();
    const stopped = worker.stop({ drainMs: 5_000 });
    gates[0]?.resolve();
    await clock.advance(5_000);
    assert.deepEqual(whys, ["1 shutdown"]);
    gates[1]?.reject(new Error("stopped"));
    await settled(9);
    await stopped;
    const states = [await world.read(first), await world.read(second)].map(({ state }) => state);
    assert.deepEqual(states.toSorted(), ["PENDING", "SUCCEEDED"]);
  });
});
