import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { defineMethod } from "../core/method/method.ts";
import { openTestWorker } from "./test-worker.suite.ts";

suite("context.lastReport", () => {
  test("is the last report of the previous attempt, and null for the first", async () => {
    const found: unknown[] = [];
    const method = defineMethod({
      name: "copy",
      request: z.object({}),
      metadata: z.object({ copied: z.number(), since: z.date().optional() }),
      retry: { attempts: 3, initialDelay: "1s" },
      run: (_request, { attempt, lastReport, report }) => {
        found.push(lastReport);
        if (lastReport !== null) lastReport satisfies { copied: number; since?: string | undefined };
        if (attempt === 3) return;
        report({ copied: attempt });
        if (attempt === 1) report({ copied: 10, since: new Date(0) });
        throw new Error("again");
      },
    });
    await using opened = await openTestWorker([method]);
    opened.worker.start();
    await opened.engine.operations.start(ANONYMOUS, { method: "copy", request: {} });
    await opened.events.until("attempt.ended");
    await opened.clock.advance(60_000);
    await opened.events.until("attempt.ended", 2);
    await opened.clock.advance(60_000);
    await opened.events.until("attempt.ended", 3);
    assert.deepEqual(found, [null, { copied: 10, since: "1970-01-01T00:00:00.000Z" }, { copied: 2 }]);
  });

  test("is unchanged while this attempt reports, and cannot be modified", async () => {
    const found: unknown[] = [];
    const method = defineMethod({
      name: "copy",
      request: z.object({}),
      metadata: z.object({ pages: z.array(z.string()) }),
      retry: { attempts: 2, initialDelay: "1s" },
      run: (_request, context) => {
        context.report({ pages: [`attempt ${context.attempt}`] });
        if (context.attempt === 1) throw new Error("again");
        context.lastReport?.pages.push("changed");
        found.push(context.lastReport);
      },
    });
    await using opened = await openTestWorker([method]);
    opened.worker.start();
    await opened.engine.operations.start(ANONYMOUS, { method: "copy", request: {} });
    await opened.events.until("attempt.ended");
    await opened.clock.advance(60_000);
    await opened.events.until("attempt.ended", 2);
    assert.deepEqual(found, [{ pages: ["attempt 1"] }]);
  });
});
