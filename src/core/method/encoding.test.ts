import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { ManualClock } from "../../testing/manual-clock.ts";
import { encodedReport, encodedResponse } from "./encoding.ts";
import { defineMethod } from "./method.ts";
import { Validations } from "./validation.ts";

const validations = new Validations(new ManualClock());
const request = z.object({});
const method = defineMethod({
  name: "pack",
  request,
  response: z.object({ size: z.number() }),
  run: () => ({ size: 1 }),
});

test("a response is encoded, or its violations are returned", async () => {
  const payload = { type: "google.protobuf.Struct", json: '{"size":3}' };
  assert.deepEqual(await encodedResponse(method, { size: 3 }, validations), { payload });
  const wrong = await encodedResponse(method, { size: "3" }, validations);
  assert.deepEqual("issues" in wrong && wrong.issues.map(({ path }) => path), [["size"]]);
  const unwritable = defineMethod({ name: "big", request, response: z.any(), run: () => ({}) });
  assert.ok("thrown" in (await encodedResponse(unwritable, { size: 1n }, validations)));
  const silent = defineMethod({ name: "clean", request, run: () => {} });
  assert.deepEqual(await encodedResponse(silent, "anything", validations), {
    payload: { type: "google.protobuf.Empty", json: "{}" },
  });
});

test("a report is an object without the fields that the service fills", () => {
  assert.equal(encodedReport(method, { value: { percent: 1 } }).json, '{"percent":1}');
  assert.throws(() => encodedReport(method, { value: 3 }), /expected an object, got number/);
  assert.throws(() => encodedReport(method, { value: null }), /got null/);
  assert.throws(
    () => encodedReport(method, { value: { createTime: 1 } }),
    /"createTime" is filled by the service/,
  );
  assert.throws(() => encodedReport(method, { issues: [{ message: "no" }] }), /Progress of "pack": no/);
});
