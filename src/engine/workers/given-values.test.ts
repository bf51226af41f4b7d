import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../../core/method/method.ts";
import { remote } from "../../core/method/remote.ts";
import { Validations } from "../../core/method/validation.ts";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { GivenValues } from "./given-values.ts";
import { struct } from "./workers.suite.ts";

const values = new GivenValues(new Validations(new ManualClock()));
const loose = defineMethod({
  name: "loose",
  request: z.object({}),
  response: z.looseObject({ size: z.string().transform(Number).default(7) }),
  run: remote(),
});

test("a response is the value that its schema returns", async () => {
  assert.deepEqual(await values.response(loose, struct({ size: "3" })), struct({ size: 3 }));
  assert.deepEqual(await values.response(loose, struct({})), struct({ size: 7 }));
});

test("responses and reports have the same limits as those of handlers", async () => {
  const large = struct({ text: "x".repeat(LIMITS.payloadBytesMax) });
  const deep = struct(JSON.parse(`${'{"a":'.repeat(33)}1${"}".repeat(33)}`) as object);
  for (const given of [large, deep]) {
    await assert.rejects(values.response(loose, given), { reason: "ATTEMPT_RESPONSE_INVALID" });
    await assert.rejects(values.metadata(loose, given), { reason: "ATTEMPT_METADATA_INVALID" });
  }
});

test("a report must not have members that the service sets", async () => {
  await assert.rejects(values.metadata(loose, struct({ createTime: "now" })), {
    reason: "ATTEMPT_METADATA_INVALID",
    message: /"createTime" is filled by the service/,
  });
  assert.deepEqual(await values.metadata(loose, struct({ done: 1 })), struct({ done: 1 }));
});

test("a value is refused if its schema throws", async () => {
  const broken = defineMethod({
    name: "broken",
    request: z.object({}),
    response: z.object({}).transform((): { a: 1 } => {
      throw new Error("no database");
    }),
    run: remote(),
  });
  await assert.rejects(values.response(broken, struct({})), {
    reason: "ATTEMPT_RESPONSE_INVALID",
    message: /no database/,
  });
});

test("the refusal of a completion without a response uses no terms of JavaScript", async () => {
  await assert.rejects(values.response(loose, undefined), {
    reason: "ATTEMPT_RESPONSE_INVALID",
    message: "Invalid response of loose: the method declares one, got nothing",
  });
});
