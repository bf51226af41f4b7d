import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import { settled } from "../testing/manual-clock.ts";
import { openTestWorker, type TestWorker } from "./test-worker.suite.ts";
import { Worker } from "./worker.ts";

const instant = defineMethod({ name: "instant", request: z.object({}), run: () => {} });

/** The error of a test that leaves something behind. */
async function afterTest(body: (opened: TestWorker) => Promise<unknown>): Promise<string> {
  try {
    await using opened = await openTestWorker([instant]);
    opened.worker.start();
    await opened.start(instant);
    await opened.events.until("attempt.ended");
    await settled();
    await body(opened);
  } catch (error) {
    return String(error);
  }
  return "nothing";
}

suite("a test of the worker fails if it leaves behind", () => {
  test("nothing: it does not", async () => {
    assert.equal(await afterTest(async () => {}), "nothing");
  });

  test("a slot without a reservation", async () => {
    const found = await afterTest(async ({ worker }) => Worker.prototype.reserve.call(worker, "instant"));
    assert.match(found, /\(slots: 1\)/);
  });

  test("a kept lease, and listeners of the store and of the keeper", async () => {
    const found = await afterTest(async ({ attempts }) => {
      attempts.keeper.keep({ id: "x", attempt: 1 }, 30_000);
      attempts.keeper.watch(() => {});
      attempts.watch(() => {});
    });
    assert.match(found, /listeners: 1, listeners of the keeper: 1, leases kept: 1/);
  });
});
