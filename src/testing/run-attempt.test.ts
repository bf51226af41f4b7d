import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { StatusError } from "../core/error/error.ts";
import { AttemptAborted, defineMethod } from "../core/method/method.ts";
import { runAttempt } from "./run-attempt.ts";

const copy = defineMethod({
  name: "copy",
  request: z.object({ from: z.string(), times: z.number().default(2) }),
  response: z.object({ copies: z.array(z.string()) }),
  metadata: z.object({ copied: z.number() }),
  run({ from, times }, { attempt, lastReport, caller, name, signal, report }) {
    if (from === "nowhere") throw new StatusError("NOT_FOUND", "There is nothing.");
    const copies: string[] = [];
    for (let copied = lastReport?.copied ?? 0; copied < times; copied++) {
      copies.push(`${from} ${attempt} ${caller?.principal} ${name.split("operations/")[0]}`);
      report({ copied: copied + 1 });
      signal.throwIfAborted();
    }
    return from === "odd" ? ({ copies: 7 } as never) : { copies };
  },
});

describe("runAttempt()", () => {
  it("returns the response and all reports, with the defaults of the schema", async () => {
    const { response, reports } = await runAttempt(copy, { from: "a" });
    assert.deepEqual(response.copies, ["a 1 anonymous ", "a 1 anonymous "]);
    assert.deepEqual(reports, [{ copied: 1 }, { copied: 2 }]);
  });

  it("is a later attempt for another caller, if the test says so", async () => {
    const caller = { principal: "user:ada", tenant: null };
    const options = { attempt: 2, lastReport: { copied: 1 }, caller, parent: "projects/p" };
    const { response } = await runAttempt(copy, { from: "a" }, options);
    assert.deepEqual(response, { copies: ["a 2 user:ada projects/p/"] });
  });

  it("rejects with the handler's error, and with the reason of its signal", async () => {
    await assert.rejects(runAttempt(copy, { from: "nowhere" }), { code: "NOT_FOUND" });
    const stop = new AbortController();
    const onReport = (): void => stop.abort(new AttemptAborted("cancelled"));
    const stopped = runAttempt(copy, { from: "a" }, { signal: stop.signal, onReport });
    await assert.rejects(stopped, { name: "AbortError", why: "cancelled" });
  });

  it("refuses invalid requests, reports and responses", async () => {
    await assert.rejects(runAttempt(copy, { from: 7 } as never), { reason: "REQUEST_INVALID" });
    await assert.rejects(runAttempt(copy, { from: "odd" }), /^TypeError: Response of "copy": .*copies/);
    const report = defineMethod({
      name: "reports",
      request: z.object({}),
      metadata: z.object({ copied: z.number() }),
      run: (_, context) => context.report({ copied: "one" } as never),
    });
    await assert.rejects(runAttempt(report, {}), /^TypeError: Progress of "reports": .*copied/);
  });

  it("has no response for a method without one", async () => {
    const clean = defineMethod({ name: "clean", request: z.object({}), run: () => {} });
    assert.deepEqual(await runAttempt(clean, {}), { response: null, reports: [] });
  });
});
