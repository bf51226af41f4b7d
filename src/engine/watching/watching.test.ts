import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS, type Caller } from "../../core/caller.ts";
import { serviceError, StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { formatName } from "../../core/operation/name.ts";
import { settled } from "../../testing/manual-clock.ts";
import { finish, open, request } from "../packing.suite.ts";
import { TestPolicy } from "../policy.suite.ts";
import { openWithHints } from "../waiting/hints.suite.ts";
import { aWatcher } from "./watcher.suite.ts";

const start = { method: "pack", request };

describe("watchOperation()", () => {
  it("reports each change to all watchers with one read, and ends after the final one", async () => {
    await using test = await openWithHints();
    const { operations } = test.engine;
    const started = await operations.start(ANONYMOUS, start);
    const name = formatName(started);
    const [one, other] = [aWatcher(), aWatcher()];
    const first = await operations.watchOperation(ANONYMOUS, name, one.watcher);
    assert.equal(first.operation.revision, 1);
    await operations.watchOperation(ANONYMOUS, name, other.watcher);
    assert.equal(operations.watching, 2);
    test.reads.length = 0;
    await finish(test, started);
    await settled();
    for (const { told } of [one, other])
      assert.deepEqual([told[0], told.at(-1)], ["1 PENDING", "3 SUCCEEDED"]);
    assert.ok(test.reads.length <= 4, `${test.reads.length} reads`);
    assert.equal(operations.watching, 0);
    await operations.delete(ANONYMOUS, name);
    await settled();
    assert.deepEqual(one.told.at(-1), "3 SUCCEEDED");
  });

  it("reports no revision twice, and reads nothing while nothing changes", async () => {
    await using test = await openWithHints();
    const { operations } = test.engine;
    const started = await operations.start(ANONYMOUS, start);
    const { told, watcher } = aWatcher();
    const { watch } = await operations.watchOperation(ANONYMOUS, formatName(started), watcher);
    test.reads.length = 0;
    await test.clock.advance(600_000);
    assert.deepEqual(test.reads, []);
    test.hint(started.id, "RUNNING");
    await settled();
    assert.deepEqual(told, ["1 PENDING"]);
    watch.leave();
    watch.leave();
    test.hint(started.id, "RUNNING");
    assert.deepEqual([operations.watching, test.reads.length], [0, 1]);
  });

  it("reports a removal", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const name = formatName(await operations.start(ANONYMOUS, start));
    const { told, watcher } = aWatcher();
    await operations.watchOperation(ANONYMOUS, name, watcher);
    await operations.delete(ANONYMOUS, name);
    await settled();
    assert.deepEqual(told, ["1 PENDING", `removed ${name}`]);
  });

  it("refuses an operation that does not exist, or not under this parent, and keeps no seat", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const started = await operations.start(ANONYMOUS, start);
    for (const name of ["operations/x", `projects/p/operations/${started.id}`, "x"])
      await assert.rejects(operations.watchOperation(ANONYMOUS, name, aWatcher().watcher), {
        code: "NOT_FOUND",
      });
    assert.equal(operations.watching, 0);
    operations.stop();
    const refused = operations.watchOperation(ANONYMOUS, formatName(started), aWatcher().watcher);
    await assert.rejects(refused, { reason: "SHUTTING_DOWN" });
  });

  it("finds missed changes by comparison, once an interval", async () => {
    await using test = await openWithHints({ pollMs: 1_000 });
    const { operations } = test.engine;
    test.engine.start();
    const started = await operations.start(ANONYMOUS, start);
    const name = formatName(started);
    const { told, watcher } = aWatcher();
    await operations.watchOperation(ANONYMOUS, name, watcher);
    test.reads.length = 0;
    await test.clock.advance(10_000);
    assert.deepEqual(test.reads, [], "what has not changed is not read");
    await test.untold(() => operations.cancel(ANONYMOUS, name));
    assert.deepEqual(told, ["1 PENDING"]);
    await test.clock.advance(1_000);
    await settled();
    assert.deepEqual(told, ["1 PENDING", "2 CANCELLED"]);
  });

  it("ends if a record cannot be read, and with the server", async () => {
    await using test = await openWithHints();
    const { operations } = test.engine;
    const started = await operations.start(ANONYMOUS, start);
    const name = formatName(started);
    const [one, other] = [aWatcher(), aWatcher()];
    await operations.watchOperation(ANONYMOUS, name, one.watcher);
    const read = test.store.read.bind(test.store);
    test.store.read = () => Promise.reject(serviceError("STORE_UNAVAILABLE", "Away."));
    test.hint(started.id, "RUNNING");
    await settled();
    test.store.read = read;
    await operations.watchOperation(ANONYMOUS, name, other.watcher);
    operations.stop();
    assert.deepEqual(
      [one.told, other.told],
      [
        ["1 PENDING", "ended"],
        ["1 PENDING", "ended"],
      ],
    );
    assert.equal(operations.watching, 0);
  });

  it("takes one of the waiters' seats", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const name = formatName(await operations.start(ANONYMOUS, start));
    const connection = {};
    const most = Math.floor(LIMITS.waitersMax / (LIMITS.waitersShare + 1));
    const watches: (() => void)[] = [];
    const full = await (async () => {
      for (;;) {
        const begun = operations.watchOperation(ANONYMOUS, name, aWatcher().watcher, { connection });
        const watched = await begun.catch((error: unknown) => error as StatusError);
        if (watched instanceof StatusError) return watched;
        watches.push(() => watched.watch.leave());
      }
    })();
    assert.equal(full.reason, "TOO_MANY_WAITERS");
    assert.ok(Math.abs(watches.length - most) < 3, `${watches.length} of ${most}`);
    for (const leave of watches) leave();
    await operations.watchOperation(ANONYMOUS, name, aWatcher().watcher, { connection });
  });
});

