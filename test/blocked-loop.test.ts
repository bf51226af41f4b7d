import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { z } from "zod";
import { systemClock } from "../src/core/ports/clock.ts";
import { defineMethod, openOperations } from "../src/index.ts";

/**
 * The other thread renews it after a third, and on a slow machine may need another third for that.
 */
const LEASE_MS = 4_000;

/** Blocks the event loop, as a handler that computes does. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const compute = defineMethod({
  name: "compute",
  request: z.object({}),
  response: z.object({ attempt: z.number(), aborted: z.boolean() }),
  async run(_request, { attempt, signal }) {
    block(LEASE_MS + 500);
    // The timers that became due while the loop was blocked fire now, including those of the lease.
    await new Promise<void>((resolve) => void systemClock.after(0, resolve));
    return { attempt, aborted: signal.aborted };
  },
});

describe("a handler that blocks the event loop for longer than its lease", () => {
  it("keeps its lease, because another thread renews it, and ends its operation in the first attempt", async () => {
    const folder = mkdtempSync(join(tmpdir(), "longrunning-blocked-"));
    const store = `sqlite:${join(folder, "operations.db")}`;
    const operations = await openOperations({ methods: [compute], store, lease: `${LEASE_MS}ms` });
    const { name } = await operations.start(compute, {});
    const done = await operations.wait(name, { method: compute, timeout: "30s" });
    assert.deepEqual(done.response, { attempt: 1, aborted: false });
    await operations.stop();
    rmSync(folder, { recursive: true });
  });
});
