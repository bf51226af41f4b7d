import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { StatusError } from "../core/error.ts";
import { defineMethod } from "../core/method.ts";
import type { Schema } from "../core/schema.ts";
import { isValidateOnly, requestIdOf, timeToLiveOf, validateRequest } from "./request.ts";

const method = (request: Schema) =>
  defineMethod({ name: "pack", request, timeToLive: { default: "1h", min: "1m", max: "1d" }, run: () => {} });

describe("validateRequest()", () => {
  const schemas: [string, Schema][] = [
    ["zod", z.object({ files: z.array(z.object({ name: z.string() })) })],
    ["valibot", v.object({ files: v.array(v.object({ name: v.string() })) })],
    ["arktype", type({ files: type({ name: "string" }).array() })],
  ];
  for (const [vendor, schema] of schemas) {
    it(`tells what ${vendor} finds wrong as field violations`, async () => {
      await assert.rejects(
        validateRequest(method(schema), { files: [{ name: "a" }, { name: 7 }] }),
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

  it("gives the schema's output, which the handler will see", async () => {
    const schema = z.object({ level: z.number().default(6) });
    assert.deepEqual(await validateRequest(method(schema), {}), { level: 6 });
  });
});

describe("requestIdOf()", () => {
  const start = { method: "pack", request: {} };
  it("takes the call's, else the request's where the schema kept one, else none", () => {
    assert.equal(requestIdOf({ ...start, requestId: "a" }, {}), "a");
    assert.equal(requestIdOf(start, { requestId: "b" }), "b");
    assert.equal(requestIdOf(start, { requestId: "" }), null);
    assert.equal(requestIdOf(start, "text"), null);
  });

  it("refuses two that differ, an empty one, and one that is too long", () => {
    const refused = { reason: "REQUEST_ID_INVALID" };
    assert.throws(() => requestIdOf({ ...start, requestId: "a" }, { requestId: "b" }), refused);
    assert.throws(() => requestIdOf({ ...start, requestId: "" }, {}), refused);
    assert.throws(() => requestIdOf({ ...start, requestId: "x".repeat(129) }, {}), refused);
  });
});

describe("isValidateOnly()", () => {
  it("counts the call's wish and the request's field", () => {
    assert.equal(isValidateOnly({ method: "pack", request: {} }, {}), false);
    assert.equal(isValidateOnly({ method: "pack", request: {}, validateOnly: true }, {}), true);
    assert.equal(isValidateOnly({ method: "pack", request: {} }, { validateOnly: true }), true);
  });
});

describe("timeToLiveOf()", () => {
  it("keeps to the method's bounds", () => {
    const pack = method(z.object({}));
    assert.equal(timeToLiveOf({ method: "pack", request: {} }, pack), 3_600_000);
    assert.equal(timeToLiveOf({ method: "pack", request: {}, timeToLiveMs: 86_400_000 }, pack), 86_400_000);
    for (const timeToLiveMs of [59_999, 86_400_001, Number.NaN]) {
      const start = { method: "pack", request: {}, timeToLiveMs };
      assert.throws(() => timeToLiveOf(start, pack), /expected 60s to 86400s, got/);
    }
  });
});
