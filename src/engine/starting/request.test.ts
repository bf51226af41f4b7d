import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { StatusError } from "../../core/error/error.ts";
import { defineMethod } from "../../core/method/method.ts";
import { parseJson } from "../../core/value/number-source.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Schema } from "../../core/method/schema.ts";
import { Validations } from "../../core/method/validation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import {
  delayOf,
  isValidateOnly,
  parallelKeyOf,
  parallelLimitReached,
  priorityOf,
  requestIdOf,
  requestText,
  targetOf,
  timeToLiveOf,
  validateRequest,
} from "./request.ts";

const method = (request: Schema) =>
  defineMethod({ name: "pack", request, timeToLive: { default: "1h", min: "1m", max: "1d" }, run: () => {} });

const clock = new ManualClock();
const validations = new Validations(clock);

describe("validateRequest()", () => {
  it("distinguishes a failing schema from an invalid request", async () => {
    const failing = z.object({}).transform(() => assert.fail("broken"));
    await assert.rejects(validateRequest(method(failing), {}, validations), {
      code: "INTERNAL",
      reason: "METHOD_FAILED",
      metadata: { method: "pack", part: "request" },
      cause: new assert.AssertionError({ message: "broken", operator: "fail" }),
    });
    const refusing = z.object({}).transform(() => {
      throw new StatusError("PERMISSION_DENIED", "Not you.");
    });
    await assert.rejects(validateRequest(method(refusing), {}, validations), { code: "PERMISSION_DENIED" });
  });

  it("has a timeout for a schema that never answers", async () => {
    const silent = z.object({}).refine(() => new Promise<boolean>(() => {}));
    const failed = assert.rejects(validateRequest(method(silent), {}, validations), {
      reason: "METHOD_FAILED",
      cause: new Error("The schema gave no answer within 10s"),
    });
    await clock.advance(LIMITS.validationMsMax);
    await failed;
  });

  const schemas: [string, Schema][] = [
    ["zod", z.object({ files: z.array(z.object({ name: z.string() })) })],
    ["valibot", v.object({ files: v.array(v.object({ name: v.string() })) })],
    ["arktype", type({ files: type({ name: "string" }).array() })],
  ];
  for (const [vendor, schema] of schemas) {
    it(`reports the issues of ${vendor} as field violations`, async () => {
      await assert.rejects(
        validateRequest(method(schema), { files: [{ name: "a" }, { name: 7 }] }, validations),
        (error: unknown) => {
          assert.ok(error instanceof StatusError);
          assert.equal(error.code, "INVALID_ARGUMENT");
          assert.equal(error.reason, "REQUEST_INVALID");
          const violations = error.details[0]?.["fieldViolations"] as { field: string }[];
          assert.equal(violations[0]?.field, "files[1].name");
          return true;
        },
      );
    });
  }

  it("returns the schema's output, which the handler will see", async () => {
    const schema = z.object({ level: z.number().default(6) });
    assert.deepEqual(await validateRequest(method(schema), {}, validations), { level: 6 });
  });
});

describe("requestIdOf()", () => {
  const start = { method: "pack", request: {} };
  it("uses the call's, otherwise the request's if the schema kept one, otherwise none", () => {
    assert.equal(requestIdOf({ ...start, requestId: "a" }, {}), "a");
    assert.equal(requestIdOf(start, { requestId: "b" }), "b");
    assert.equal(requestIdOf(start, { requestId: "" }), null);
    assert.equal(requestIdOf(start, "text"), null);
  });

  it("refuses two different ones, an empty one, and one that is too long", () => {
    const refused = { reason: "REQUEST_ID_INVALID" };
    assert.throws(() => requestIdOf({ ...start, requestId: "a" }, { requestId: "b" }), refused);
    assert.throws(() => requestIdOf({ ...start, requestId: "" }, {}), refused);
    assert.throws(() => requestIdOf({ ...start, requestId: "x".repeat(129) }, {}), refused);
  });

  it("refuses ambiguous ids: with control characters, lone surrogates, or of other types", () => {
    for (const requestId of [
      "p\0q",
      "a\n",
      "\u007F",
      "a\u0085b",
      "\uD800",
      "😀\uDC00",
      5 as unknown as string,
    ]) {
      const refused = { code: "INVALID_ARGUMENT", reason: "REQUEST_ID_INVALID" };
      assert.throws(() => requestIdOf({ ...start, requestId }, {}), refused, JSON.stringify(requestId));
      if (typeof requestId === "string") assert.throws(() => requestIdOf(start, { requestId }), refused);
    }
    assert.throws(() => requestIdOf({ ...start, requestId: "a\0" }, {}), /the control character U\+0000\.$/);
    assert.equal(requestIdOf({ ...start, requestId: "ü 😀\u00A0" }, {}), "ü 😀\u00A0");
  });
});

