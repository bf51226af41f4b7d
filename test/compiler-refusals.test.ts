import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { defineMethod, openOperations, type TypedOperation } from "../src/index.ts";
import type { OperationOf } from "../src/client/index.ts";

/**
 * Declarations that the compiler accepts and refuses. `npm run check` compiles this file; the code
 * after each `@ts-expect-error` is also refused when it runs.
 */

const request = z.object({ number: z.number() });
const run = (): void => {};

const dated = defineMethod({
  name: "dated",
  request,
  response: z.object({
    at: z.date(),
    count: z.string().transform(Number),
    left: z.string().optional(),
    list: z.array(z.object({ from: z.instanceof(URL) })),
  }),
  metadata: z.object({ since: z.date() }),
  run: ({ number }) => ({
    at: new Date(number),
    count: "5",
    list: [{ from: new URL("https://a.example/") }],
  }),
});
const silent = defineMethod({ name: "silent", request: z.object({ text: z.string() }), run });

function textOf(operation: Pick<OperationOf<typeof dated>, "response">): string | undefined {
  return operation.response?.at;
}

function none(operation: Pick<TypedOperation, "response">): unknown {
  return operation.response;
}

describe("types of callers' values", () => {
  it("follow the JSON of the schemas", async () => {
    const operations = await openOperations({ methods: [dated, silent], store: "sqlite::memory:" });
    const { name } = await operations.start(dated, { number: 0 });
    const { response, metadata } = await operations.wait(name, { method: dated });
    assert.equal(response?.at satisfies string | undefined, "1970-01-01T00:00:00.000Z");
    assert.equal(response?.count satisfies number | undefined, 5);
    assert.equal(response?.left satisfies string | undefined, undefined);
    assert.equal(response?.list[0]?.from satisfies string | undefined, "https://a.example/");
    assert.equal(metadata?.since satisfies string | undefined, undefined);
    await operations.stop();
  });

  it("are unknown for a name alone", async () => {
    const operations = await openOperations({ methods: [dated], store: "sqlite::memory:" });
    const { name } = await operations.start(dated, { number: 0 });
    const { response } = await operations.wait(name);
    // @ts-expect-error nothing is known of it
    assert.equal(response.count, 5);
    await operations.stop();
  });

  it("are separate for each item of startMany()", async () => {
    const operations = await openOperations({ methods: [dated, silent], store: "sqlite::memory:" });
    const [first, second, third] = await operations.startMany([
      { method: dated, request: { number: 1 }, validateOnly: true },
      { method: silent, request: { text: "" } },
      // @ts-expect-error a text is no number
      { method: dated, request: { number: "1" } },
    ]);
    const at: string | undefined = first.operation?.response?.at;
    const nothing: null | undefined = second.operation?.response;
    assert.deepEqual([at, nothing, third.error?.reason], [undefined, null, "REQUEST_INVALID"]);
    const many = await operations.startMany([1, 2].map((number) => ({ method: dated, request: { number } })));
    const count: number | undefined = many[0]?.operation?.response?.count;
    assert.deepEqual([many.length, count], [2, undefined]);
    await operations.stop();
  });

  it("are the same over the network", () => {
    assert.deepEqual([textOf({ response: null }), none({ response: 1 })], [undefined, 1]);
  });
});

