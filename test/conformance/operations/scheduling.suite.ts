import assert from "node:assert/strict";
import { z } from "zod";
import { defineMethod } from "../../../src/index.ts";
import { double, hold } from "./methods.suite.ts";
import { casesOf, onService, type Subject } from "./subject.suite.ts";

/** Runs until it is cancelled; one at a time of each name. */
function held(name: string, when: "queue" | "reject") {
  const request = z.object({ key: z.string() });
  return defineMethod({
    name,
    request,
    parallel: { key: ({ key }) => key, when },
    run: (_, context) => hold.run({}, context) as Promise<void>,
  });
}

/** The promises of delays, priorities, limits and starts of many. */
export function schedulingSuite(subject: Subject): void {
  const it = casesOf(subject);

  it("start() with a delay runs nothing before its time", () =>
    onService(subject, [double], async (caller, clock) => {
      const { name } = await caller.start(double, { number: 1 }, { delay: "5s", priority: 9 });
      assert.equal((await caller.get(name)).done, false);
      await clock.advance(4_999);
      assert.equal((await caller.get(name)).done, false);
      // If a claim is in progress when its time comes, another claim follows a moment later.
      while (!(await caller.get(name)).done) await clock.advance(100);
      assert.deepEqual(await caller.result(name), { number: 2 });
    }));

  it(
    "start() shows delay and priority in the metadata",
    () =>
      onService(subject, [double], async (caller, clock) => {
        const options = { delay: "30s", priority: 7 } as const;
        const { metadata } = await caller.start(double, { number: 1 }, options);
        assert.equal(Date.parse(metadata.scheduleTime ?? "") - clock.now(), 30_000);
        assert.equal(metadata.priority, 7);
        const plain = await caller.start(double, { number: 1 }, { delay: "0s", priority: 0 });
        assert.deepEqual([plain.metadata.scheduleTime, plain.metadata.priority], [undefined, undefined]);
      }),
    "metadata",
  );

  it("start() refuses invalid delays and priorities", () =>
    onService(subject, [double], async (caller) => {
      for (const [options, reason] of [
        [{ delay: "366d" }, "DELAY_INVALID"],
        [{ priority: 10 }, "PRIORITY_INVALID"],
        [{ priority: -1 }, "PRIORITY_INVALID"],
        [{ priority: 1.5 }, "PRIORITY_INVALID"],
      ] as const)
        await assert.rejects(caller.start(double, { number: 1 }, options), {
          code: "INVALID_ARGUMENT",
          reason,
        });
    }));

  it("start() above a limit is refused with method, key and limit, until another operation is gone", () =>
    onService(subject, [held("wipe", "reject")], async (caller) => {
      const wipe = held("wipe", "reject");
      const first = await caller.start(wipe, { key: "a" });
      const other = await caller.start(wipe, { key: "b" });
      await assert.rejects(caller.start(wipe, { key: "a" }), {
        code: "ABORTED",
        reason: "PARALLEL_LIMIT_REACHED",
        metadata: { method: "wipe", key: "a", limit: "1" },
      });
      await caller.cancel(first.name);
      await caller.wait(first.name);
      const next = await caller.start(wipe, { key: "a" });
      for (const { name } of [other, next]) {
        await caller.cancel(name);
        await caller.wait(name);
      }
    }));

  it(
    "start() above a limit waits for its turn, and shows that it is blocked",
    () =>
      onService(subject, [held("scan", "queue")], async (caller) => {
        const scan = held("scan", "queue");
        const [first, second] = [
          await caller.start(scan, { key: "a" }),
          await caller.start(scan, { key: "a" }),
        ];
        const text = "Waits for another operation of this method and key.";
        assert.deepEqual([first.metadata.statusMessage, second.metadata.statusMessage], [undefined, text]);
        await caller.cancel(first.name);
        await caller.wait(first.name);
        assert.equal((await caller.get(second.name)).metadata.statusMessage, undefined);
        await caller.cancel(second.name);
        await caller.wait(second.name);
      }),
    "metadata",
  );

  it("startMany() returns an operation or an error for each, in order", () =>
    onService(subject, [double], async (caller) => {
      const [first, second, third] = await caller.startMany([
        { method: double, request: { number: 1 }, parent: "projects/p", requestId: "a" },
        { method: double, request: { number: "one" }, requestId: "b" },
        { method: double, request: { number: 3 }, requestId: "c", priority: 10 },
      ]);
      assert.match(first?.operation?.name ?? "", /^projects\/p\/operations\//);
      assert.deepEqual([second?.error?.code, second?.error?.reason], ["INVALID_ARGUMENT", "REQUEST_INVALID"]);
      assert.equal(third?.error?.reason, "PRIORITY_INVALID");
      await assert.rejects(caller.startMany([]), { reason: "REQUEST_INVALID" });
    }));
}
