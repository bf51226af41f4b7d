import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import {
  type Context,
  defineMethod,
  isMethod,
  type MethodOptions,
  type RequestOf,
  type ResponseOf,
} from "./method.ts";

const request = z.object({ directory: z.string() });
const nothing = (): void => {};

describe("defineMethod()", () => {
  it("fills in the defaults", () => {
    const method = defineMethod({ name: "clean", request, run: nothing });
    assert.equal(method.retry.attempts, 3);
    assert.equal(method.deadlineMs, null);
    assert.equal(method.concurrency, null);
    assert.equal(method.parallel, null);
    assert.deepEqual(method.timeToLive, { defaultMs: 2_592_000_000, minMs: 1_000, maxMs: 2_592_000_000 });
    assert.equal(method.target({ directory: "d" }), "");
    assert.ok(isMethod(method));
  });

  it("keeps a time to live below a second", () => {
    const method = defineMethod({ name: "clean", request, run: nothing, timeToLive: { default: "500ms" } });
    assert.deepEqual(method.timeToLive, { defaultMs: 500, minMs: 500, maxMs: 500 });
  });

  const wrong: [string, Partial<MethodOptions>, RegExp][] = [
    ["a name that is no identifier", { name: "Create-Archive" }, /Method name: expected lowerCamelCase/],
    ["a name that operations use", { name: "cancel" }, /"cancel" belongs to the Operations service/],
    [
      "a concurrency of zero",
      { concurrency: 0 },
      /concurrency: expected a whole number, 1 or greater, got 0/,
    ],
    ["the name of the call that starts many", { name: "startOperations" }, /"startOperations" belongs to/],
    [
      "a limit of parallel operations of zero",
      { parallel: { when: "queue", limit: 0 } },
      /^TypeError: clean: parallel/,
    ],
    ["a deadline that is no duration", { deadline: "soon" as never }, /clean: deadline: expected a duration/],
    [
      "a default time to live above the longest",
      { timeToLive: { default: "2d", max: "1d" } },
      /in this order/,
    ],
    ["a time to live of a century", { timeToLive: { default: "36500d" } }, /3650d at most/],
  ];
  for (const [what, options, message] of wrong) {
    it(`refuses ${what}`, () => {
      assert.throws(() => defineMethod({ name: "clean", request, run: nothing, ...options }), message);
    });
  }

  it("infers request, response and metadata from zod, valibot and arktype alike", () => {
    const withZod = defineMethod({
      name: "a",
      request: z.object({ count: z.number().default(1) }),
      response: z.object({ total: z.number() }),
      metadata: z.object({ progressPercent: z.number() }),
      run(input, context) {
        context.report({ progressPercent: 50 });
        return { total: input.count satisfies number };
      },
    });
    const withValibot = defineMethod({
      name: "b",
      request: v.object({ count: v.number() }),
      response: v.object({ total: v.number() }),
      run: (input) => ({ total: input.count }),
    });
    const withArktype = defineMethod({
      name: "c",
      request: type({ count: "number" }),
      response: type({ total: "number" }),
      run: async (input) => ({ total: input.count }),
    });
    // A schema's input and output differ: fields that a caller may omit, a handler may rely on.
    ({}) satisfies RequestOf<
      typeof withZod extends { request: unknown } ? z.ZodObject<{ count: z.ZodDefault<z.ZodNumber> }> : never
    >;
    ({ total: 1 }) satisfies ResponseOf<v.ObjectSchema<{ total: v.NumberSchema<undefined> }, undefined>>;
    for (const method of [withZod, withValibot, withArktype]) {
      const context = { report: nothing } as unknown as Context;
      assert.ok(method.run({ count: 2 }, context) instanceof Object);
    }
  });

  it("does not compile if the handler's result does not match the response", () => {
    const response = z.object({ total: z.number() });
    // @ts-expect-error total is a number
    defineMethod({ name: "d", request, response, run: () => ({ total: "1" }) });
    // @ts-expect-error a method without a response returns nothing
    defineMethod({ name: "e", request, run: () => ({ total: 1 }) });
    // @ts-expect-error directory is a string
    defineMethod({ name: "f", request, run: (input) => void (input.directory satisfies number) });
    assert.ok(true);
  });
});