describe("requestText()", () => {
  it("is the same for the same request, and refuses values without a JSON form, with their places", () => {
    assert.equal(
      requestText({ name: "m" }, { b: 1, a: new Date(0) }),
      '{"a":"1970-01-01T00:00:00.000Z","b":1}',
    );
    assert.throws(() => requestText({ name: "m" }, { a: [Number.NaN] }), {
      reason: "REQUEST_INVALID",
      message: "Invalid request for m: a[0]: JSON has no NaN.",
    });
  });

  it("refuses a number that was rounded when it was read", () => {
    const request = parseJson('{"a":[9007199254740993]}');
    assert.throws(() => requestText({ name: "m" }, request), {
      reason: "REQUEST_INVALID",
      message: /a\[0\]: the number 9007199254740993 cannot be kept exactly/,
    });
    assert.equal(requestText({ name: "m" }, parseJson('{"a":9007199254740992}')), '{"a":9007199254740992}');
  });
});

function target(name: string): string {
  return targetOf({ name: "m", target: () => name }, {});
}

describe("targetOf()", () => {
  it("refuses invalid names", () => {
    assert.equal(target("projects/ü/archives/a"), "projects/ü/archives/a");
    assert.throws(() => target("a\0"), {
      code: "INVALID_ARGUMENT",
      reason: "REQUEST_INVALID",
      message: /target .* U\+0000/,
    });
    assert.throws(() => target("\uD800"), { reason: "REQUEST_INVALID" });
    assert.throws(() => target("x".repeat(1_025)), /it has 1025 characters, and may have 1024/);
  });
});

const BROKEN = defineMethod({
  name: "m",
  request: z.object({}),
  parallel: { key: () => assert.fail("broken"), when: "queue" },
  run() {},
});

describe("ofMethod()", () => {
  it("names the part of the method that failed, for readers of the log", () => {
    assert.throws(() => parallelKeyOf(BROKEN, {}), {
      reason: "METHOD_FAILED",
      metadata: { method: "m", part: "parallel.key" },
    });
    const odd = defineMethod({ name: "m", request: z.object({}), target: () => ({}) as never, run() {} });
    assert.throws(() => targetOf(odd, {}), {
      code: "INTERNAL",
      reason: "METHOD_FAILED",
      metadata: { method: "m", part: "target" },
      cause: new TypeError("m: target: expected it to give a text, got an object with nothing in it"),
    });
    const promised = defineMethod({
      name: "m",
      request: z.object({}),
      target: async () => "a",
      run() {},
    } as never);
    assert.throws(() => targetOf(promised, {}), { reason: "METHOD_FAILED" });
  });
});

describe("isValidateOnly()", () => {
  it("considers the call's option and the request's field", () => {
    assert.equal(isValidateOnly({ method: "pack", request: {} }, {}), false);
    assert.equal(isValidateOnly({ method: "pack", request: {}, validateOnly: true }, {}), true);
    assert.equal(isValidateOnly({ method: "pack", request: {} }, { validateOnly: true }), true);
  });
});

