import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import { ManualClock } from "./manual-clock.ts";
import { startTestServer } from "./test-server.ts";

const clean = defineMethod({ name: "clean", request: z.object({}), run: () => {} });

describe("startTestServer()", () => {
  it("serves on a free port with the given clock, and stops by itself", async () => {
    const clock = new ManualClock(Date.UTC(2030, 0, 1));
    let url = "";
    {
      await using server = await startTestServer([clean], { clock });
      url = server.url;
      const operation = await server.operations.start(clean, {});
      assert.equal(operation.createTime.getUTCFullYear(), 2030);
    }
    await assert.rejects(fetch(url));
  });
});
