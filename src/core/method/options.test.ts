import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { defineMethod } from "./method.ts";
import { checkMethodOptions, deadlineMs, timeToLive } from "./options.ts";

const request = z.object({});
const good = { name: "m", request, run: () => {} };

describe("checkMethodOptions()", () => {
  it("accepts everything that a method can have, and undefined options", () => {
    const all = defineMethod({
      ...good,
      description: "",
      response: z.object({}),
      metadata: z.object({ progressPercent: z.number(), statusMessage: z.string() }),
      retry: { attempts: 1, initialDelay: "2m", codes: ["ABORTED"] },
      deadline: "1h",
      timeToLive: { default: "1h" },
      concurrency: 5,
      parallel: { when: "queue" },
      target: () => "",
      run: () => ({}),
    });
    assert.equal(all.retry.maxDelayMs, 120_000);
    checkMethodOptions({ ...good, description: undefined, target: undefined } as never, { rpc: undefined });
  });

  it("names the option, its allowed values and the given value", () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /^defineMethod: expected an object such as \{ name, request, run \}, got undefined$/],
      [{ ...good, name: undefined }, /Method name: expected lowerCamelCase .*, got undefined$/],
      [{ ...good, name: 5 }, /got 5$/],
      [{ ...good, description: 5 }, /^m: description: expected a text, got 5$/],
      [{ ...good, run: "run" }, /^m: run: .*, got "run"$/],
      [{ ...good, request: z.array(z.string()) }, /^m: request: expected a schema of an object.*array$/],
      [{ ...good, concurrency: -5 }, /^m: concurrency: expected a whole number, 1 or greater, got -5$/],
      [{ ...good, concurrency: "5" }, /got "5"$/],
      [{ ...good, concurrency: Number.NaN }, /got NaN$/],
      [{ ...good, handler: good.run }, /no option "handler" \(did you mean "run"\?\)/],
      [{ ...good, parent: "" }, /no option "parent"; there are name, /],
    ];
    for (const [options, message] of wrong)
      assert.throws(
        () => defineMethod(options as never),
        (error) => error instanceof TypeError && message.test(error.message),
      );
  });
});

describe("deadlineMs() and timeToLive()", () => {
  it("stay within the range of clocks", () => {
    assert.deepEqual([deadlineMs("m", undefined), deadlineMs("m", "1ms")], [null, 1]);
    for (const deadline of ["0s", "999999999999d", "4000d"] as const)
      assert.throws(
        () => deadlineMs("m", deadline),
        /^TypeError: m: deadline: expected more than 0s, and 3650d/,
      );
    assert.throws(() => deadlineMs("m", Number.NaN as never), /expected a duration/);
    assert.throws(
      () => timeToLive("m", { max: "999999999999d" }),
      /m: timeToLive\.max: expected 3650d at most/,
    );
    assert.throws(() => timeToLive("m", [] as never), /m: timeToLive: expected an object/);
  });
});
