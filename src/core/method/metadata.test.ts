import assert from "node:assert/strict";
import { test } from "node:test";
import { SERVICE_METADATA_FIELDS } from "./metadata.ts";

test("the service's fields have the names that gcloud's tables show (contract 6.10)", () => {
  for (const field of ["createTime", "target", "verb", "endTime"] as const) {
    assert.ok(SERVICE_METADATA_FIELDS.includes(field), field);
  }
});

test("progress comes from the handler", () => {
  const fields: readonly string[] = SERVICE_METADATA_FIELDS;
  assert.ok(!fields.includes("progressPercent"));
  assert.ok(!fields.includes("statusMessage"));
});