describe("declarations that are refused, by the compiler and when they run", () => {
  const name = "m";
  const declarations: readonly (readonly [declare: () => unknown, message: RegExp])[] = [
    // @ts-expect-error nothing would be run
    [() => defineMethod({ name, request }), /^m: run: expected a function/],
    // @ts-expect-error no request
    [() => defineMethod({ name, run }), /^m: request: expected a Standard Schema .*, got undefined/],
    [
      // @ts-expect-error no schema
      () => defineMethod({ name, request: { number: "number" }, run }),
      /^m: request: .*, got an object with number/,
    ],
    [
      // @ts-expect-error no such option
      () => defineMethod({ name, request, run, timeout: "1h" }),
      /no option "timeout" \(did you mean "deadline"\?\)/,
    ],
    [
      // @ts-expect-error no such option
      () => defineMethod({ name, request, run, retries: 3 }),
      /no option "retries" \(did you mean "retry"\?\)/,
    ],
    [
      // @ts-expect-error no such option
      () => defineMethod({ name, request, run, conccurency: 3 }),
      /"conccurency" \(did you mean "concurrency"\?\)/,
    ],
    [
      // @ts-expect-error no such option
      () => defineMethod({ name, request, run, retry: { max: 3 } }),
      /m: retry: .*"max" \(did you mean "attempts"\?\)/,
    ],
    // @ts-expect-error no object
    [() => defineMethod({ name, request, run, retry: 3 }), /^m: retry: expected an object .*, got 3/],
    [
      // @ts-expect-error no code
      () => defineMethod({ name, request, run, retry: { codes: ["unavailable"] } }),
      /m: retry\.codes: .*, got "unavailable" \(did you mean "UNAVAILABLE"\?\)/,
    ],
    [
      // @ts-expect-error no object
      () => defineMethod({ name, request, run, timeToLive: "1h" }),
      /^m: timeToLive: expected an object .*, got "1h"/,
    ],
    // @ts-expect-error no such option
    [() => defineMethod({ name, request, run, timeToLive: { maximum: "1h" } }), /m: timeToLive: .*"maximum"/],
    // @ts-expect-error no function
    [() => defineMethod({ name, request, run, target: "a" }), /^m: target: expected a function .*, got "a"/],
    [
      // @ts-expect-error a list
      () => defineMethod({ name, request, response: z.array(z.string()), run: () => [] }),
      /m: response: .*array/,
    ],
    // @ts-expect-error text
    [() => defineMethod({ name, request, response: z.string(), run: () => "" }), /m: response: .*string/],
    // @ts-expect-error too large for a number
    [() => defineMethod({ name, request, response: z.bigint(), run: () => 1n }), /m: response: .*bigint/],
    // @ts-expect-error text
    [() => defineMethod({ name, request, response: z.date(), run: () => new Date() }), /m: response: .*date/],
    [
      // @ts-expect-error nothing of a Map is left in JSON
      () => defineMethod({ name, request, response: z.map(z.string(), z.string()), run: () => new Map() }),
      /m: response: .*map/,
    ],
    // @ts-expect-error text
    [() => defineMethod({ name, request, response: v.date(), run: () => new Date() }), /m: response: .*date/],
    [
      // @ts-expect-error a list
      () => defineMethod({ name, request, response: type("string[]"), run: () => [] }),
      /m: response: .*array/,
    ],
    [
      // @ts-expect-error text
      () => defineMethod({ name, request, response: type("Date"), run: () => new Date() }),
      /m: response: .*date/,
    ],
    [
      // @ts-expect-error filled by the service
      () => defineMethod({ name, request, metadata: z.object({ state: z.string() }), run }),
      /^m: metadata: "state" is filled by the service/,
    ],
    [
      // @ts-expect-error filled by the service
      () => defineMethod({ name, request, metadata: v.object({ createTime: v.date() }), run }),
      /^m: metadata: "createTime" is filled by the service/,
    ],
    [
      // @ts-expect-error filled by the service
      () => defineMethod({ name, request, metadata: z.object({ endTime: z.date() }), run }),
      /^m: metadata: "endTime" is filled by the service/,
    ],
    // @ts-expect-error text
    [() => defineMethod({ name, request, metadata: z.string(), run }), /m: metadata: .*string/],
  ];
  for (const [declare, message] of declarations) {
    it(message.source, () =>
      assert.throws(declare, (error) => error instanceof TypeError && message.test(error.message)),
    );
  }

  it("but not a value that may be an object or absent", () => {
    defineMethod({ name, request, response: z.any(), run: () => 1 });
    defineMethod({ name, request, response: z.unknown(), run: () => 1 });
    defineMethod({ name, request, response: z.json(), run: () => ({}) });
    defineMethod({ name, request, response: z.union([z.string(), z.object({})]), run: () => "" });
    defineMethod({ name, request, response: z.record(z.string(), z.unknown()), run: () => ({}) });
    defineMethod({ name, request, response: z.object({}).nullable(), run: () => null });
    defineMethod({ name, request, response: z.void(), run: () => {} });
    defineMethod({ name, request, response: z.string().transform((text) => ({ text })), run: () => "" });
    defineMethod({
      name,
      request,
      response: v.pipe(
        v.string(),
        v.transform((text) => ({ text })),
      ),
      metadata: z.record(z.string(), z.unknown()),
      run: () => "",
    });
  });
});
