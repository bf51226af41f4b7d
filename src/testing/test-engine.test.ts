import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { defineMethod } from "../core/method/method.ts";
import { openTestEngine } from "./test-engine.ts";

describe("openTestEngine()", () => {
  it("opens the real engine on the test's clock, without a worker", async () => {
    await using test = await openTestEngine([
      defineMethod({ name: "clean", request: z.object({}), run: () => {} }),
    ]);
    const started = await test.engine.operations.start(ANONYMOUS, { method: "clean", request: {} });
    assert.equal(started.state, "PENDING");
    assert.equal(started.createTime, test.clock.now());
  });
});
