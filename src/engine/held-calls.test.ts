import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS, type Caller } from "../core/caller.ts";
import { StatusError } from "../core/error/error.ts";
import { formatName } from "../core/operation/name.ts";
import { PERMISSIONS } from "../core/permission.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { HeldCalls } from "./held-calls.ts";
import { finish, open, request } from "./packing.suite.ts";
import { TestPolicy } from "./policy.suite.ts";

const expired = new StatusError("UNAUTHENTICATED", "Expired.");

/** A caller whose credential expires. */
function until(time: number): Caller {
  return {
    ...ANONYMOUS,
    principal: "user:ada@example.com",
    credential: { refusal: (now) => (now < time ? undefined : expired) },
  };
}

async function start(options: { readonly policy: TestPolicy }) {
  const test = await open(options);
  const started = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
  const name = formatName(started);
  return { test, started, wait: (caller: Caller) => test.engine.operations.wait(caller, name) };
}

describe("a wait", () => {
  it("ends within two seconds of its caller's credential, and says why", async () => {
    const { test, started, wait } = await start({ policy: new TestPolicy() });
    await using _ = test;
    const ended: unknown[] = [];
    const waiting = wait(until(test.clock.now() + 5_000)).catch((error: unknown) => ended.push(error));
    const other = wait(until(Number.POSITIVE_INFINITY));
    await test.clock.advance(4_999);
    assert.deepEqual(ended, []);
    await test.clock.advance(1_001);
    await waiting;
    assert.deepEqual(ended, [expired]);
    assert.equal(test.engine.operations.waiting, 1);
    await finish(test, started);
    assert.equal((await other).state, "SUCCEEDED");
  });

  it("ends at once when its caller loses the permission, and continues while it has it", async () => {
    const policy = new TestPolicy();
    const { test, started, wait } = await start({ policy });
    await using _ = test;
    const waiting = wait(ANONYMOUS);
    await settled();
    policy.change();
    await settled();
    assert.equal(test.engine.operations.waiting, 1);
    policy.refusing = "authorizer";
    policy.change();
    await assert.rejects(waiting, { code: "PERMISSION_DENIED" });
    assert.deepEqual(policy.taken("audit").slice(-1), [`wait ${formatName(started)} PERMISSION_DENIED`]);
    assert.equal(test.engine.operations.waiting, 0);
    test.engine.operations.stop();
    assert.equal(policy.listeners, 0);
  });

  it("ends when a slow authorizer refuses", async () => {
    const policy = new TestPolicy();
    const decided = Promise.withResolvers<void>();
    let isSlow = false;
    const authorize = (): Promise<void> | undefined => (isSlow ? decided.promise : undefined);
    const ports = { authorizer: { authorize, viewOf: () => undefined }, changes: policy.changes };
    const test = await open({ policy: ports });
    await using _ = test;
    const started = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    const waiting = test.engine.operations.wait(ANONYMOUS, formatName(started));
    isSlow = true;
    await settled();
    policy.change();
    decided.reject(new StatusError("PERMISSION_DENIED", "No."));
    await assert.rejects(waiting, { code: "PERMISSION_DENIED" });
  });

  it("ends when its caller hangs up", async () => {
    const { test, started } = await start({ policy: new TestPolicy() });
    await using _ = test;
    const caller = new AbortController();
    const { operations } = test.engine;
    const waiting = operations.wait(ANONYMOUS, formatName(started), { signal: caller.signal });
    await settled();
    caller.abort();
    assert.equal((await waiting).state, "PENDING");
    assert.equal(operations.waiting, 0);
  });
});

describe("HeldCalls", () => {
  it("repeatedly authorizes calls whose permission may expire, from the moment the rules say so", async () => {
    const clock = new ManualClock();
    const endsAt = clock.now() + 5_000;
    let isTimed = false;
    const authorize = (): undefined => {
      if (clock.now() >= endsAt) throw new StatusError("PERMISSION_DENIED", "No.");
    };
    const held = new HeldCalls(clock, { authorize, endsByTime: () => isTimed });
    const call = { caller: ANONYMOUS, permission: PERMISSIONS.wait, resource: "" };
    const ended: unknown[] = [];
    const begin = () =>
      held
        .hold(
          call,
          undefined,
          (signal) => new Promise<void>((done) => signal.addEventListener("abort", done)),
        )
        .catch((error: unknown) => ended.push(error));
    const before = begin();
    isTimed = true;
    const after = begin();
    held.recheck();
    await clock.advance(4_000);
    assert.equal(ended.length, 0);
    await clock.advance(2_000);
    await Promise.all([before, after]);
    assert.equal(ended.length, 2);
    assert.equal(clock.pending, 0);
  });

  it("ticks only while a credential can expire", async () => {
    const clock = new ManualClock();
    const held = new HeldCalls(clock, { authorize: () => undefined });
    const call = { caller: ANONYMOUS, permission: PERMISSIONS.wait, resource: "" };
    const done = Promise.withResolvers<void>();
    const one = held.hold(call, undefined, () => done.promise);
    assert.equal(clock.pending, 0);
    const caller = until(Number.POSITIVE_INFINITY);
    const other = held.hold({ ...call, caller }, undefined, () => done.promise);
    assert.equal(clock.pending, 1);
    await clock.advance(10_000);
    done.resolve();
    await Promise.all([one, other]);
    assert.equal(clock.pending, 0);
  });
});
