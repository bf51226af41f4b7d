import assert from "node:assert/strict";
import { test } from "node:test";
import type { Method } from "../core/method/method.ts";
import { anOperation } from "../testing/an-operation.ts";
import { operationView } from "./view.ts";

test("operationView() knows the metadata types of declared methods, and no others", () => {
  const metadataShape = { type: "a.B", fields: new Map(), apiVersion: undefined };
  const methods = new Map([["known", { metadataShape } as unknown as Method]]);
  const view = operationView({ methods, pollIntervalMs: ({ attempt }) => attempt });
  assert.equal(view.apiVersion, "v1");
  assert.equal(view.pollIntervalMs(anOperation({ attempt: 7 })), 7);
  assert.equal(view.metadataShape?.("known"), metadataShape);
  assert.equal(view.metadataShape?.("unknown"), undefined);
});
