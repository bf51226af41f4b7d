import assert from "node:assert/strict";
import { test } from "node:test";
import { isUnderValue } from "../any.ts";
import { STANDARD_TYPES } from "./registry.ts";

test("STANDARD_TYPES has the error details and the well-known types that an Any may contain (contract 1.5, 1.6)", () => {
  const details =
    "ErrorInfo RetryInfo DebugInfo QuotaFailure PreconditionFailure BadRequest RequestInfo ResourceInfo Help LocalizedMessage";
  for (const name of details.split(" ")) assert.ok(STANDARD_TYPES.getMessage(`google.rpc.${name}`), name);
  const special = "Any Duration FieldMask ListValue Struct Timestamp Value BytesValue Int64Value BoolValue";
  for (const name of special.split(" ")) {
    assert.ok(STANDARD_TYPES.getMessage(`google.protobuf.${name}`), name);
    assert.ok(isUnderValue(`google.protobuf.${name}`), name);
  }
  assert.ok(STANDARD_TYPES.getMessage("google.longrunning.Operation"));
});
