import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { defineMethod, type Method } from "../core/method/method.ts";
import type { Schema } from "../core/method/schema.ts";
import { systemClock } from "../core/ports/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { Validations } from "../core/method/validation.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { anOperation } from "../testing/an-operation.ts";
import { settled } from "../testing/manual-clock.ts";
import { type AttemptContext, createContext } from "./context.ts";

const percent = z.object({ percent: z.number().max(100) });

function openContext(
  metadata?: Schema<Record<string, unknown>>,
  validations = new Validations(systemClock),
): AttemptContext & { reported: string[] } {
  const method: Method = defineMethod({
    name: "createArchive",
    request: z.object({}),
    metadata,
    run: () => {},
  });
  const reported: string[] = [];
  const operation = anOperation({ parent: "projects/p", id: "x", attempt: 2 });
  const { signal } = new AbortController();
  const report = ({ json }: { json: string }): void => void reported.push(json);
  return { ...createContext({ method, operation, signal, report, validations }), reported };
}

suite("createContext()", () => {
  test("close() waits a limited time for a schema that never answers", async () => {
    const clock = new ManualClock();
    const silent = z.object({}).refine(() => new Promise<boolean>(() => {}));
    const { context, close } = openContext(silent, new Validations(clock));
    context.report({});
    const closed = assert.rejects(close(), /The schema gave no answer within 10s/);
    await clock.advance(LIMITS.validationMsMax);
    await closed;
  });

  test("has the caller that started the operation, or null if the record has none", () => {
    assert.deepEqual(openContext().context.caller, { principal: "anonymous", tenant: null });
    const [operation, { signal }] = [anOperation({ caller: null }), new AbortController()];
    const method: Method = defineMethod({ name: "m", request: z.object({}), run: () => {} });
    assert.equal(createContext({ method, operation, signal, report: () => {} }).context.caller, null);
  });

  test("has name and attempt, and can be destructured", () => {
    const { context, reported } = openContext(percent);
    const taken = { ...context };
    taken.report({ percent: 1 });
    assert.deepEqual(
      [taken.name, taken.attempt, reported],
      ["projects/p/operations/x", 2, ['{"percent":1}']],
    );
  });

  test("report() refuses invalid metadata, and names the field", () => {
    const { context, reported } = openContext(percent);
    assert.throws(
      () => context.report({ percent: 101 }),
      /^TypeError: Progress of "createArchive": percent: /,
    );
    assert.deepEqual(reported, []);
  });

  for (const [what, value, expected] of [
    ["a field of the service", { state: "DONE" }, /"state" is filled by the service; use another name/],
    ["null", null, /expected an object, got null/],
    ["a string", "text", /expected an object, got string/],
    ["an array", [1], /expected an object or nothing, got an array/],
    ["what JSON cannot hold", { count: 1n }, /BigInt/],
  ] as const) {
    test(`report() refuses ${what}`, () => {
      const { context } = openContext();
      assert.throws(() => context.report(value), { name: "TypeError", message: expected });
    });
  }

  test("report() takes a copy of the object's current contents", () => {
    const { context, reported } = openContext();
    const value = { percent: 1 };
    context.report(value);
    value.percent = 2;
    assert.deepEqual(reported, ['{"percent":1}']);
  });

  test("report() does nothing after close()", async () => {
    const { context, close, reported } = openContext();
    await close();
    context.report({ percent: 1 });
    assert.deepEqual(reported, []);
  });
});

suite("a schema that validates asynchronously", () => {
  test("one validation runs, one value waits, and the newest wins", async () => {
    let validations = 0;
    const slow: Schema<Record<string, unknown>> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: async (value) => {
          validations++;
          await settled(1);
          return { value: value as Record<string, unknown> };
        },
      },
    };
    const { context, close, reported } = openContext(slow);
    for (let each = 0; each <= 100; each++) context.report({ percent: each });
    assert.equal(validations, 1);
    await close();
    assert.equal(validations, 2);
    assert.deepEqual(reported, ['{"percent":0}', '{"percent":100}']);
  });

  test("close() throws the validation's error, once it is known", async () => {
    const { context, close, reported } = openContext(percent.refine(() => Promise.resolve(false)));
    context.report({ percent: 1 });
    context.report({ percent: 2 });
    await assert.rejects(close(), TypeError);
    assert.deepEqual(reported, []);
  });
});