describe("a watch whose caller loses its permission", () => {
  it("ends at once with the reason, which is also reported as the call's end", async () => {
    const policy = new TestPolicy();
    await using test = await open({ policy });
    const { operations } = test.engine;
    const name = formatName(await operations.start(ANONYMOUS, start));
    const { told, watcher } = aWatcher();
    await operations.watchOperation(ANONYMOUS, name, watcher);
    policy.change();
    await settled();
    assert.deepEqual(told, ["1 PENDING"]);
    policy.refusing = "authorizer";
    policy.change();
    await settled();
    assert.deepEqual(told, ["1 PENDING", "ended PERMISSION_DENIED"]);
    assert.deepEqual(policy.taken("audit").slice(-2), [`watch ${name}`, `watch ${name} PERMISSION_DENIED`]);
    assert.equal(operations.watching, 0);
    await assert.rejects(operations.watchOperation(ANONYMOUS, name, watcher), { code: "PERMISSION_DENIED" });
  });

  it("ends if the permission ended while it began", async () => {
    const policy = new TestPolicy();
    await using test = await open({ policy });
    const { operations } = test.engine;
    const name = formatName(await operations.start(ANONYMOUS, start));
    const { told, watcher } = aWatcher();
    const read = test.store.read.bind(test.store);
    test.store.read = (id) => {
      policy.refusing = "authorizer";
      policy.change();
      return read(id);
    };
    await operations.watchOperation(ANONYMOUS, name, watcher);
    await settled();
    assert.deepEqual(told, ["1 PENDING", "ended PERMISSION_DENIED"]);
    assert.equal(operations.watching, 0);
  });

  it("ends within two seconds of its credential, and holds nothing after its end", async () => {
    await using test = await open({ policy: new TestPolicy() });
    const { operations } = test.engine;
    const expired = new StatusError("UNAUTHENTICATED", "Expired.");
    const until = test.clock.now() + 5_000;
    const caller: Caller = {
      ...ANONYMOUS,
      credential: { refusal: (now) => (now < until ? undefined : expired) },
    };
    const other = await operations.start(ANONYMOUS, start);
    const one = await operations.start(ANONYMOUS, start);
    const [expiring, ending] = [aWatcher(), aWatcher()];
    await operations.watchOperation(caller, formatName(one), expiring.watcher);
    await operations.watchOperation(caller, formatName(other), ending.watcher);
    await finish(test, other);
    await test.clock.advance(4_000);
    assert.deepEqual(expiring.told, ["1 PENDING"]);
    await test.clock.advance(2_000);
    assert.deepEqual(expiring.told, ["1 PENDING", "ended UNAUTHENTICATED"]);
    assert.equal(ending.told.at(-1), "3 SUCCEEDED");
    await settled();
    assert.equal(test.clock.pending, 0);
  });

  it("is not held if it was already over at its beginning", async () => {
    const policy = new TestPolicy();
    await using test = await open({ policy });
    const { operations } = test.engine;
    const started = await operations.start(ANONYMOUS, start);
    await finish(test, started);
    const { told, watcher } = aWatcher();
    const caller: Caller = { ...ANONYMOUS, credential: { refusal: () => undefined } };
    await operations.watchOperation(caller, formatName(started), watcher);
    await settled();
    assert.equal(test.clock.pending, 0);
    policy.refusing = "authorizer";
    policy.change();
    await settled();
    assert.deepEqual(told, ["3 SUCCEEDED"]);
  });
});