describe("timeToLiveOf()", () => {
  it("stays within the method's bounds", () => {
    const pack = method(z.object({}));
    assert.equal(timeToLiveOf({ method: "pack", request: {} }, pack), 3_600_000);
    assert.equal(timeToLiveOf({ method: "pack", request: {}, timeToLiveMs: 86_400_000 }, pack), 86_400_000);
    for (const timeToLiveMs of [59_999, 86_400_001, Number.NaN]) {
      const start = { method: "pack", request: {}, timeToLiveMs };
      assert.throws(() => timeToLiveOf(start, pack), /expected 60s to 86400s, got/);
    }
  });
});

describe("delayOf() and priorityOf()", () => {
  it("accept values within the limits, and missing ones", () => {
    assert.deepEqual(
      [delayOf({}), delayOf({ delayMs: 0 }), delayOf({ delayMs: 31_536_000_000 })],
      [0, 0, 31_536_000_000],
    );
    assert.equal(delayOf({ delayMs: 1.4 }), 1);
    assert.deepEqual([priorityOf({}), priorityOf({ priority: -0 }), priorityOf({ priority: 9 })], [0, 0, 9]);
  });

  it("refuse anything else, with the limit and the value", () => {
    for (const delayMs of [-1, 31_536_000_001, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => delayOf({ delayMs }), { code: "INVALID_ARGUMENT", reason: "DELAY_INVALID" });
    assert.throws(
      () => delayOf({ delayMs: -1_500 }),
      /^StatusError: Invalid delay: expected 0s to 31536000s, got -1\.5s\.$/,
    );
    for (const priority of [-1, 10, 1.5, Number.NaN])
      assert.throws(() => priorityOf({ priority }), { code: "INVALID_ARGUMENT", reason: "PRIORITY_INVALID" });
    assert.throws(
      () => priorityOf({ priority: 10 }),
      /Invalid priority: expected a whole number from 0 to 9, got 10\./,
    );
  });
});

/** Methods with one limit for all requests, and with a limit for each name in the request. */
const LIMITED = defineMethod({ name: "pack", request: z.object({}), parallel: { when: "queue" }, run() {} });
const LIMITED_BY_NAME = defineMethod({
  name: "pack",
  request: z.object({ name: z.string() }),
  parallel: { key: ({ name }) => name, when: "queue" },
  run() {},
});

describe("parallelKeyOf()", () => {
  it("is null without a limit, and otherwise the method's function of the request", () => {
    assert.equal(parallelKeyOf(method(z.object({})), {}), null);
    assert.equal(parallelKeyOf(LIMITED, {}), "");
    assert.equal(parallelKeyOf(LIMITED_BY_NAME, { name: "a" }), "a");
  });

  it("refuses a request whose key is too long, counted in characters, not code units", () => {
    assert.equal(parallelKeyOf(LIMITED_BY_NAME, { name: "😀".repeat(256) })?.length, 512);
    assert.throws(() => parallelKeyOf(LIMITED_BY_NAME, { name: "a".repeat(257) }), {
      code: "INVALID_ARGUMENT",
      reason: "REQUEST_INVALID",
      message: /257/,
    });
  });

  it("refuses a request whose key is not plain text, because it could be confused with another", () => {
    for (const name of ["a\0", "a\uFFFD\uD800", "\u009F"]) {
      const refused = {
        code: "INVALID_ARGUMENT",
        reason: "REQUEST_INVALID",
        message: /the key that is made of it/,
      };
      assert.throws(() => parallelKeyOf(LIMITED_BY_NAME, { name }), refused);
    }
  });
});

test("parallelLimitReached() names method, key and limit", () => {
  const error = parallelLimitReached("pack", "disk/1", 1);
  assert.ok(error instanceof StatusError);
  assert.deepEqual([error.code, error.reason], ["ABORTED", "PARALLEL_LIMIT_REACHED"]);
  assert.deepEqual(error.metadata, { method: "pack", key: "disk/1", limit: "1" });
  assert.match(
    error.message,
    /"pack" allows 1 operation in parallel with the key "disk\/1", and 1 is not done/,
  );
  assert.match(
    parallelLimitReached("pack", "", 3).message,
    /"pack" allows 3 operations in parallel, and 3 are not done/,
  );
});
